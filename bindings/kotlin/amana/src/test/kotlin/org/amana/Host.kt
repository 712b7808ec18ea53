package org.amana

import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration
import kotlin.time.Duration.Companion.ZERO

/** An app's own ports around the library's: they see who calls, and fail or pass time where a test says so. */
class WatchedHost(file: String) : DeviceKey, MonotonicCounter, Clock {
    private val inner = softwareHost(file)

    /** The threads that called. */
    val callers: MutableSet<Thread> = ConcurrentHashMap.newKeySet()

    /** Thrown by the key's next calls, where set. */
    @Volatile var keyFailure: Exception? = null

    /** Thrown by the counter's next calls, where set. */
    @Volatile var counterFailure: Exception? = null

    /** How far this clock is ahead. */
    @Volatile var passed: Duration = ZERO

    val ports get() = WalletHost(deviceKey = this, counter = this, clock = this)

    override fun prf(key: DeviceKeyName, input: ByteArray): ByteArray = called(keyFailure) { inner.deviceKey.prf(key, input) }

    override fun replace(key: DeviceKeyName) = called(keyFailure) { inner.deviceKey.replace(key) }

    override fun protection(): Protection = called(keyFailure) { inner.deviceKey.protection() }

    override fun read(): ULong = called(counterFailure) { inner.counter.read() }

    override fun advanceTo(number: ULong) = called(counterFailure) { inner.counter.advanceTo(number) }

    override fun now(): Long = called(null) { inner.clock.now() + passed.inWholeSeconds }

    override fun elapsed(): ULong = called(null) { inner.clock.elapsed() + passed.inWholeMilliseconds.toULong() }

    private fun <T> called(failure: Exception?, act: () -> T): T {
        callers += Thread.currentThread()
        failure?.let { throw it }
        return act()
    }
}

/** A phone so slow that the cost of its PINs is the lowest: what is not about time need not take any. */
private class SlowPhone(private val inner: Clock) : Clock by inner {
    override fun elapsed(): ULong = inner.elapsed() * 100uL
}

/** A wallet with door 1 in use. */
suspend fun wallet(file: String, host: WalletHost = softwareHost(file)): Wallet {
    Wallet.create(file, 1u, PIN, host.copy(clock = SlowPhone(host.clock)))
    return Wallet.open(file, host)
}

/** The same, unlocked. */
suspend fun unlocked(file: String, host: WalletHost = softwareHost(file)): Holder = wallet(file, host).unlock(1u, PIN)
