package org.amana.sample

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import java.io.File
import kotlin.math.abs
import org.amana.Symbol
import org.amana.sample.model.Language
import org.amana.sample.page.Block
import org.amana.sample.page.Modules
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Word
import org.amana.sample.view.Words
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/**
 * Every screen as it is drawn, in English and Urdu or whichever languages are named, beside the picture of it in `docs/pictures`. `cargo xtask pictures` draws these
 * anew; look at them before they are committed.
 */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], qualifiers = "w360dp-h640dp-hdpi")
class PicturesTest : AppTest() {
    private val gallery = File(System.getProperty("amana.pictures"))
    private val isRedrawn = System.getProperty("amana.redraw") == "true"
    private val languages = System.getProperty("amana.languages").split(",").map { tag -> Language.entries.first { it.tag == tag } }

    @Test fun `every screen looks as its picture`() {
        val differing = mutableListOf<String>()
        val drawn = mutableSetOf<String>()
        Tour(this) { name, screen ->
            val words = languages.map { Words(screen.activity, it) }
            for (language in words) {
                val path = "${language.language.tag}/$name.png"
                val picture = screen.draw(withoutChance(screen.page), language)
                drawn += path
                if (isRedrawn) write(path, picture) else compare(path, picture)?.let { differing += it }
            }
        }.go()
        assertTrue(differing.joinToString("\n"), differing.isEmpty())
        val kept = languages.flatMap { language -> File(gallery, language.tag).list().orEmpty().map { "${language.tag}/$it" } }
        assertEquals("pictures of screens that are no more", emptySet<String>(), kept.toSet() - drawn)
    }

    /**
     * The same page with what is another every time replaced: keys make every code another, words for paper are random, and
     * the numbers are those of today.
     */
    private fun withoutChance(page: Page) = Page(
        page.title,
        page.blocks.map { block ->
            when {
                block is Block.Code -> Block.Code(listOf(modules(Symbol.of(codeFor(block.say)))), block.say)
                block is Block.Text && block.say.id == Word.TALLY_DAY.id -> Block.Text(Say(Word.TALLY_DAY, "day" to TestClock.DAY), block.tone)
                block is Block.Text && block.say.id.isEmpty() -> Block.Text(Say.text("eight words on paper in this very order"), block.tone)
                else -> block
            }
        },
        page.back,
        page.aloud,
    )

    /** Another for each kind of code, as they are. */
    private fun codeFor(say: Say) = "AM1Q:" + say.id.filter { it in 'a'..'z' }.uppercase().repeat(40)

    private fun modules(symbol: Symbol): Modules {
        val modules = symbol.modules()
        return Modules(symbol.width().toInt(), BooleanArray(modules.size) { modules[it].toInt() == 1 })
    }

    private fun write(path: String, picture: Bitmap) {
        val file = File(gallery, path)
        file.parentFile?.mkdirs()
        file.outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }

    private fun compare(path: String, picture: Bitmap): String? {
        val file = File(gallery, path)
        if (!file.exists()) return "$path is not there: cargo xtask pictures"
        val kept = BitmapFactory.decodeFile(file.path)
        if (kept.width != picture.width || kept.height != picture.height) {
            return "$path: ${picture.width}x${picture.height}, and was ${kept.width}x${kept.height}" + beside(path, picture)
        }
        val (ours, theirs) = pixels(picture) to pixels(kept)
        val part = ours.indices.count { differs(ours[it], theirs[it]) } * 100.0 / ours.size
        return if (part <= MOST_PERCENT) null else "$path: ${"%.2f".format(part)} % of it is another" + beside(path, picture)
    }

    /** Leaves what was drawn now where a person can look at it. */
    private fun beside(path: String, picture: Bitmap): String {
        val file = File("target/pictures", path)
        file.parentFile?.mkdirs()
        file.outputStream().use { picture.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return " (see ${file.absolutePath})"
    }

    private fun pixels(picture: Bitmap) =
        IntArray(picture.width * picture.height).also { picture.getPixels(it, 0, picture.width, 0, 0, picture.width, picture.height) }

    private fun differs(one: Int, other: Int) = SHIFTS.any { abs((one shr it and 0xFF) - (other shr it and 0xFF)) > MOST_STEPS }

    private companion object {
        val SHIFTS = listOf(0, 8, 16)
        const val MOST_PERCENT = 0.5
        const val MOST_STEPS = 16
    }
}
