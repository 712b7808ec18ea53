package org.amana.android

import org.amana.MonotonicCounter

/**
 * A number that only grows, as the name of a Keystore entry: an entry for each number, made before the one below it goes.
 * The Keystore is in no backup, and is not put back with an app's files.
 */
internal class KeystoreCounter(private val keys: Keys) : MonotonicCounter {
    @Synchronized
    override fun read(): ULong = numbers().maxOrNull() ?: 0uL

    @Synchronized
    override fun advanceTo(number: ULong) {
        val known = numbers()
        if (known.any { it >= number }) return
        keys.makeSecret("$KIND.$number")
        known.forEach { keys.delete("$KIND.$it") }
    }

    private fun numbers() = keys.endings("$KIND.").mapNotNull { it.toULongOrNull() }

    companion object {
        const val KIND = "counter"
    }
}
