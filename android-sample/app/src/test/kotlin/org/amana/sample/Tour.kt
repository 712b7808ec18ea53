package org.amana.sample

import java.io.File
import kotlinx.coroutines.runBlocking
import org.amana.CARD_TYPE
import org.amana.PIN
import org.amana.PURPOSE
import org.amana.Verifier
import org.amana.rationsPolicy
import org.amana.sample.page.Block
import org.amana.sample.page.Say
import org.amana.sample.page.Word

/** Every screen of both apps, one after the other as people come to them; `visit` looks at each by its name. */
internal class Tour(private val test: AppTest, private val visit: (name: String, screen: Screen<*>) -> Unit) {
    private val desk get() = test.desk

    fun go() {
        val holder = holderBegins()
        holderReceives(holder)
        val check = checkBegins()
        theLoop(holder, check)
        beyond(holder)
        holderRemembers(holder)
        backup(holder)
        settings(holder)
        doors(holder)
        cardsByThemselves(check)
    }

    private fun holderBegins(): Screen<TestHolderActivity> {
        val holder = test.holder().await(Word.WELCOME_TITLE)
        visit("welcome", holder)
        holder.tap(Word.WELCOME_START).await(Word.DOOR_CHOOSE_TITLE)
        visit("choose-a-door", holder)
        holder.type(PIN, "111111").tap(Word.DOOR_CREATE).await(Word.PROBLEM_TITLE)
        visit("problem", holder)
        holder.tap(Word.GO_ON).await(Word.DOOR_CHOOSE_TITLE).type(PIN, PIN).tap(Word.DOOR_CREATE).await(Word.CARDS_TITLE)
        visit("cards-none", holder)
        return holder
    }

    private fun holderReceives(holder: Screen<TestHolderActivity>) {
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE)
        visit("scan", holder)
        holder.openFile(desk.bundle).await(Word.PROBLEM_TITLE, Word.TRUST_LOADED).tap(Word.GO_ON).await(Word.CARDS_TITLE)
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(desk.offer()).await(Word.OFFER_TITLE)
        visit("offer", holder)
        holder.tap(Word.OFFER_TAKE).await(Word.ENROL_TITLE)
        visit("enrol", holder)
        val card = desk.issue(holder.readCode())
        holder.tap(Word.ENROL_SCAN).await(Word.SCAN_TITLE).openFile(card).await { it.title.id == Say.card(CARD_TYPE).id }
        visit("card", holder)
        holder.tap(Word.CARD_DELETE).await(Word.CARD_DELETE)
        visit("card-delete", holder)
        holder.tap(Word.CARD_KEEP).await { it.title.id == Say.card(CARD_TYPE).id }.back().await(Word.CARDS_TITLE)
        visit("cards", holder)
    }

    private fun checkBegins(): Screen<TestCheckActivity> {
        val check = test.check().await(Word.LOAD_TITLE)
        visit("check-load", check)
        check.end()
        return test.readyCheck().also { visit("check-purposes", it) }
    }

    private fun theLoop(holder: Screen<TestHolderActivity>, check: Screen<TestCheckActivity>) {
        check.tap(test.purpose()).await { page -> page.blocks.any { it is Block.Code } }
        visit("check-ask", check)
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(check.readCode()).await(Word.ASKED_TITLE)
        visit("asked", holder)
        holder.tap(Word.ASKED_GO_ON).await(Word.CONSENT_TITLE)
        visit("consent", holder)
        holder.tap(Word.CONSENT_SHOW).await(Word.ANSWER_TITLE)
        visit("answer", holder)
        check.tap(Word.ASK_SCAN).await(Word.SCAN_TITLE)
        test.carry(holder, check, Word.VERDICT_TITLE)
        visit("check-verdict", check)
        holder.tap(Word.DONE).await(Word.CARDS_TITLE)
        check.tap(Word.NEXT).await(::isHome).tap(test.purpose()).await { page -> page.blocks.any { it is Block.Code } }
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(check.readCode()).await(Word.ASKED_TITLE)
        holder.tap(Word.ASKED_DECLINE).await(Word.ANSWER_TITLE)
        visit("declined", holder)
        check.tap(Word.ASK_SCAN).await(Word.SCAN_TITLE)
        test.carry(holder, check, Word.DECLINED_TITLE)
        visit("check-declined", check)
        holder.tap(Word.DONE).await(Word.CARDS_TITLE)
        check.tap(Word.NEXT).await(::isHome)
    }

    /** A verifier asks for more than it is registered for. */
    private fun beyond(holder: Screen<TestHolderActivity>) = runBlocking {
        val verifier = Verifier(desk.bundle, desk.anchor, desk.verifierKey, desk.registration, rationsPolicy(), TestClock)
        val open = verifier.request(PURPOSE, listOf("household.family_size", "person.birth_date"), listOf("person.birth_date"))
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(open.text()).await(Word.ASKED_TITLE)
        holder.check(1)
        visit("asked-beyond", holder)
        holder.tap(Word.ASKED_GO_ON).await(Word.BEYOND_TITLE)
        visit("beyond", holder)
        holder.back().await(Word.ASKED_TITLE).back().await(Word.CARDS_TITLE)
    }

    private fun holderRemembers(holder: Screen<TestHolderActivity>) {
        holder.tap(Word.HISTORY_TITLE).await(Word.HISTORY_TITLE)
        visit("history", holder)
        holder.touchRow(1).await(Word.HISTORY_ENTRY_TITLE)
        visit("history-entry", holder)
        holder.back().await(Word.HISTORY_TITLE).back().await(Word.CARDS_TITLE)
    }

    private fun backup(holder: Screen<TestHolderActivity>) {
        holder.tap(Word.BACKUP_TITLE).await(Word.BACKUP_TITLE)
        visit("backup", holder)
        holder.tap(Word.BACKUP_PASSPHRASE).await(Word.BACKUP_PASSPHRASE_TITLE)
        visit("backup-words", holder)
        val words = holder.page.blocks.filterIsInstance<Block.Text>().first { it.say.id.isEmpty() }.say.args.getValue("text")
        holder.check(0).tap(Word.GO_ON).await(Word.BACKUP_READY_TITLE)
        visit("backup-ready", holder)
        val file = holder.page.blocks.filterIsInstance<Block.SaveFile>().single().bytes
        holder.back().await(Word.BACKUP_TITLE).tap(Word.BACKUP_SHARES, "need" to 2, "count" to 3).await(Word.SHARE_TITLE)
        visit("share", holder)
        holder.back().await(Word.BACKUP_TITLE).tap(Word.RESTORE_TITLE).await(Word.RESTORE_TITLE)
        visit("restore", holder)
        holder.openFile(file).await { page -> page.blocks.any { it is Block.Entry } }
        visit("restore-open", holder)
        holder.type(words).tap(Word.RESTORE_WITH_PASSPHRASE).await(Word.RESTORE_REHEARSED_TITLE)
        visit("restore-rehearsed", holder)
        holder.tap(Word.RESTORE_TAKE).await(Word.PROBLEM_TITLE, Word.RESTORED)
        holder.tap(Word.GO_ON).await(Word.CARDS_TITLE)
    }

    private fun settings(holder: Screen<TestHolderActivity>) {
        holder.tap(Word.SETTINGS_TITLE).await(Word.SETTINGS_TITLE)
        visit("settings", holder)
        holder.tap(Word.PIN_CHANGE).await(Word.PIN_CHANGE)
        visit("change-pin", holder)
        holder.back().await(Word.SETTINGS_TITLE).tap(Word.PANIC_TITLE).await(Word.PANIC_TITLE)
        visit("panic-pin", holder)
        holder.back().await(Word.SETTINGS_TITLE).tap(Word.DOOR_TAKE_TITLE).await(Word.DOOR_TAKE_TITLE)
        visit("take-a-door", holder)
        holder.back().await(Word.SETTINGS_TITLE).back().await(Word.CARDS_TITLE)
    }

    private fun doors(holder: Screen<TestHolderActivity>) {
        holder.tap(Word.CLOSE).await(Word.DOORS_TITLE)
        visit("doors", holder)
        holder.type("000000").tap(Word.UNLOCK).await { page -> page.blocks.any { it is Block.Fact } }
        visit("wrong-pin", holder)
        holder.end()
        val file = File(holder.activity.noBackupFilesDir, "wallet.amana")
        val whole = file.readBytes()
        file.writeBytes(whole.copyOf().also { it.fill(0x5A, 0, 512) })
        val lost = test.holder().await(Word.LOST_TITLE)
        visit("lost", lost)
        lost.end()
        file.writeBytes(whole)
    }

    private fun cardsByThemselves(check: Screen<TestCheckActivity>) {
        check.tap(Word.CHECK_CARD).await(Word.SCAN_TITLE)
        visit("check-scan-card", check)
        check.scan(desk.paper()).await(Word.VERDICT_TITLE)
        visit("check-verdict-paper", check)
        val forged = check.tap(Word.NEXT).await(::isHome).tap(Word.CHECK_CARD).await(Word.SCAN_TITLE)
        forged.openFile(altered(desk.paper())).await(Word.VERDICT_TITLE)
        visit("check-verdict-forged", check)
        check.tap(Word.NEXT).await(::isHome).tap(Word.TALLY_TITLE).await(Word.TALLY_TITLE)
        visit("check-tally", check)
        check.back().await(::isHome).tap(Word.KNOWN_TITLE).await(Word.KNOWN_TITLE)
        visit("check-known", check)
        check.tap(Word.LOAD_TITLE).await(Word.LOAD_TITLE)
        visit("check-load-whole", check)
        check.back().await(::isHome)
    }

    private fun isHome(page: org.amana.sample.page.Page) = page.blocks.any { it is Block.Row }

    /** The same paper ID, with another name on it than the one that was signed. */
    private fun altered(paper: String): ByteArray = Paper.altered(paper, "Amina", "Anina")
}
