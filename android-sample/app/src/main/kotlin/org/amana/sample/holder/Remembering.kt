package org.amana.sample.holder

import org.amana.HistoryEntry
import org.amana.sample.page.Block
import org.amana.sample.page.Mark
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Tone
import org.amana.sample.page.Weight
import org.amana.sample.page.Word

/** What was asked and shown: names of fields, never values. */
internal suspend fun HolderModel.history() {
    val history = holder.history()
    val keep = Block.Choice(Say(Word.HISTORY_KEEP), history.isKept) { keep -> act { holder.keepHistory(keep); history() }() }
    val rows = history.entries.map { entry ->
        val lines = entry.explain().map { Say.of(it, "name" to entry.names()) }
        Block.Row(lines.first(), lines.drop(1), act { entry(entry) })
    }
    val export = holder.exportHistory().encodeToByteArray()
    show(
        Page(
            Say(Word.HISTORY_TITLE),
            listOfNotNull(
                Block.Text(Say(Word.HISTORY_WHAT), Tone.QUIET),
                Block.Fact(Mark.BAD, Say(Word.HISTORY_NOT_WHOLE)).takeIf { !history.isWhole },
                keep,
                Block.Text(Say(Word.HISTORY_NONE)).takeIf { rows.isEmpty() },
            ) + rows + listOfNotNull(
                Block.SaveFile(Say(Word.HISTORY_EXPORT), "amana-history.json", export) { isSaved ->
                    act { saved(isSaved) { history() } }()
                }.takeIf { rows.isNotEmpty() },
            ),
            back = act { cards() },
        ),
    )
}

private fun HolderModel.entry(entry: HistoryEntry) {
    val lines = entry.explain().map { Say.of(it, "name" to entry.names()) }
    show(
        Page(
            Say(Word.HISTORY_ENTRY_TITLE),
            listOf(Block.Text(lines.first(), Tone.HEADING)) + lines.drop(1).map { Block.Text(it) } + listOf(
                Block.Button(Say(Word.HISTORY_FORGET), Weight.GRAVE, act { holder.forget(entry.id()); history() }),
            ),
            back = act { history() },
        ),
    )
}

/** What became of a file that was handed out. */
internal fun HolderModel.saved(isSaved: Boolean, back: suspend () -> Unit) =
    tell(Say(if (isSaved) Word.FILE_SAVED else Word.FILE_NOT_SAVED), back)
