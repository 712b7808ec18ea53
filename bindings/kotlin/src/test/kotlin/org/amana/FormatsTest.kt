package org.amana

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** Cards of every format, and keys inside the device. */
class FormatsTest {
    @TempDir
    lateinit var folder: Path

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
