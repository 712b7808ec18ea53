package org.amana

import java.nio.file.Path
import kotlin.io.path.deleteExisting
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** The samples in the documentation, line for line, in the order of the pages: a test of the Rust side compares them. */
class SamplesTest {
    @TempDir
    lateinit var folder: Path

    private class View {
        val shown = mutableListOf<Any>()

        fun show(what: Any) {
            shown += what
        }
    }

    private val file get() = folder.resolve("wallet.amana").toString()
    private val pin = PIN
    private val codeView = View()
    private val stateView = View()

    private fun showBeforeTheLastTap(messages: List<Message>) = assertTrue(messages.any { it.id() == "will-show" })

    @Test
    fun `the holder`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val host = softwareHost(file)
        val scannedCard = unlocked(file, host).run {
            loadTrust(desk.bundle, desk.anchor)
            String(desk.issue(enrol(desk.offer()))).also { closeNow() }
        }
        val open = desk.verifier().request(PURPOSE, listOf("household.family_size"), listOf())
        val scannedText = open.text()

        val wallet = Wallet.open(file, host)
        val holder = wallet.unlock(door = 1u, pin = pin)
        holder.add(scannedCard.toByteArray())
        val request = holder.receive(scannedText)
        val consent = request.consent(request.needed() - "person.portrait")
        showBeforeTheLastTap(consent.explain())
        val answer = consent.respond()
        codeView.show(answer.symbol())
        holder.closeNow()

        assertTrue((open.judge(answer.text()) as Judged.Answered).verdict.isAccept())
        assertEquals(1, codeView.shown.size)
    }

    @Test
    fun `the host`() = runBlocking<Unit> {
        val own = WatchedHost(file)
        val (deviceKey, counter, clock) = own.ports
        val told = mutableListOf<HostException>()
        fun showWayOut(failure: HostException) = told.plusAssign(failure)

        val host = WalletHost(deviceKey, counter, clock)
        val wallet = Wallet.create(file, door = 1u, pin = pin, host = host)
        own.keyFailure = HostException.Invalidated()
        try {
            wallet.checkDevice()
        } catch (error: AmanaException.Host) {
            showWayOut(error.failure)
        }

        assertTrue(told.single() is HostException.Invalidated)
    }

    @Test
    fun `the state`() = runBlocking<Unit> {
        val wallet = wallet(file)
        wallet.unlock(1u, pin).keepHistory(false)
        folder.resolve("wallet.amana.counter").deleteExisting()
        val holder = wallet.unlock(1u, pin)
        fun isUnderstood() = true

        val state = holder.state()
        stateView.show(state.explain)
        if (state.file != FileAge.Newest && isUnderstood()) holder.acknowledge()

        assertEquals(FileAge.CounterLost to FileAge.Newest, state.file to holder.state().file)
    }

    @Test
    fun `doors and the panic PIN`() = runBlocking<Unit> {
        val wallet = wallet(file)
        val (otherPin, panicPin) = "2222" to "9999"

        wallet.takeDoorAndDestroyWhatIsBehind(door = 2u, pin = otherPin)
        val decoy = wallet.unlock(door = 2u, pin = otherPin)
        val holder = wallet.unlock(door = 1u, pin = pin)
        holder.setPanicPin(current = pin, panic = panicPin, opens = decoy)

        assertTrue(wallet.unlock(1u, panicPin).cards().isEmpty())
        assertThrows<AmanaException.WrongPin> { runBlocking { wallet.unlock(1u, pin) } }
    }

    @Test
    fun `several codes`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = unlocked(file, softwareHost(file))
        desk.supply(holder)
        val open = desk.verifier().request(PURPOSE, listOf("household.family_size"), listOf())
        val request = holder.receive(open.text())
        val answer = request.consent(request.needed()).respond()
        val (pixels, collector) = 300u to Collector()
        var index = 1u

        val frames = Frames.of(answer.text(), pixels)
        codeView.show(frames.symbol(index++))

        assertTrue((codeView.shown.single() as Symbol).fits(pixels))
        val gathered = (1u..9u).firstNotNullOf { collector.add(frames.text(it)) as? Gathered.Whole }
        assertTrue((open.judge(gathered.text) as Judged.Answered).verdict.isAccept())
    }
}
