package org.amana.sample.holder

import org.amana.AmanaException
import org.amana.Collector
import org.amana.Gathered
import org.amana.Kind
import org.amana.sample.page.Block
import org.amana.sample.page.Say
import org.amana.sample.page.Word
import org.amana.sample.model.Problems

/** One camera for everything that a holder is shown: requests, offers, cards, trust. */
internal fun HolderModel.scan() = scan(Collector(), null, null)

private fun HolderModel.scan(collector: Collector, hint: Say?, progress: Block.Progress?) {
    show(
        scanPage(
            Word.SCAN_WHY,
            hint,
            progress,
            back = { cards() },
            onText = { scanned(collector, it) },
            onBytes = { opened(it) },
        ),
    )
}

private suspend fun HolderModel.scanned(collector: Collector, text: String) {
    try {
        when (val gathered = collector.add(text)) {
            is Gathered.Whole -> take(gathered.kind, gathered.text)
            is Gathered.NeedMore -> {
                val hint = Say(Word.SCAN_DISTURBED).takeIf { gathered.disturbed }
                val progress = Block.Progress(gathered.seen.toInt(), gathered.of.toInt(), Say(Word.SCAN_PROGRESS, "seen" to gathered.seen, "of" to gathered.of))
                scan(collector, hint, progress)
            }
        }
    } catch (error: AmanaException) {
        if (error is AmanaException.Foreign && addOther(text.encodeToByteArray())) return
        // The camera goes on: a code from another app, one cut off or one of two transfers mixed is nothing lost.
        if (isPassing(error)) scan(collector, Problems.say(error), null) else throw error
    }
}

private fun isPassing(error: AmanaException) =
    error is AmanaException.Foreign || error is AmanaException.Damaged || error is AmanaException.NotForMe

/** A file, which may be of any format, or hold a code's text. */
private suspend fun HolderModel.opened(bytes: ByteArray) {
    val text = bytes.decodeToString().trim()
    val gathered = runCatching { Collector().add(text) }.getOrNull()
    if (gathered is Gathered.Whole) take(gathered.kind, gathered.text) else card(holder.add(bytes))
}

/** A card that is in no code of Amana's, such as a paper ID's. */
private suspend fun HolderModel.addOther(bytes: ByteArray): Boolean = try {
    card(holder.add(bytes))
    true
} catch (_: AmanaException.Foreign) {
    false
}

private suspend fun HolderModel.take(kind: Kind, text: String) = when (kind) {
    Kind.REQUEST -> asked(text)
    Kind.OFFER -> offered(text)
    Kind.CARD, Kind.DELIVERY -> card(holder.add(text.encodeToByteArray()))
    Kind.BUNDLE -> {
        val edition = holder.loadTrust(text.encodeToByteArray(), anchor)
        tell(Say(Word.TRUST_LOADED, "edition" to edition)) { cards() }
    }
    Kind.SHARE -> tell(Say(Word.SHARE_ELSEWHERE)) { backup() }
    Kind.RESPONSE, Kind.ENROLMENT, Kind.STATUS_LIST -> tell(Say(Word.PROBLEM_NOT_FOR_HOLDERS)) { scan() }
}
