package org.amana.sample

import java.util.Collections
import java.util.concurrent.ConcurrentHashMap
import org.amana.Clock
import org.amana.DeviceKey
import org.amana.DeviceKeyName
import org.amana.HolderKeyStore
import org.amana.HolderKeyUse
import org.amana.MonotonicCounter
import org.amana.WalletHost
import org.amana.android.androidHost
import org.amana.sample.device.AndroidPhone
import org.amana.sample.page.Page

/** The threads on which the core called a port of the host, in whatever was exported. */
object Callers {
    private val seen: MutableSet<Thread> = ConcurrentHashMap.newKeySet()

    fun note() {
        seen += Thread.currentThread()
    }

    fun forget() = seen.clear()

    fun all(): Set<Thread> = Collections.unmodifiableSet(seen)
}

/**
 * A day that does not pass, so that pictures stay the same; and a phone so slow that a PIN costs the least: what is not about time need
 * not take any. Robolectric's own clock stands still.
 */
object TestClock : Clock {
    /** 2026-11-24T12:00:00Z. */
    const val NOON = 1_795_521_600L
    const val DAY = "2026-11-24"

    /** How far the person's clock is off, in seconds. */
    @Volatile var off = 0L

    override fun now(): Long {
        Callers.note()
        return NOON + off
    }

    override fun elapsed(): ULong {
        Callers.note()
        return System.nanoTime().toULong() / 1_000_000uL * 100uL
    }
}

/** How many milliseconds a second takes that is counted down: few, and more than by the clock, so that it is seen. */
private const val SECOND_MS = 100L

class TestHolderActivity : HolderActivity() {
    override fun make(phone: AndroidPhone) = super.make(phone).also { it.second = SECOND_MS }

    override fun host(): WalletHost = watched(androidHost())

    private fun watched(host: WalletHost) = WalletHost(
        deviceKey = object : DeviceKey {
            override fun prf(key: DeviceKeyName, input: ByteArray): ByteArray = noted { host.deviceKey.prf(key, input) }

            override fun replace(key: DeviceKeyName) = noted { host.deviceKey.replace(key) }

            // What the first page asks itself, before any core: not noted.
            override fun protection() = host.deviceKey.protection()
        },
        counter = object : MonotonicCounter {
            override fun read() = noted { host.counter.read() }

            override fun advanceTo(number: ULong) = noted { host.counter.advanceTo(number) }
        },
        clock = TestClock,
        holderKeys = host.holderKeys?.let { keys ->
            object : HolderKeyStore {
                override fun make(id: ByteArray, usage: HolderKeyUse) = noted { keys.make(id, usage) }

                override fun sign(id: ByteArray, data: ByteArray) = noted { keys.sign(id, data) }

                override fun agree(id: ByteArray, peer: ByteArray) = noted { keys.agree(id, peer) }

                override fun delete(id: ByteArray) = noted { keys.delete(id) }
            }
        },
    )

    private fun <T> noted(work: () -> T): T {
        Callers.note()
        return work()
    }
}

class TestCheckActivity : CheckActivity() {
    /** The model's page, drawn or not yet. */
    val made: Page get() = model.page

    override fun clock(): Clock = TestClock
}
