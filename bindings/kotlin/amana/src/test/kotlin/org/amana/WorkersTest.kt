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

    private val file get() = folder.resolve("wallet.amana").toString()

    /** Every call that asks a port of the host. */
    @Test
    fun `a port is never called on the caller's thread`() = runBlocking<Unit> {
        val host = WatchedHost(file)
        suspend fun <T> watched(name: String, act: suspend () -> T): T {
            host.callers.clear()
            return act().also {
                assertTrue(host.callers.isNotEmpty()) { "$name asks no port" }
                assertFalse(Thread.currentThread() in host.callers) { name }
            }
        }
        val wallet = watched("create") { Wallet.create(file, 1u, PIN, host.ports) }
        watched("checkDevice") { wallet.checkDevice() }
        watched("protection") { wallet.protection() }
        val holder = watched("unlock") { wallet.unlock(1u, PIN) }
        watched("takeDoor") { wallet.takeDoorAndDestroyWhatIsBehind(2u, "2222") }
        watched("state") { holder.state() }
        watched("acknowledge") { holder.acknowledge() }
        watched("changePin") { holder.changePin(PIN, "7777") }
        watched("setPanicPin") { holder.setPanicPin("7777", "9999", null) }
        watched("unsetPanicPin") { holder.unsetPanicPin("7777") }

        val desk = Desk(folder)
        watched("loadTrust") { holder.loadTrust(desk.bundle, desk.anchor) }
        val card = watched("add") { desk.supply(holder) }
        watched("respond") { desk.serve(holder) }
        val entry = holder.history().entries.single().id()
        watched("forget") { holder.forget(entry) }
        desk.serve(holder)
        watched("forgetBefore") { holder.forgetBefore(Long.MAX_VALUE) }
        watched("keepHistory") { holder.keepHistory(false) }
        val passphrase = makePassphrase()
        val backup = watched("planBackup") { holder.planBackup(HolderKeys.STAY_BEHIND) }.seal(passphrase)
        watched("delete") { holder.delete(card) }
        watched("restore") { holder.restore(Backup.open(backup, passphrase)) }
    }

    @Test
    fun `the caller's thread goes on meanwhile`() = runBlocking<Unit> {
        val wallet = Wallet.create(file, 1u, PIN, softwareHost(file))
        var ticks = 0
        val ticking = launch { while (true) { delay(1); ticks += 1 } }
        wallet.unlock(1u, PIN)
        ticking.cancelAndJoin()
        assertTrue(ticks > 5) { "$ticks ticks" }
    }

    @Test
    fun `cancelling drops the wait and never half a write`() = runBlocking<Unit> {
        val wallet = Wallet.create(file, 1u, PIN, softwareHost(file))
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
        assertTrue(holder.state().recordsIntact)
        assertEquals(0, holder.cards().size)
    }
}
