package org.amana.sample.holder

import org.amana.Collector
import org.amana.Gathered
import org.amana.Kind
import org.amana.sample.model.Seen
import org.amana.sample.model.gather
import org.amana.sample.model.scanPage
import org.amana.sample.page.Say
import org.amana.sample.page.Word

/** One camera for everything that a holder is shown: requests, offers, cards, trust. */
internal fun HolderModel.scan() = scan(Collector(), Seen())

private fun HolderModel.scan(collector: Collector, seen: Seen): Unit = show(
    scanPage(
        Word.SCAN_WHY,
        seen,
        back = { cards() },
        onText = { text ->
            // A card that is in no code of Amana's, such as a paper ID's.
            val other: suspend (String) -> Unit = { card(holder.add(it.encodeToByteArray())) }
            gather(collector, text, { scan(collector, it) }, other) { kind, whole -> take(kind, whole) }
        },
        onBytes = { opened(it) },
    ),
)

/** A file, which may be of any format, or hold a code's text. */
private suspend fun HolderModel.opened(bytes: ByteArray) {
    val text = bytes.decodeToString().trim()
    val gathered = runCatching { Collector().add(text) }.getOrNull()
    if (gathered is Gathered.Whole) take(gathered.kind, gathered.text) else card(holder.add(bytes))
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
