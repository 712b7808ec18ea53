package org.amana.sample.page

/**
 * What a screen shows, from top to bottom, and what can be done there. Models make pages and views draw them: a view
 * decides nothing, and knows no sentence.
 */
class Page(
    val title: Say,
    val blocks: List<Block>,
    /** What the way back does; none where there is no way back. */
    val back: (() -> Unit)? = null,
    /** Whether it matters enough to be read aloud: consent and verdicts. */
    val aloud: Boolean = false,
) {
    val isBright get() = blocks.any { it is Block.Code }
}

/** One thing on a page. */
sealed interface Block {
    class Text(val say: Say, val tone: Tone = Tone.PLAIN) : Block

    /**
     * One thing that was found out: a mark of a shape of its own, in words, and never by colour alone. The main one is to be seen
     * at arm's length in the sun.
     */
    class Fact(val mark: Mark, val say: Say, val isMain: Boolean = false) : Block

    /** A field and what stands in it. */
    class Field(val label: Say, val value: Say) : Block

    /** A picture from a card, such as a portrait: JPEG, PNG or WebP. */
    class Picture(val bytes: ByteArray, val say: Say) : Block

    /** Something to open: a card, an entry. */
    class Row(val say: Say, val detail: List<Say>, val act: () -> Unit) : Block

    class Button(val say: Say, val weight: Weight = Weight.PLAIN, val act: () -> Unit) : Block

    /** A thing to allow or not. */
    class Choice(val say: Say, var isChosen: Boolean, val isGrave: Boolean = false, val onChange: (Boolean) -> Unit = {}) : Block

    /** One of several. */
    class Pick(val label: Say, val options: List<Say>, var chosen: Int, val onChange: (Int) -> Unit = {}) : Block

    /** Something to type. Kept here while the phone turns, and nowhere else. */
    class Entry(val label: Say, val kind: EntryKind, var text: String = "") : Block

    /** A code to show, or several to cycle. */
    class Code(val symbols: List<Modules>, val say: Say) : Block

    /** The camera, whose codes go to `onText`. */
    class Camera(val onText: (String) -> Unit, val onNone: (isRefused: Boolean) -> Unit) : Block

    /** How much of a transfer is there. */
    class Progress(val seen: Int, val of: Int, val say: Say) : Block

    /** Work that takes a while. */
    class Waiting(val say: Say) : Block

    /** Takes a file in. */
    class OpenFile(val say: Say, val onBytes: (ByteArray) -> Unit, val onFail: () -> Unit) : Block

    /** Hands a file out. */
    class SaveFile(val say: Say, val name: String, val bytes: ByteArray, val onSaved: (isSaved: Boolean) -> Unit) : Block
}

enum class Tone { PLAIN, QUIET, HEADING }

/** How a fact stands: each has a shape, a word and a colour. */
enum class Mark { GOOD, CARE, BAD, NOTE }

enum class Weight { MAIN, PLAIN, GRAVE }

enum class EntryKind { PIN, PASSPHRASE, WORDS }

/** The modules of a code, row by row, without the quiet zone. */
class Modules(val width: Int, val dark: BooleanArray) {
    val fullWidth get() = width + 2 * QUIET

    /** Whether this module, counted with the quiet zone, is dark. */
    fun isDark(x: Int, y: Int): Boolean {
        val (column, row) = x - QUIET to y - QUIET
        return column in 0 until width && row in 0 until width && dark[row * width + column]
    }

    private companion object {
        /** Light modules on each side (ISO/IEC 18004). */
        const val QUIET = 4
    }
}
