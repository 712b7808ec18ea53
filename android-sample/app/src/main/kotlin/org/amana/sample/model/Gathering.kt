package org.amana.sample.model

import org.amana.AmanaException
import org.amana.Collector
import org.amana.Gathered
import org.amana.Kind
import org.amana.sample.page.Block
import org.amana.sample.page.Mark
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Tone
import org.amana.sample.page.Word

/** What a camera has come to: how much of a transfer is there, or what is wrong with what it read last. */
internal class Seen(val hint: Say? = null, val progress: Block.Progress? = null) {
    companion object {
        fun some(gathered: Gathered.NeedMore) = Seen(
            Say(Word.SCAN_DISTURBED).takeIf { gathered.disturbed },
            Block.Progress(
                gathered.seen.toInt(),
                gathered.of.toInt(),
                Say(Word.SCAN_PROGRESS, "seen" to gathered.seen, "of" to gathered.of),
            ),
        )

        fun wrong(error: Throwable) = Seen(Problems.say(error))
    }
}

/** The page that scans, for everything that a camera or a file can bring. */
internal fun Model.scanPage(
    why: Word,
    seen: Seen,
    back: suspend () -> Unit,
    onText: suspend (String) -> Unit,
    onBytes: suspend (ByteArray) -> Unit,
): Page {
    val camera = Block.Camera(
        onText = { text -> act { onText(text) }() },
        onNone = { isRefused ->
            val none = Seen(Say(if (isRefused) Word.CAMERA_REFUSED else Word.CAMERA_ABSENT))
            act { show(scanPage(why, none, back, onText, onBytes).without<Block.Camera>()) }()
        },
    )
    return Page(
        Say(Word.SCAN_TITLE),
        listOfNotNull(
            Block.Text(Say(why)),
            camera,
            seen.progress,
            seen.hint?.let { Block.Fact(Mark.CARE, it) },
            Block.OpenFile(
                Say(Word.OPEN_FILE),
                onBytes = { bytes -> act { onBytes(bytes) }() },
                onFail = act { tell(Say(Word.FILE_UNREADABLE), back) },
            ),
            Block.Text(Say(Word.SCAN_HELP), Tone.QUIET),
        ),
        back = act { back() },
    )
}

/**
 * Takes in what a camera read. `other` may know what is in no code of Amana's. What fits nothing here is told and the camera goes
 * on: a code from another app, one cut off or one of two transfers mixed is nothing lost.
 */
internal suspend fun gather(
    collector: Collector,
    text: String,
    again: (Seen) -> Unit,
    other: (suspend (String) -> Unit)? = null,
    whole: suspend (Kind, String) -> Unit,
) {
    try {
        try {
            when (val gathered = collector.add(text)) {
                is Gathered.Whole -> whole(gathered.kind, gathered.text)
                is Gathered.NeedMore -> again(Seen.some(gathered))
            }
        } catch (error: AmanaException.Foreign) {
            if (other == null) throw error
            other(text)
        }
    } catch (error: Exception) {
        if (!isPassing(error)) throw error
        again(Seen.wrong(error))
    }
}

/** Whether nothing is lost by looking again. */
private fun isPassing(error: Exception) =
    error is AmanaException.Foreign || error is AmanaException.Damaged || error is AmanaException.NotForMe || error is Slip

/** The same page without blocks of a kind. */
private inline fun <reified T : Block> Page.without() = Page(title, blocks.filter { it !is T }, back, aloud)
