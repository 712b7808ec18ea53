package org.amana.sample

import android.security.keystore.KeyPermanentlyInvalidatedException
import java.io.File
import org.amana.Frames
import org.amana.PIN
import org.amana.android.StandInKeystore
import org.amana.android.notAuthenticated
import org.amana.sample.page.Block
import org.amana.sample.page.Word
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** Everything that goes wrong has its screen with a way on, and nothing stored is lost. */
@RunWith(RobolectricTestRunner::class)
class BadInputTest : AppTest() {
    @Test fun `without a camera a file does`() {
        val holder = openHolder()
        for ((isRefused, word) in listOf(true to Word.CAMERA_REFUSED, false to Word.CAMERA_ABSENT)) {
            holder.tap(Word.SCAN).await(Word.SCAN_TITLE)
            holder.page.blocks.filterIsInstance<Block.Camera>().single().onNone(isRefused)
            holder.await(Word.SCAN_TITLE, word)
            assertTrue(holder.page.blocks.none { it is Block.Camera })
            holder.openFile(desk.bundle).await(Word.PROBLEM_TITLE, Word.TRUST_LOADED).tap(Word.GO_ON).await(Word.CARDS_TITLE)
        }
    }

    @Test fun `a code that is cut off, another app's or for others is told, and the camera goes on`() {
        val holder = holderWithCard()
        val check = readyCheck()
        check.tap(purpose()).await { page -> page.blocks.any { it is Block.Code } }
        val request = check.readCode()
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE)
        for ((code, word) in listOf(
            request.dropLast(21) to Word.PROBLEM_DAMAGED,
            "AM1Q:" to Word.PROBLEM_DAMAGED,
            "https://example.com/menu" to Word.PROBLEM_FOREIGN,
            "WIFI:S:net;T:WPA;P:secret;;" to Word.PROBLEM_FOREIGN,
        )) {
            val before = holder.page
            holder.scan(code).await { it !== before && holder.says(word.id) }
            assertTrue(holder.page.blocks.any { it is Block.Camera })
        }
        holder.scan(request).await(Word.ASKED_TITLE)
    }

    @Test fun `parts of two transfers that are mixed come together each by itself`() {
        val holder = openHolder()
        val bundle = Frames.of(desk.bundle.decodeToString().trim(), 200u)
        val other = Frames.of("AM1C:" + "001".repeat(4_000), 200u)
        assertTrue("${bundle.symbols()} and ${other.symbols()}", bundle.symbols() > 2u && other.symbols() > bundle.symbols() * 2u)
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE)
        val mixed = generateSequence(0u) { it + 1u }.flatMap { sequenceOf(other.text(it), bundle.text(it)) }.take(60)
        for (text in mixed) {
            val before = holder.page
            holder.scan(text).await { it !== before }
            if (holder.says(Word.TRUST_LOADED.id)) return
            assertTrue(holder.page.blocks.any { it is Block.Progress })
        }
        error("the bundle never came together")
    }

    @Test fun `a file that is no card is no card`() {
        val holder = openHolder()
        for (file in listOf(ByteArray(0), ByteArray(100_000) { it.toByte() }, "{}".encodeToByteArray(), desk.pointKey)) {
            holder.tap(Word.SCAN).await(Word.SCAN_TITLE).openFile(file).await(Word.PROBLEM_TITLE)
            holder.tap(Word.GO_ON).await(Word.CARDS_TITLE)
            assertTrue(holder.sees(Word.CARDS_NONE))
        }
    }

    @Test fun `after many wrong PINs one waits, and the right one opens`() {
        val holder = holderWithCard()
        holder.tap(Word.CLOSE).await(Word.DOORS_TITLE)
        var waited = false
        repeat(8) {
            if (waited) return@repeat
            val before = holder.page
            holder.type("000000").tap(Word.UNLOCK).await { it !== before && it.title.id == Word.DOORS_TITLE.id }
            assertTrue(holder.says(Word.PROBLEM_WRONG_PIN.id))
            waited = holder.page.blocks.any { it is Block.Waiting }
        }
        assertTrue("never had to wait", waited)
        holder.await { page -> page.blocks.any { it is Block.Button && it.say.id == Word.UNLOCK.id } }
        holder.type(PIN).tap(Word.UNLOCK).await { it.title.id == Word.CARDS_TITLE.id || it.blocks.any { block -> block is Block.Waiting } }
    }

    @Test fun `a key that is gone or useless sets the file aside, and deletes nothing`() {
        val holder = holderWithCard()
        holder.leave().await(Word.DOORS_TITLE)
        holder.end()
        val file = File(holder.activity.noBackupFilesDir, "wallet.amana")
        val whole = file.readBytes()
        StandInKeystore.failure = KeyPermanentlyInvalidatedException()
        holder().await(Word.LOST_TITLE).also { assertTrue(it.says(Word.PROBLEM_HOST_INVALIDATED.id)) }.end()
        StandInKeystore.failure = notAuthenticated()
        val locked = holder().await(Word.PROBLEM_TITLE)
        assertTrue(locked.says(Word.PROBLEM_HOST_LOCKED.id))
        StandInKeystore.failure = null
        locked.tap(Word.GO_ON).await(Word.DOORS_TITLE).end()
        val key = StandInKeystore.entries.remove("amana.device.header")
        val lost = holder().await(Word.LOST_TITLE)
        assertTrue(lost.says(Word.PROBLEM_HOST_MISSING.id))
        lost.tap(Word.LOST_SET_ASIDE).await(Word.WELCOME_TITLE).end()
        // Another wallet can be made, though the phone still counts for the one before.
        openHolder().leave().await(Word.DOORS_TITLE).end()
        assertTrue(file.delete())
        val aside = File(file.path + ".aside-1")
        assertEquals(whole.size, aside.readBytes().size)
        // The key comes back, and so does the card.
        aside.renameTo(file)
        StandInKeystore.entries["amana.device.header"] = checkNotNull(key)
        unlock(holder()).also { assertEquals(1, it.page.blocks.filterIsInstance<Block.Row>().size) }
    }

    @Test fun `a damaged vault says so, and its file stays`() {
        val holder = openHolder()
        holder.leave().await(Word.DOORS_TITLE).end()
        val file = File(holder.activity.noBackupFilesDir, "wallet.amana")
        file.writeBytes(file.readBytes().also { it.fill(0x5A, 0, 4096) })
        val torn = file.readBytes()
        val lost = holder().await(Word.LOST_TITLE)
        assertTrue(lost.says(Word.PROBLEM_NOT_A_VAULT.id))
        lost.tap(Word.LOST_SET_ASIDE).await(Word.WELCOME_TITLE)
        assertTrue(torn.contentEquals(File(file.path + ".aside-1").readBytes()))
    }

    @Test fun `a clock that is years off is told, and refuses nobody`() {
        val holder = holderWithCard()
        TestClock.off = 3 * 365 * 86_400L
        val check = readyCheck()
        check.tap(purpose()).await { page -> page.blocks.any { it is Block.Code } }
        val request = check.readCode()
        TestClock.off = 0
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(request).await(Word.ASKED_TITLE)
        assertTrue(holder.says("explain_request_future"))
        holder.tap(Word.ASKED_GO_ON).await(Word.CONSENT_TITLE).tap(Word.CONSENT_SHOW).await(Word.ANSWER_TITLE)
        check.tap(Word.ASK_SCAN).await(Word.SCAN_TITLE)
        carry(holder, check, Word.VERDICT_TITLE)
        assertTrue(check.says("explain_decision_accept"))
    }

    @Test fun `another verifier's key finds its way home, with the registration of the one before kept`() {
        val check = readyCheck()
        check.tap(Word.LOAD_TITLE).await(Word.LOAD_TITLE)
        val taken = { page: org.amana.sample.page.Page, before: org.amana.sample.page.Page -> page !== before && check.says(Word.LOAD_TAKEN.id) }
        var before = check.page
        check.openFile(desk.deskKey).await { taken(it, before) }.tap(Word.DONE).await { it.title.id == Word.CHECK_TITLE.id }
        assertTrue(check.says(Word.CHECK_UNREGISTERED.id))
        check.tap(Word.LOAD_TITLE).await(Word.LOAD_TITLE)
        before = check.page
        check.openFile(desk.pointKey).await { taken(it, before) }
        check.tap(Word.DONE).await { page -> page.blocks.any { it is Block.Row } }
        // The key that seals it is gone: it is asked for again, and everything else is there.
        check.end()
        StandInKeystore.entries.remove("amana.check")
        assertTrue(check().await(Word.LOAD_TITLE).page.blocks.any { it is Block.OpenFile })
    }

    @Test fun `without room on the phone a card can be shown and judged, and what cannot be kept is told`() {
        val holder = holderWithCard()
        val check = readyCheck()
        FullStorage.during {
            check.tap(purpose()).await { page -> page.blocks.any { it is Block.Code } }
            holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(check.readCode()).await(Word.ASKED_TITLE)
            holder.tap(Word.ASKED_GO_ON).await(Word.CONSENT_TITLE).tap(Word.CONSENT_SHOW).await(Word.ANSWER_TITLE)
            check.tap(Word.ASK_SCAN).await(Word.SCAN_TITLE)
            carry(holder, check, Word.VERDICT_TITLE)
            check.await(Word.VERDICT_TITLE, Word.TALLY_MISSED)
            assertTrue(check.says("explain_decision_accept"))
            check.tap(Word.NEXT).await { page -> page.blocks.any { it is Block.Row } }
            holder.tap(Word.DONE).await(Word.CARDS_TITLE).tap(Word.SCAN).await(Word.SCAN_TITLE).openFile(desk.bundle)
            holder.await(Word.PROBLEM_TITLE, Word.PROBLEM_STORAGE).tap(Word.GO_ON).await(Word.CARDS_TITLE)
        }
        // With room again, everything is there and goes on.
        check.tap(Word.TALLY_TITLE).await(Word.TALLY_TITLE)
        assertEquals(List(4) { "0" }, check.page.blocks.filterIsInstance<Block.Field>().map { it.value.args["text"] })
        holder.leave().await(Word.DOORS_TITLE)
        assertEquals(1, unlock(holder).page.blocks.filterIsInstance<Block.Row>().size)
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).openFile(desk.bundle).await(Word.PROBLEM_TITLE, Word.TRUST_LOADED)
    }

    @Test fun `words that were not written down are shown again, and words that are wrong can be mended`() {
        val holder = holderWithCard()
        holder.tap(Word.BACKUP_TITLE).await(Word.BACKUP_TITLE).tap(Word.BACKUP_PASSPHRASE).await(Word.BACKUP_PASSPHRASE_TITLE)
        val words = holder.texts().single { it.split("-").size == 8 }
        holder.tap(Word.GO_ON).await(Word.PROBLEM_TITLE, Word.PROBLEM_NOT_WRITTEN).tap(Word.GO_ON).await(Word.BACKUP_PASSPHRASE_TITLE)
        assertTrue(words in holder.texts())
        holder.check(0).tap(Word.GO_ON).await(Word.BACKUP_READY_TITLE)
        val file = holder.page.blocks.filterIsInstance<Block.SaveFile>().single().bytes
        holder.back().await(Word.BACKUP_TITLE).tap(Word.RESTORE_TITLE).await(Word.RESTORE_TITLE).openFile(file)
        holder.await { page -> page.blocks.any { it is Block.Entry } }.type("abacus-abacus-abacus-abacus").tap(Word.RESTORE_WITH_PASSPHRASE)
        holder.await(Word.PROBLEM_TITLE, Word.PROBLEM_WRONG_PASSPHRASE).tap(Word.GO_ON).await(Word.RESTORE_TITLE)
        assertEquals(listOf("abacus-abacus-abacus-abacus", ""), holder.page.blocks.filterIsInstance<Block.Entry>().map { it.text })
        holder.type(words).tap(Word.RESTORE_WITH_PASSPHRASE).await(Word.RESTORE_REHEARSED_TITLE)
    }

    @Test fun `an older edition of a list does not take the newer's place`() {
        val check = readyCheck()
        TestClock.off = System.currentTimeMillis() / 1000 - TestClock.NOON
        val older = desk.statusList()
        // Editions are told apart by their second.
        Thread.sleep(1_100)
        val newer = desk.statusList()
        check.tap(Word.LOAD_TITLE).await(Word.LOAD_TITLE).openFile(newer).await(Word.LOAD_TITLE, Word.LOAD_TAKEN)
        check.openFile(older).await(Word.PROBLEM_TITLE, Word.PROBLEM_UNTRUSTED).tap(Word.GO_ON).await(Word.LOAD_TITLE)
        check.tap(Word.DONE).await { page -> page.blocks.any { it is Block.Row } }.tap(Word.KNOWN_TITLE).await(Word.KNOWN_TITLE, Word.KNOWN_LIST)
    }

    @Test fun `what cannot be undone is asked twice`() {
        val holder = holderWithCard()
        holder.tap(Word.SETTINGS_TITLE).await(Word.SETTINGS_TITLE).tap(Word.DOOR_TAKE_TITLE).await(Word.DOOR_TAKE_TITLE)
        holder.type("333333", "333333").tap(Word.DOOR_TAKE).await(Word.PROBLEM_TITLE)
        assertTrue(holder.says(Word.PROBLEM_UNSURE.id))
        holder.tap(Word.GO_ON).await(Word.DOOR_TAKE_TITLE).type("333333", "333333").check(0).tap(Word.DOOR_TAKE)
        holder.await(Word.PROBLEM_TITLE, Word.DOOR_TAKEN).tap(Word.GO_ON).await(Word.SETTINGS_TITLE)
        holder.tap(Word.PANIC_TITLE).await(Word.PANIC_TITLE).type(PIN, "999999", "999999").tap(Word.PANIC_SET).await(Word.PROBLEM_TITLE)
        assertTrue(holder.says(Word.PROBLEM_UNSURE.id))
        holder.tap(Word.GO_ON).await(Word.PANIC_TITLE).type(PIN, "999999", "999999").check(0).tap(Word.PANIC_SET)
        holder.await(Word.PROBLEM_TITLE, Word.PANIC_DONE).tap(Word.GO_ON).await(Word.SETTINGS_TITLE)
        holder.leave().await(Word.DOORS_TITLE).type("999999").tap(Word.UNLOCK).await(Word.CARDS_TITLE)
        assertTrue(holder.sees(Word.CARDS_NONE))
    }

    @Test fun `a verifier's kit is taken in its order, and only what is whole`() {
        val check = check().await(Word.LOAD_TITLE)
        check.openFile(desk.bundle).await(Word.PROBLEM_TITLE, Word.PROBLEM_KEY_FIRST).tap(Word.GO_ON).await(Word.LOAD_TITLE)
        check.openFile(desk.pointKey).await(Word.LOAD_TITLE, Word.LOAD_TAKEN)
        check.openFile("nothing".encodeToByteArray()).await(Word.PROBLEM_TITLE).tap(Word.GO_ON).await(Word.LOAD_TITLE)
        val torn = desk.bundle.copyOf(desk.bundle.size - 30)
        check.openFile(torn).await(Word.PROBLEM_TITLE).tap(Word.GO_ON).await(Word.LOAD_TITLE)
        val before = check.page
        check.openFile(desk.bundle).await { it !== before && check.says(Word.LOAD_TAKEN.id) }
        check.tap(Word.DONE).await { it.title.id == Word.CHECK_TITLE.id }
        assertTrue(check.says(Word.CHECK_UNREGISTERED.id))
    }
}
