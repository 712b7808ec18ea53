package org.amana.sample

import android.os.Looper
import org.amana.sample.page.Block
import org.amana.sample.page.Say
import org.amana.sample.page.Word
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Holder and verifier on two screens, the pixels of each carried into the other's decoder. */
@RunWith(RobolectricTestRunner::class)
class LoopTest : AppTest() {
    @Test fun `a card is received, asked for, shown by choice and judged`() {
        val holder = holderWithCard()
        val check = readyCheck()

        check.tap(purpose()).await { it.blocks.any { block -> block is Block.Code } }
        assertTrue(check.page.isBright)
        assertTrue(check.sees(Say.field("household.family_size")) && check.sees(Say.field("address.district")))
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(check.readCode()).await(Word.ASKED_TITLE)
        assertTrue(holder.says("explain_asker_registered"))
        assertTrue(holder.says("explain_claim_needed") && holder.says("explain_claim_optional"))
        holder.tap(Word.ASKED_GO_ON).await(Word.CONSENT_TITLE)
        assertTrue(holder.says("explain_will_show") && holder.says("explain_will_withhold"))
        holder.tap(Word.CONSENT_SHOW).await(Word.ANSWER_TITLE)

        check.tap(Word.ASK_SCAN).await(Word.SCAN_TITLE)
        carry(holder, check, Word.VERDICT_TITLE)
        assertTrue(check.says("explain_decision_accept"))
        assertTrue(check.says("explain_card_genuine") && check.says("explain_holder_fresh"))
        assertTrue(check.says("explain_claim_withheld"))
        assertTrue(check.texts().any { it == "5" })

        check.tap(Word.NEXT).await { it.blocks.any { block -> block is Block.Row } }
        check.tap(Word.TALLY_TITLE).await(Word.TALLY_TITLE)
        assertEquals(listOf("1", "0", "0", "0"), check.page.blocks.filterIsInstance<Block.Field>().map { it.value.args["text"] })

        holder.tap(Word.DONE).await(Word.CARDS_TITLE).tap(Word.HISTORY_TITLE).await(Word.HISTORY_TITLE)
        assertEquals(1, holder.page.blocks.filterIsInstance<Block.Row>().size)
    }

    @Test fun `nothing of the core runs on the thread that draws`() {
        Callers.forget()
        val holder = holderWithCard()
        holder.tap(Word.SETTINGS_TITLE).await(Word.SETTINGS_TITLE).back().await(Word.CARDS_TITLE)
        holder.tap(Word.BACKUP_TITLE).await(Word.BACKUP_TITLE).back().await(Word.CARDS_TITLE)
        val check = readyCheck()
        check.tap(purpose()).await { it.blocks.any { block -> block is Block.Code } }
        assertTrue(Callers.all().isNotEmpty())
        assertFalse(Looper.getMainLooper().thread in Callers.all())
    }

    @Test fun `a refusal shares nothing and counts as such`() {
        val holder = holderWithCard()
        val check = readyCheck()
        check.tap(purpose()).await { it.blocks.any { block -> block is Block.Code } }
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(check.readCode()).await(Word.ASKED_TITLE)
        holder.tap(Word.ASKED_DECLINE).await(Word.ANSWER_TITLE)
        check.tap(Word.ASK_SCAN).await(Word.SCAN_TITLE)
        carry(holder, check, Word.DECLINED_TITLE)
        check.tap(Word.NEXT).await { it.blocks.any { block -> block is Block.Row } }
        check.tap(Word.TALLY_TITLE).await(Word.TALLY_TITLE)
        assertEquals(listOf("0", "0", "0", "1"), check.page.blocks.filterIsInstance<Block.Field>().map { it.value.args["text"] })
    }
}
