package org.amana

import java.nio.file.Path
import kotlin.io.path.copyTo
import kotlin.io.path.deleteExisting
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Doors, PINs and the state of the file. */
class VaultTest {
    @TempDir
    lateinit var folder: Path

    private val path get() = folder.resolve("wallet.amana")
    private val file get() = path.toString()

    private fun ids(messages: List<Message>): List<String> = messages.map { it.id() }

    private suspend fun Wallet.refuses(door: UByte, pin: String): AmanaException.WrongPin =
        assertThrows<AmanaException.WrongPin> { runBlocking { unlock(door, pin) } }

    @Test
    fun `wrong PINs are slowed, and the waiting is told`() = runBlocking<Unit> {
        val host = WatchedHost(file)
        val wallet = wallet(file, host.ports)
        val waits = (1..5).map { wallet.refuses(1u, "0000").retryAfter }
        assertEquals(listOf(0uL, 0uL, 0uL, 0uL, 30uL), waits)
        val tooSoon = assertThrows<AmanaException.TooSoon> { runBlocking { wallet.unlock(1u, PIN) } }
        assertTrue(tooSoon.retryAfter in 1uL..30uL) { "${tooSoon.retryAfter}" }
        assertEquals("too-soon" to "wrong-pins", tooSoon.problem.code to tooSoon.problem.reason)
        host.passed += tooSoon.retryAfter.toInt().seconds
        wallet.unlock(1u, PIN)
    }

    @Test
    fun `doors do not see each other, and taking one destroys what is behind`() = runBlocking<Unit> {
        val wallet = wallet(file)
        wallet.takeDoorAndDestroyWhatIsBehind(2u, "2222")
        val desk = Desk(folder)
        val (first, second) = wallet.unlock(1u, PIN) to wallet.unlock(2u, "2222")
        val (firstCard, secondCard) = desk.supply(first) to desk.supply(second)
        assertEquals(listOf(firstCard), first.cards().map { it.id })
        assertEquals(listOf(secondCard), second.cards().map { it.id })
        wallet.refuses(1u, "2222")

        wallet.takeDoorAndDestroyWhatIsBehind(2u, "3333")
        assertEquals(0uL, wallet.refuses(2u, "2222").retryAfter)
        assertEquals(0, wallet.unlock(2u, "3333").cards().size)
        assertEquals(listOf(firstCard), first.cards().map { it.id })
    }

    @Test
    fun `a panic PIN opens the decoy and destroys its own door`() = runBlocking<Unit> {
        val wallet = wallet(file)
        wallet.takeDoorAndDestroyWhatIsBehind(2u, "2222")
        val desk = Desk(folder)
        val hidden = desk.supply(wallet.unlock(1u, PIN))
        val decoy = wallet.unlock(2u, "2222")
        val harmless = desk.supply(decoy)
        wallet.unlock(1u, PIN).setPanicPin(PIN, "9999", decoy)
        assertEquals(listOf(hidden), wallet.unlock(1u, PIN).cards().map { it.id })

        assertEquals(listOf(harmless), wallet.unlock(1u, "9999").cards().map { it.id })
        assertEquals("wrong-pin", wallet.refuses(1u, PIN).problem.code)
        assertEquals(listOf(harmless), wallet.unlock(1u, "9999").cards().map { it.id })
    }

    @Test
    fun `a panic PIN that leads nowhere opens an empty wallet, and can be unset`() = runBlocking<Unit> {
        val holder = unlocked(file)
        val same = assertThrows<AmanaException.Invalid> { runBlocking { holder.setPanicPin(PIN, PIN, null) } }
        assertEquals("panic-pin-same", same.problem.reason)
        holder.setPanicPin(PIN, "9999", null)
        holder.unsetPanicPin(PIN)
        val wallet = Wallet.open(file, softwareHost(file))
        wallet.refuses(1u, "9999")
        holder.setPanicPin(PIN, "9999", null)
        assertEquals(0, wallet.unlock(1u, "9999").cards().size)
        wallet.refuses(1u, PIN)
    }

    @Test
    fun `all is well, and it is said to be software`() = runBlocking<Unit> {
        val wallet = wallet(file)
        wallet.checkDevice()
        assertEquals(Protection.SOFTWARE, wallet.protection())
        val state = wallet.unlock(1u, PIN).state()
        assertEquals(FileAge.Newest, state.file)
        assertTrue(state.recordsIntact)
        assertNull(state.readOnly)
        assertEquals(Protection.SOFTWARE, state.protection)
        assertEquals(listOf("protection-software"), ids(state.explain))
    }

    @Test
    fun `an older copy of the file is told until it is acknowledged`() = runBlocking<Unit> {
        val wallet = wallet(file)
        wallet.unlock(1u, PIN).closeNow()
        val copy = path.copyTo(folder.resolve("copy"))
        wallet.unlock(1u, PIN).run { keepHistory(false).also { closeNow() } }
        copy.copyTo(path, overwrite = true)

        val holder = wallet.unlock(1u, PIN)
        // An unlock and a change.
        assertEquals(FileAge.RolledBack(by = 2uL), holder.state().file)
        assertEquals("2", holder.state().explain.first { it.id() == "file-rolled-back" }.args()["changes"])
        holder.acknowledge()
        assertEquals(FileAge.Newest, holder.state().file)
        assertEquals(FileAge.Newest, wallet.unlock(1u, PIN).state().file)
    }

    @Test
    fun `a counter that was lost is told, and counts again`() = runBlocking<Unit> {
        val wallet = wallet(file)
        wallet.unlock(1u, PIN).keepHistory(false)
        folder.resolve("wallet.amana.counter").deleteExisting()
        val holder = wallet.unlock(1u, PIN)
        assertEquals(FileAge.CounterLost, holder.state().file)
        assertTrue("file-counter-lost" in ids(holder.state().explain))
        holder.acknowledge()
        assertEquals(FileAge.Newest, wallet.unlock(1u, PIN).state().file)
    }

    /** With the key and the clock of the library's own, and a counter of the app's. */
    @Test
    fun `a counter that throws keeps nobody out`() = runBlocking<Unit> {
        val host = WatchedHost(file)
        val wallet = wallet(file, softwareHost(file).copy(counter = host))
        for (failure in listOf(HostException.Locked(), IllegalStateException("a driver's own words"))) {
            host.counterFailure = failure
            val holder = wallet.unlock(1u, PIN)
            val unchecked = holder.state().file as FileAge.Unchecked
            val expected = if (failure is HostException) failure::class else HostException.Unavailable::class
            assertEquals(expected, unchecked.failure::class)
            assertTrue("file-unchecked" in ids(holder.state().explain))
            holder.changePin(PIN, "7777")
            holder.changePin("7777", PIN)
        }
        host.counterFailure = null
        assertEquals(FileAge.Newest, wallet.unlock(1u, PIN).state().file)
    }

    /** With a key of the app's, and counter and clock of the library's own. */
    @Test
    fun `a device that does not open the wallet says so before a PIN is asked for`() = runBlocking<Unit> {
        val host = WatchedHost(file)
        val wallet = wallet(file, softwareHost(file).copy(deviceKey = host))
        wallet.checkDevice()
        for (failure in listOf(HostException.Locked(), HostException.Invalidated(), HostException.Missing())) {
            host.keyFailure = failure
            val told = assertThrows<AmanaException.Host> { runBlocking { wallet.checkDevice() } }
            assertEquals(failure::class, told.failure::class)
        }
        assertEquals(Protection.NONE, wallet.protection())
        host.keyFailure = null
        wallet.unlock(1u, PIN)
    }
}
