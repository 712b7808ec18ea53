package org.amana

import java.nio.file.Path
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

class WorkersTest {
    @TempDir
    lateinit var folder: Path

    private val clock = SystemClock()
    private val deviceKey = SoftwareDeviceKey()
    private val file get() = folder.resolve("wallet.amana").toString()

    @Test
    fun `slow work never runs on the caller's thread`() = runBlocking<Unit> {
        Wallet.create(file, 1u, PIN, deviceKey, clock).unlock(1u, PIN)
        assertTrue(deviceKey.callers.isNotEmpty())
        assertFalse(Thread.currentThread() in deviceKey.callers)
    }

    @Test
    fun `the caller's thread goes on meanwhile`() = runBlocking<Unit> {
        val wallet = Wallet.create(file, 1u, PIN, deviceKey, clock)
        var ticks = 0
        val ticking = launch { while (true) { delay(1); ticks += 1 } }
        wallet.unlock(1u, PIN)
        ticking.cancelAndJoin()
        assertTrue(ticks > 5) { "$ticks ticks" }
    }

    @Test
    fun `cancelling drops the wait and never half a write`() = runBlocking<Unit> {
        val wallet = Wallet.create(file, 1u, PIN, deviceKey, clock)
        val holder = wallet.unlock(1u, PIN)
        var current = PIN
        for (pause in listOf(0L, 10L, 100L)) {
            val next = "after $pause"
            // Undispatched: the work has begun when it is cancelled.
            val changing = launch(start = CoroutineStart.UNDISPATCHED) { holder.changePin(current, next) }
            delay(pause)
            changing.cancelAndJoin()
            // The change goes on to its end behind the cancelled wait: soon the new PIN opens.
            var opened = false
            for (attempt in 1..100) {
                opened = runCatching { wallet.unlock(1u, next) }.isSuccess
                if (opened) break
                delay(20)
            }
            assertTrue(opened) { "cancelled after $pause ms" }
            assertTrue(runCatching { wallet.unlock(1u, current) }.exceptionOrNull() is AmanaException.WrongPin)
            current = next
        }
        assertTrue(holder.isIntact())
        assertEquals(0, holder.cards().size)
    }
}
