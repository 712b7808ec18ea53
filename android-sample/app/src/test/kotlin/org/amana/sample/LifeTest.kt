package org.amana.sample

import org.amana.PIN
import org.amana.sample.model.Language
import org.amana.sample.model.of
import org.amana.sample.page.Block
import org.amana.sample.page.Word
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** What happens to apps on phones: they are turned, sent away, ended and brought back. */
@RunWith(RobolectricTestRunner::class)
class LifeTest : AppTest() {
    @Test fun `ended in any screen, an app comes back closed or at its beginning`() {
        val before = setOf(Word.WELCOME_TITLE, Word.DOORS_TITLE, Word.LOST_TITLE).map { it.id }
        Tour(this) { name, screen ->
            val again = screen.reborn()
            if (screen.activity is TestHolderActivity) {
                again.await { it.title.id in before }
                assertFalse("$name came back open", again.says("explain_will_show"))
            } else {
                again.await { page -> page.title.id == Word.LOAD_TITLE.id || page.blocks.any { it is Block.Row } }
            }
            again.end()
        }.go()
    }

    @Test fun `turned in any screen, an app shows the same`() {
        Tour(this) { name, screen ->
            val before = screen.page
            screen.turn("+land")
            assertEquals(name, before.title.id, screen.await { it.title.id == before.title.id }.page.title.id)
            screen.turn("+port").await { it.title.id == before.title.id }
        }.go()
    }

    @Test fun `what was typed is still there when the phone was turned, and gone when the app was ended`() {
        val holder = holder().await(Word.WELCOME_TITLE).tap(Word.WELCOME_START).await(Word.DOOR_CHOOSE_TITLE)
        holder.type("4711", "4711").turn("+land")
        assertEquals(listOf("4711", "4711"), holder.page.blocks.filterIsInstance<Block.Entry>().map { it.text })
        holder.turn("+port").tap(Word.DOOR_CREATE).await(Word.CARDS_TITLE)
        holder.tap(Word.CLOSE).await(Word.DOORS_TITLE).type("4711")
        val again = holder.reborn().await(Word.DOORS_TITLE)
        assertEquals("", again.page.blocks.filterIsInstance<Block.Entry>().single().text)
    }

    @Test fun `out of sight is closed, and nothing is lost`() {
        val holder = holderWithCard()
        holder.leave().await(Word.DOORS_TITLE)
        holder.type(PIN).tap(Word.UNLOCK).await(Word.CARDS_TITLE)
        assertEquals(1, holder.page.blocks.filterIsInstance<Block.Row>().size)
    }

    @Test fun `left while its door opens, it does not come open out of sight`() {
        val holder = holderWithCard()
        holder.leave().await(Word.DOORS_TITLE)
        holder.comeBack().type(PIN).tap(Word.UNLOCK).leave()
        Thread.sleep(500)
        holder.await(Word.DOORS_TITLE)
        assertFalse(holder.says("explain_protection_software"))
        holder.type(PIN).tap(Word.UNLOCK).await(Word.CARDS_TITLE)
    }

    @Test fun `ended between consent and code, nothing was shown and the card is there`() {
        val holder = holderWithCard()
        val check = readyCheck()
        check.tap(purpose()).await { page -> page.blocks.any { it is Block.Code } }
        val request = check.readCode()
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(request).await(Word.ASKED_TITLE)
        holder.tap(Word.ASKED_GO_ON).await(Word.CONSENT_TITLE)
        unlock(holder.die())
        holder.tap(Word.HISTORY_TITLE).await(Word.HISTORY_TITLE)
        assertEquals(0, holder.page.blocks.filterIsInstance<Block.Row>().size)
        // The same request can still be answered: the first time was no time.
        holder.back().await(Word.CARDS_TITLE).tap(Word.SCAN).await(Word.SCAN_TITLE).scan(request).await(Word.ASKED_TITLE)
        assertFalse(holder.says("explain_request_answered_before"))
        holder.tap(Word.ASKED_GO_ON).await(Word.CONSENT_TITLE).tap(Word.CONSENT_SHOW).await(Word.ANSWER_TITLE)
        unlock(holder.die())
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(request).await(Word.ASKED_TITLE)
        assertTrue(holder.says("explain_request_answered_before"))
    }

    @Test fun `closed while something is done, its page never comes`() {
        val holder = holderWithCard()
        val check = readyCheck()
        check.tap(purpose()).await { page -> page.blocks.any { it is Block.Code } }
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(check.readCode()).await(Word.ASKED_TITLE)
        holder.tap(Word.ASKED_GO_ON).await(Word.CONSENT_TITLE).tap(Word.CONSENT_SHOW)
        holder.leave().await(Word.DOORS_TITLE)
        Thread.sleep(500)
        assertEquals(Word.DOORS_TITLE.id, holder.await(Word.DOORS_TITLE).page.title.id)
    }

    @Test fun `the language changes at once, and stays`() {
        val holder = holderWithCard()
        holder.tap(Word.SETTINGS_TITLE).await(Word.SETTINGS_TITLE)
        val pick = holder.page.blocks.filterIsInstance<Block.Pick>().first()
        val swahili = Language.of("sw")
        holder.tap(swahili.ownName).await { it === holder.page }
        assertEquals(Language.entries.indexOf(swahili), pick.chosen)
        assertTrue(holder.await { holder.sees(Word.SETTINGS_TITLE) && holder.texts().none { it == "Settings" } }.sees(Word.PIN_CHANGE))
        holder.back().await(Word.CARDS_TITLE)
        // An issuer's name has a text for the language as well.
        assertTrue("${holder.texts()}", holder.texts().any { it == "Wakala wa Usajili" })
        holder.die().await(Word.DOORS_TITLE)
        assertTrue(holder.sees(Word.UNLOCK) && holder.texts().none { it == "Open" })
    }
}
