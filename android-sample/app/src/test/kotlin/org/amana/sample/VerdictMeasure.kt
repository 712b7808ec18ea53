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

/** From the text of an answer to the verdict that is drawn, over the core's call alone: `cargo xtask bench apps` reads what it writes. */
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
        val ratios = (0 until WARM + PAIRS).map {
            val open = verifier.request("food-ration", claims, listOf())
            val bare = answer(open.text())
            val alone = time { check(open.judge(bare) is Judged.Answered) }

            check.tap(purpose()).await { page -> page.blocks.any { block -> block is Block.Code } }
            val shown = answer(check.readCode())
            check.tap(Word.ASK_SCAN).await(Word.SCAN_TITLE)
            val onScreen = time {
                check.scan(shown)
                while (check.page.title.id != Word.VERDICT_TITLE.id) shadowOf(Looper.getMainLooper()).idle()
                check.layOut()
            }
            check.tap(Word.NEXT).await { page -> page.blocks.any { block -> block is Block.Row } }
            onScreen.toDouble() / alone
        }
        val median = ratios.drop(WARM).sorted()[PAIRS / 2]
        File("target/measures.jsonl").writeText("""{"name":"verdict-on-screen","value":$median,"unit":"ratio","bar":3}""" + "\n")
    }

    private inline fun time(work: () -> Unit): Long {
        val start = System.nanoTime()
        work()
        return System.nanoTime() - start
    }

    private companion object {
        const val WARM = 20
        const val PAIRS = 60
    }
}
