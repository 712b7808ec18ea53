package org.amana.sample

import org.amana.CARD_TYPE
import org.amana.Desk
import org.amana.PIN
import org.amana.android.StandInKeystore
import org.amana.sample.page.Block
import org.amana.sample.page.Say
import org.amana.sample.page.Word
import org.junit.Before
import org.junit.Rule
import org.junit.rules.TemporaryFolder
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import java.nio.file.Path

/** What tests of the apps begin with: a phone, a desk, a wallet with a card, a verifier that is ready. */
@Config(sdk = [34], qualifiers = "w360dp-h640dp-xhdpi")
@GraphicsMode(GraphicsMode.Mode.NATIVE)
abstract class AppTest {
    @get:Rule val folder = TemporaryFolder()

    val desk: Desk by lazy { Desk(folder.newFolder().toPath(), Path.of(System.getProperty("amana.anchor"))) }

    @Before fun phone() {
        StandInKeystore.install()
        TestClock.off = 0
    }

    fun holder() = Screen(TestHolderActivity::class.java).open()

    fun check() = Screen(TestCheckActivity::class.java).open()

    /** From the first start to an open wallet. */
    fun openHolder(): Screen<TestHolderActivity> {
        val holder = holder().await(Word.WELCOME_TITLE).tap(Word.WELCOME_START).await(Word.DOOR_CHOOSE_TITLE)
        return holder.type(PIN, PIN).tap(Word.DOOR_CREATE).await(Word.CARDS_TITLE)
    }

    fun unlock(holder: Screen<TestHolderActivity>) = holder.await(Word.DOORS_TITLE).type(PIN).tap(Word.UNLOCK).await(Word.CARDS_TITLE)

    fun holderWithCard(): Screen<TestHolderActivity> {
        val holder = openHolder()
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).openFile(desk.bundle).await(Word.PROBLEM_TITLE, Word.TRUST_LOADED)
        holder.tap(Word.GO_ON).await(Word.CARDS_TITLE)
        holder.tap(Word.SCAN).await(Word.SCAN_TITLE).scan(desk.offer()).await(Word.OFFER_TITLE)
        holder.tap(Word.OFFER_TAKE).await(Word.ENROL_TITLE)
        val card = desk.issue(holder.readCode())
        holder.tap(Word.ENROL_SCAN).await(Word.SCAN_TITLE).openFile(card).await { it.title.id == Say.card(CARD_TYPE).id }
        return holder.back().await(Word.CARDS_TITLE)
    }

    fun readyCheck(): Screen<TestCheckActivity> {
        val check = check().await(Word.LOAD_TITLE)
        for (file in listOf(desk.pointKey, desk.bundle, desk.registration)) {
            val before = check.page
            check.openFile(file).await { page -> page !== before && page.blocks.any { says(it, Word.LOAD_TAKEN) } }
        }
        return check.tap(Word.DONE).await { it.blocks.any { block -> block is Block.Row } }
    }

    /** One screen's codes into the other's camera, until that has what it needs. */
    fun carry(from: Screen<*>, to: Screen<*>, until: Word) {
        for (code in from.codes().take(MOST_CODES)) {
            val before = to.page
            to.scan(code).await { it !== before }
            if (to.page.title.id == until.id) return
        }
        error("not there after $MOST_CODES codes: ${to.texts()}")
    }

    fun purpose() = "A food ration"

    private fun says(block: Block, word: Word) = block is Block.Fact && block.say.id == word.id

    private companion object {
        const val MOST_CODES = 60
    }
}
