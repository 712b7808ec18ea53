package org.amana.sample

import android.view.View
import android.view.WindowManager
import android.widget.Button
import android.widget.EditText
import android.widget.ImageView
import android.widget.TextView
import kotlin.math.pow
import org.amana.sample.model.Language
import org.amana.sample.page.Block
import org.amana.sample.page.MARKS
import org.amana.sample.page.Mark
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Word
import org.amana.sample.view.CodeView
import org.amana.sample.view.Looks
import org.amana.sample.view.PageView
import org.amana.sample.view.Words
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** For eyes, ears and fingers of every kind. */
@RunWith(RobolectricTestRunner::class)
class AccessTest : AppTest() {
    @Test fun `every ink stands out from its ground`() {
        for ((ink, ground) in Looks.pairs) {
            val contrast = contrast(ink, ground)
            assertTrue("%06x on %06x: %.2f".format(ink and 0xFFFFFF, ground and 0xFFFFFF, contrast), contrast >= LEAST_CONTRAST)
        }
    }

    @Test fun `every mark is of a sentence that there is`() {
        val words = RuntimeEnvironment.getApplication().resources
        for ((id, mark) in MARKS) {
            assertTrue(id, words.getIdentifier(id, "string", "org.amana.sample") != 0)
            assertNotEquals(id, Mark.NOTE, mark)
        }
    }

    @Test fun `every screen can be touched, heard and kept to oneself, and verdicts and consent read aloud`() {
        val findings = mutableListOf<String>()
        val aloud = mutableSetOf<String>()
        Tour(this) { name, screen ->
            screen.picture()
            if (screen.sees(Word.READ_ALOUD)) aloud += name
            findings += screen.all().flatMap(::findings).map { "$name: $it" }
            val flags = screen.activity.window.attributes.flags
            if (flags and WindowManager.LayoutParams.FLAG_SECURE == 0) findings += "$name can be photographed by the phone itself"
            val page = screen.all().filterIsInstance<PageView>().first()
            if (page.importantForAutofill != View.IMPORTANT_FOR_AUTOFILL_NO_EXCLUDE_DESCENDANTS) findings += "$name is filled in by others"
        }.go()
        assertEquals(emptyList<String>(), findings)
        assertTrue("$aloud", aloud.containsAll(listOf("asked", "beyond", "consent", "check-verdict", "check-verdict-paper")))
    }

    @Test fun `each line of a field has its own direction`() {
        val screen = check().await(Word.LOAD_TITLE)
        val page = Page(Say(Word.CHECK_TITLE), listOf(Block.Field(Say.text("Address"), Say.text("12 Rose Street.\nخوراک 5\n0800 110"))))
        val language = Language.entries.first { it.isRightToLeft }
        screen.draw(page, Words(screen.activity, language)) { view ->
            assertEquals(View.LAYOUT_DIRECTION_RTL, view.layoutDirection)
            val lines = texts(view).single { it.text.contains("Rose") }.text.lines()
            assertEquals(listOf("Address", "\u206812 Rose Street.\u2069", "\u2068خوراک 5\u2069", "\u20660800 110\u2069"), lines)
        }
    }

    @Test fun `text twice as large is all there, in every language`() {
        RuntimeEnvironment.setFontScale(2f)
        val findings = mutableListOf<String>()
        Tour(this) { name, screen ->
            for (language in Language.entries) {
                val words = Words(screen.activity, language)
                screen.draw(checkNotNull(screen.activity.shown), words) { view ->
                    findings += cut(view).map { "$name, ${language.tag}: $it" }
                    if (view.layoutDirection != words.direction) findings += "$name runs the wrong way in ${language.tag}"
                }
            }
        }.go()
        assertEquals(emptyList<String>(), findings)
    }

    private fun findings(view: View): List<String> = listOfNotNull(
        "a target of ${view.width}x${view.height}".takeIf { view.isClickable && (view.width < least(view) || view.height < least(view)) },
        "${view.javaClass.simpleName} says nothing".takeIf { says(view).isNullOrBlank() },
        "a field that can be copied from".takeIf { view is EditText && (view.isLongClickable || view.isSaveEnabled) },
    )

    private fun least(view: View) = Looks.dp(view.context, LEAST_TARGET)

    /** What a screen reader says of it; only of what has to say something. */
    private fun says(view: View): CharSequence? = when (view) {
        is EditText -> view.contentDescription ?: label(view)
        is Button -> view.text
        is ImageView, is CodeView -> view.contentDescription
        else -> if (view.isClickable) view.contentDescription else "nothing to say"
    }

    private fun label(field: EditText): CharSequence? {
        val siblings = (field.parent as android.view.ViewGroup).let { group -> (0 until group.childCount).map(group::getChildAt) }
        return siblings.filterIsInstance<TextView>().find { it.labelFor == field.id }?.text
    }

    private fun cut(view: View): List<String> = texts(view).mapNotNull { text ->
        val layout = text.layout ?: return@mapNotNull null
        val isCut = (0 until layout.lineCount).any { layout.getEllipsisCount(it) > 0 }
        val isHigh = layout.height + text.compoundPaddingTop + text.compoundPaddingBottom > text.height
        val isWide = text.width <= 0 || (0 until layout.lineCount).any { layout.getLineMax(it) > layout.width + 1 }
        val isOut = text.right > (text.parent as View).width || text.left < 0
        "\"${text.text}\" is cut off".takeIf { text !is EditText && (isCut || isHigh || isWide || isOut) }
    }

    private fun texts(view: View): List<TextView> = when (view) {
        is TextView -> listOf(view)
        is android.view.ViewGroup -> (0 until view.childCount).flatMap { texts(view.getChildAt(it)) }
        else -> listOf()
    }

    /** WCAG 2.2, 1.4.3. */
    private fun contrast(one: Int, other: Int): Double {
        val (low, high) = listOf(luminance(one), luminance(other)).sorted()
        return (high + 0.05) / (low + 0.05)
    }

    private fun luminance(colour: Int): Double {
        fun linear(shift: Int) = ((colour shr shift and 0xFF) / 255.0).let { if (it <= 0.04045) it / 12.92 else ((it + 0.055) / 1.055).pow(2.4) }
        return 0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
    }

    private companion object {
        const val LEAST_CONTRAST = 4.5
        const val LEAST_TARGET = 48
    }
}
