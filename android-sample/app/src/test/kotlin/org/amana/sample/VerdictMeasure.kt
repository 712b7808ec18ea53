package org.amana.sample

import android.os.Looper
import java.io.File
import kotlinx.coroutines.runBlocking
import org.amana.Judged
import org.amana.Verifier
import org.amana.Wallet
import org.amana.WalletHost
import org.amana.rationsPolicy
import org.amana.sample.page.Block
import org.amana.sample.page.Word
import org.amana.softwareHost
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf

/**
 * From the text of an answer to the page that says what is known, and to the screen that has drawn it, over the core's call alone:
 * `cargo xtask bench apps` reads what it writes.
 */
@RunWith(RobolectricTestRunner::class)
class VerdictMeasure : AppTest() {
    private val claims = listOf("household.family_size", "household.ration_card", "address.district")

    @Test fun `text to verdict`() = runBlocking {
        val file = File(folder.root, "wallet.amana").path
        val host = softwareHost(file).let { WalletHost(it.deviceKey, it.counter, TestClock, it.holderKeys) }
        Wallet.create(file, 1u, "482913", host)
        val holder = Wallet.open(file, host).unlock(1u, "482913")
        desk.supply(holder)
        fun answer(request: String) = runBlocking { holder.receive(request).let { it.consent(it.needed()).respond() }.text() }

        val verifier = Verifier(desk.bundle, desk.anchor, desk.verifierKey, desk.registration, rationsPolicy(), TestClock)
        val check = readyCheck()
        val times = (0 until WARM + TURNS).map {
            val open = verifier.request("food-ration", claims, listOf())
            val bare = answer(open.text())
            val alone = time { check(open.judge(bare) is Judged.Answered) }

            check.tap(purpose()).await { page -> page.blocks.any { block -> block is Block.Code } }
            val shown = answer(check.readCode())
            check.tap(Word.ASK_SCAN).await(Word.SCAN_TITLE)
            val page = time {
                check.scan(shown)
                while (check.activity.made.title.id != Word.VERDICT_TITLE.id) Thread.onSpinWait()
            }
            val drawing = time {
                while (check.page.title.id != Word.VERDICT_TITLE.id) shadowOf(Looper.getMainLooper()).idle()
                check.layOut()
            }
            check.tap(Word.NEXT).await { page -> page.blocks.any { block -> block is Block.Row } }
            Triple(alone, page, page + drawing)
        }.drop(WARM)
        val rows = listOf(
            row("verdict-page", 4, times.map { (alone, page) -> page.toDouble() / alone }),
            row("verdict-on-screen", 30, times.map { (alone, _, onScreen) -> onScreen.toDouble() / alone }),
        )
        File("target/measures.jsonl").writeText(rows.joinToString(""))
    }

    private fun row(name: String, bar: Int, ratios: List<Double>) =
        """{"name":"$name","value":${ratios.sorted()[TURNS / 2]},"unit":"ratio","bar":$bar}""" + "\n"

    private inline fun time(work: () -> Unit): Long {
        val start = System.nanoTime()
        work()
        return System.nanoTime() - start
    }

    private companion object {
        const val WARM = 60
        const val TURNS = 60
    }
}
