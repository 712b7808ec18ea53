package org.amana.sample.view

import android.content.Context
import android.util.TypedValue
import org.amana.sample.page.Mark
import org.amana.sample.page.Tone
import org.amana.sample.page.Weight

/**
 * How everything looks: change it here. Sizes are in dp, text in sp; a test holds every pair of colours to a contrast of at
 * least 4.5 to 1.
 */
object Looks {
    const val PAPER = 0xFFFFFFFF.toInt()
    const val INK = 0xFF1B1B1B.toInt()
    const val QUIET_INK = 0xFF5A5A5A.toInt()
    const val ACCENT = 0xFF0B5C4B.toInt()
    const val ON_ACCENT = 0xFFFFFFFF.toInt()
    const val GRAVE = 0xFF9B1C1C.toInt()
    const val FIELD = 0xFFF1F3F2.toInt()
    const val LINE = 0xFF737B78.toInt()

    const val GAP = 12
    const val MARGIN = 20
    const val TARGET = 56
    const val MARK = 32
    const val MAIN_MARK = 56
    const val CORNER = 12
    const val LINE_WIDTH = 2

    const val TITLE_SIZE = 26f
    const val HEADING_SIZE = 20f
    const val TEXT_SIZE = 17f
    const val QUIET_SIZE = 15f

    /** A fact's ground and its ink; the main one's are turned round. */
    fun fact(mark: Mark, isMain: Boolean): Pair<Int, Int> = if (isMain) ink(mark) to PAPER else ground(mark) to ink(mark)

    private fun ink(mark: Mark) = when (mark) {
        Mark.GOOD -> 0xFF14603A.toInt()
        Mark.CARE -> 0xFF7A4B00.toInt()
        Mark.BAD -> GRAVE
        Mark.NOTE -> INK
    }

    private fun ground(mark: Mark) = when (mark) {
        Mark.GOOD -> 0xFFE7F4EC.toInt()
        Mark.CARE -> 0xFFFDF3DF.toInt()
        Mark.BAD -> 0xFFFBE9E9.toInt()
        Mark.NOTE -> FIELD
    }

    fun size(tone: Tone) = when (tone) {
        Tone.HEADING -> HEADING_SIZE
        Tone.QUIET -> QUIET_SIZE
        Tone.PLAIN -> TEXT_SIZE
    }

    fun ink(tone: Tone) = when (tone) {
        Tone.QUIET -> QUIET_INK
        Tone.PLAIN, Tone.HEADING -> INK
    }

    /** A button's ground and its ink. */
    fun button(weight: Weight): Pair<Int, Int> = when (weight) {
        Weight.MAIN -> ACCENT to ON_ACCENT
        Weight.PLAIN -> PAPER to ACCENT
        Weight.GRAVE -> PAPER to GRAVE
    }

    /** Every ink on the ground that it stands on. */
    val pairs: List<Pair<Int, Int>> =
        listOf(INK to PAPER, QUIET_INK to PAPER, GRAVE to PAPER, INK to FIELD, QUIET_INK to FIELD) +
            (Mark.entries.flatMap { listOf(fact(it, false), fact(it, true)) } + Weight.entries.map(::button)).map { (ground, ink) -> ink to ground }

    fun dp(context: Context, size: Int): Int = pixels(context, TypedValue.COMPLEX_UNIT_DIP, size.toFloat())

    fun sp(context: Context, size: Float): Int = pixels(context, TypedValue.COMPLEX_UNIT_SP, size)

    private fun pixels(context: Context, unit: Int, size: Float) =
        TypedValue.applyDimension(unit, size, context.resources.displayMetrics).toInt()
}
