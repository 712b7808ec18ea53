package org.amana

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Frames, keys inside the device, and cards that are shown without a request. */
class FormatsTest {
    @TempDir
    lateinit var folder: Path

    @Test
    fun `what one code does not hold goes as frames, in any order and with losses`() {
        val text = "AM1C:" + "000".repeat(5_000)
        val frames = Frames.of(text, 720u)
        val collector = Collector()
        val shown = (0u until frames.symbols() * 2u).filter { it % 3u != 0u }.reversed()
        val gathered = shown.firstNotNullOf { collector.add(frames.text(it)) as? Gathered.Whole }
        assertEquals(text, gathered.text)
        assertTrue(frames.symbol(0u).fits(720u))
        val first = collector.add(frames.text(1u)) as Gathered.NeedMore
        assertEquals(1u, first.seen)
        assertEquals(frames.symbols(), first.of)
        assertThrows<AmanaException.Foreign> { collector.add("https://example.com") }
    }

    @Test
    fun `a single code is whole at once`() {
        assertEquals(Gathered.Whole(Kind.REQUEST, "AM1Q:BB8"), Collector().add("AM1Q:BB8"))
    }

    @Test
    fun `a sealed paper ID is read by whoever has its key`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val key = """{"kty":"oct","alg":"A128GCM","kid":"clinic","k":"AAECAwQFBgcICQoLDA0ODw"}"""
        val code = desk.sealedPaper(key).encodeToByteArray()
        val verifier = desk.verifier()
        assertThrows<AmanaException.NotForMe> { runBlocking { verifier.judgeCard(code) } }
        verifier.loadKey(key)
        assertEquals(HolderProof.Bearer, verifier.judgeCard(code).holder())
        assertThrows<AmanaException.Invalid> { verifier.loadKey("""{"kty":"OKP"}""") }
    }

    @Test
    fun `a key inside the device proves its card`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val file = folder.resolve("wallet.amana").toString()
        val holder = unlocked(file, softwareHost(file))
        holder.loadTrust(desk.bundle, desk.anchor)
        holder.add(desk.issue(holder.enrolWith(desk.offer(), KeyPlace.DEVICE)))
        val card = holder.cards().single()
        assertEquals("sd-cwt", card.format)
        assertTrue(card.hasHolderKey)
        val open = desk.verifier().request(PURPOSE, listOf("household.family_size"), listOf())
        val incoming = holder.receive(open.text())
        val answer = incoming.consent(incoming.needed()).respond()
        val judged = open.judge(answer.text()) as Judged.Answered
        assertEquals(HolderProof.Fresh, judged.verdict.holder())
    }
}
