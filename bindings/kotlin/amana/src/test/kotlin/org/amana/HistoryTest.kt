package org.amana

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.json.JSONObject
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

class HistoryTest {
    @TempDir
    lateinit var folder: Path

    private val file get() = folder.resolve("wallet.amana").toString()

    @Test
    fun `it says who asked, what for, and what was shown and withheld`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = unlocked(file).also { desk.supply(it) }
        val open = desk.verifier().request(PURPOSE, listOf("household.family_size", "address.district"), listOf())
        holder.receive(open.text()).run { consent(needed()).respond() }
        holder.receive(open.text()).decline()

        val history = holder.history()
        assertTrue(history.isWhole && history.isKept)
        val (declined, shared) = history.entries
        assertEquals(Outcome.DECLINED to Outcome.SHARED, declined.outcome() to shared.outcome())
        assertEquals(ToldAsker.REGISTERED, shared.asker())
        assertEquals("Kituo cha Chakula Kasulu", shared.names()["sw"])
        assertEquals(43, shared.verifier().length)
        assertEquals(PURPOSE, shared.purpose())
        assertEquals(listOf("household.family_size", "address.district"), shared.asked())
        assertEquals(listOf("household.family_size"), shared.shown())
        assertEquals(listOf<String>(), shared.alsoShown())
        assertEquals(listOf("address.district"), shared.withheld())
        assertEquals(listOf<String>(), declined.shown())
        assertArrayEquals(shared.receipt(), declined.receipt())
        assertTrue(shared.at() in 1_700_000_000..declined.at())
        assertEquals(listOf("history-shared", "history-shown", "history-withheld"), shared.explain().map { it.id() })
        assertEquals("history-declined", declined.explain().first().id())
        assertEquals(shared.at(), holder.receive(open.text()).answeredAt())
    }

    @Test
    fun `its holder forgets, keeps none, and takes it along as JSON`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = unlocked(file).also { desk.supply(it) }
        repeat(3) { desk.serve(holder) }
        val middle = holder.history().entries[1].id()
        holder.forget(middle)
        assertTrue(holder.history().isWhole)
        assertFalse(holder.history().entries.any { it.id() == middle })
        val gone = assertThrows<AmanaException.NotFound> { runBlocking { holder.forget(middle) } }
        assertEquals("entry", gone.problem.reason)

        holder.keepHistory(false)
        desk.serve(holder)
        assertFalse(holder.history().isKept)
        val chain = JSONObject(holder.exportHistory()).getJSONArray("chains").getJSONObject(0)
        assertEquals(2, chain.getJSONArray("entries").length())
        assertEquals(2uL, holder.forgetBefore(Long.MAX_VALUE))
        assertEquals(0, holder.history().entries.size)
    }
}
