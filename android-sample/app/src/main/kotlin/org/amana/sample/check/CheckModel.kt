package org.amana.sample.check

import java.time.Instant
import java.time.ZoneOffset
import org.amana.AmanaException
import org.amana.Authenticity
import org.amana.Clock
import org.amana.Collector
import org.amana.Decision
import org.amana.Gathered
import org.amana.Judged
import org.amana.Kind
import org.amana.OpenRequest
import org.amana.Purpose
import org.amana.Verdict
import org.amana.Verifier
import org.amana.sample.model.Model
import org.amana.sample.model.Phone
import org.amana.sample.model.Problems
import org.amana.sample.model.Seen
import org.amana.sample.model.Slip
import org.amana.sample.model.gather
import org.amana.sample.model.scanPage
import org.amana.sample.page.Block
import org.amana.sample.page.Mark
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Tone
import org.amana.sample.page.Weight
import org.amana.sample.page.Word
import org.amana.sample.page.fact
import org.amana.sample.page.fields

/** The field worker's app: ask, scan, see what is known and what is not. It holds no wallet. */
class CheckModel(phone: Phone, shelf: Shelf, anchor: String, private val clock: Clock) : Model(phone) {
    private val kit = Kit(shelf, anchor, clock)
    private val tally = Tally(shelf)

    override suspend fun start() = home()

    override suspend fun home() {
        val verifier = try {
            kit.verifier()
        } catch (error: AmanaException) {
            // What it goes by has become useless, as by another key in the app: there is one page to put that right.
            return load(Block.Fact(Mark.CARE, Problems.say(error)))
        }
        if (verifier == null) load() else purposes(verifier)
    }

    private fun purposes(verifier: Verifier) {
        val rows = verifier.purposes().map { purpose ->
            val asks = (purpose.needed + purpose.optional).map(Say::field)
            Block.Row(Say.purpose(purpose.code), asks, act { ask(verifier, purpose) })
        }
        show(
            Page(
                Say.name(verifier.names(), "").takeIf { verifier.names().isNotEmpty() } ?: Say(Word.CHECK_TITLE),
                listOfNotNull(
                    Block.Text(Say(Word.CHECK_WHAT)),
                    Block.Fact(Mark.CARE, Say(Word.CHECK_UNREGISTERED)).takeIf { rows.isEmpty() },
                ) + rows + listOf(
                    Block.Button(Say(Word.CHECK_CARD), act = act { scanCard(verifier) }),
                    Block.Button(Say(Word.TALLY_TITLE), act = act { tally() }),
                    Block.Button(Say(Word.KNOWN_TITLE), act = act { known(verifier) }),
                    Block.Button(Say(Word.LOAD_TITLE), act = act { load() }),
                    languages(),
                ),
            ),
        )
    }

    // Asking.

    private suspend fun ask(verifier: Verifier, purpose: Purpose) {
        val claims = purpose.needed + purpose.optional
        val open = verifier.request(purpose.code, claims, listOf())
        show(
            Page(
                Say.purpose(purpose.code),
                listOf(
                    code(open.text(), Word.ASK_CODE),
                    Block.Text(Say(Word.ASK_WHAT)),
                    Block.Button(Say(Word.ASK_SCAN), Weight.MAIN, act { scanAnswer(open, Collector(), Seen()) }),
                ) + claims.map { Block.Text(Say.field(it), Tone.QUIET) },
                back = act { open.cancel(); home() },
            ),
        )
    }

    private fun scanAnswer(open: OpenRequest, collector: Collector, seen: Seen): Unit = show(
        scanPage(
            Word.SCAN_WHY_ANSWER,
            seen,
            back = { open.cancel(); home() },
            onText = { text -> gather(collector, text, { scanAnswer(open, collector, it) }) { _, whole -> judge(open, whole) } },
            onBytes = { judge(open, it.decodeToString().trim()) },
        ),
    )

    private suspend fun judge(open: OpenRequest, answer: String) = when (val judged = open.judge(answer)) {
        is Judged.Answered -> verdict(judged.verdict)
        is Judged.Declined -> found(Say(Word.DECLINED_TITLE), listOf(Block.Fact(Mark.NOTE, Say(Word.DECLINED_TOLD)))) { Tally.Kind.DECLINED }
    }

    // A card that is shown by itself.

    private fun scanCard(verifier: Verifier, collector: Collector = Collector(), seen: Seen = Seen()): Unit = show(
        scanPage(
            Word.SCAN_WHY_CARD,
            seen,
            back = { home() },
            onText = { text ->
                val judge: suspend (String) -> Unit = { verdict(verifier.judgeCard(it.encodeToByteArray())) }
                gather(collector, text, { scanCard(verifier, collector, it) }, judge) { kind, whole ->
                    // A request in view is the other app's: no card, and nothing wrong with it either.
                    if (kind != Kind.CARD) throw Slip(Word.PROBLEM_NO_CARD)
                    judge(whole)
                }
            },
            onBytes = { verdict(verifier.judgeCard(it)) },
        ),
    )

    // What was found.

    private fun verdict(verdict: Verdict) {
        val issuer = (verdict.authenticity() as? Authenticity.Genuine)?.issuer.orEmpty()
        val facts = verdict.explain().map { fact(Say.of(it, "issuer" to issuer)) }
        found(Say(Word.VERDICT_TITLE), facts + fields(verdict.claims())) { kind(verdict.decision()) }
    }

    /** Shown first and counted then: a phone that is full keeps no verdict from anybody. */
    private fun found(title: Say, blocks: List<Block>, kind: () -> Tally.Kind) {
        val next = act { home() }
        fun told(blocks: List<Block>) = show(Page(title, blocks + Block.Button(Say(Word.NEXT), Weight.MAIN, next), back = next, aloud = true))
        told(blocks)
        try {
            tally.count(phone.today(), kind())
        } catch (_: Exception) {
            told(blocks + Block.Fact(Mark.CARE, Say(Word.TALLY_MISSED)))
        }
    }

    private fun kind(decision: Decision) = when (decision) {
        is Decision.Accept -> Tally.Kind.ACCEPTED
        is Decision.AcceptWithException -> Tally.Kind.EXCEPTION
        is Decision.Refuse -> Tally.Kind.REFUSED
    }

    private fun tally() {
        val counts = tally.of(phone.today())
        val words = listOf(
            Tally.Kind.ACCEPTED to Word.TALLY_ACCEPTED,
            Tally.Kind.EXCEPTION to Word.TALLY_EXCEPTION,
            Tally.Kind.REFUSED to Word.TALLY_REFUSED,
            Tally.Kind.DECLINED to Word.TALLY_DECLINED,
        )
        show(
            Page(
                Say(Word.TALLY_TITLE),
                listOf(Block.Text(Say(Word.TALLY_DAY, "day" to phone.today()), Tone.HEADING)) +
                    words.map { (kind, word) -> Block.Field(Say(word), Say.text(counts.getValue(kind).toString())) } +
                    Block.Text(Say(Word.TALLY_WHAT), Tone.QUIET),
                back = act { home() },
            ),
        )
    }

    // What it goes by, and how old that is.

    private fun known(verifier: Verifier) {
        val known = verifier.knowledge()
        val isOver = phone.today() > known.trustUntil || phone.today() < known.trustFrom
        val lists = known.lists.map { list ->
            val isOld = list.staleFrom?.let { it <= clock.now() } ?: false
            val say = Say(if (isOld) Word.KNOWN_LIST_OLD else Word.KNOWN_LIST, "name" to list.uri, "day" to day(list.asOf))
            Block.Fact(if (isOld) Mark.CARE else Mark.GOOD, say)
        }
        show(
            Page(
                Say(Word.KNOWN_TITLE),
                listOf(
                    Block.Fact(
                        if (isOver) Mark.CARE else Mark.GOOD,
                        Say(Word.KNOWN_TRUST, "edition" to known.trustSequence, "from" to known.trustFrom, "until" to known.trustUntil),
                    ),
                ) + lists.ifEmpty { listOf(Block.Fact(Mark.CARE, Say(Word.KNOWN_NO_LISTS))) } + listOf(
                    Block.Choice(Say(Word.KNOWN_STRICT), kit.isStrict) { strict ->
                        act {
                            kit.isStrict = strict
                            kit.verifier()?.let(::known) ?: load()
                        }()
                    },
                    Block.Button(Say(Word.LOAD_TITLE), Weight.MAIN, act { load() }),
                ),
                back = act { home() },
            ),
        )
    }

    private fun load(hint: Block? = null) {
        val parts = listOf(kit.hasKey to Word.LOAD_KEY, kit.hasTrust to Word.LOAD_TRUST, kit.hasRegistration to Word.LOAD_REGISTRATION)
        val isReady = kit.hasKey && kit.hasTrust
        show(
            Page(
                Say(Word.LOAD_TITLE),
                listOfNotNull(hint, Block.Text(Say(Word.LOAD_WHAT))) +
                    parts.map { (isThere, word) -> Block.Fact(if (isThere) Mark.GOOD else Mark.NOTE, Say(word)) } +
                    listOfNotNull(
                        Block.OpenFile(
                            Say(Word.OPEN_FILE),
                            onBytes = { bytes -> act(back = { load() }) { take(bytes) }() },
                            onFail = act { tell(Say(Word.FILE_UNREADABLE)) { load() } },
                        ),
                        Block.Button(Say(Word.LOAD_SCAN), act = act { scanKit(Collector(), Seen()) }),
                        Block.Button(Say(Word.DONE), Weight.MAIN, act { home() }).takeIf { isReady },
                        languages(),
                    ),
                back = if (isReady) act { home() } else null,
            ),
        )
    }

    private fun scanKit(collector: Collector, seen: Seen): Unit = show(
        scanPage(
            Word.SCAN_WHY_KIT,
            seen,
            back = { load() },
            onText = { text ->
                val other: suspend (String) -> Unit = { take(it.encodeToByteArray()) }
                gather(collector, text, { scanKit(collector, it) }, other) { kind, whole -> take(kind, whole.encodeToByteArray()) }
            },
            onBytes = { take(it) },
        ),
    )

    private suspend fun take(kind: Kind, bytes: ByteArray) {
        when (kind) {
            Kind.BUNDLE -> kit.takeTrust(bytes)
            Kind.STATUS_LIST -> kit.takeList(bytes)
            else -> throw Slip(Word.PROBLEM_NOT_FOR_KIT)
        }
        load(Block.Fact(Mark.GOOD, Say(Word.LOAD_TAKEN)))
    }

    /** A file: it says itself what it is, by what can be made of it. */
    private suspend fun take(bytes: ByteArray) {
        val text = bytes.decodeToString().trim()
        val gathered = runCatching { Collector().add(text) }.getOrNull()
        if (gathered is Gathered.Whole) return take(gathered.kind, bytes)
        val ways = listOf<suspend () -> Unit>({ kit.takeKey(text) }, { kit.takeRegistration(bytes) }, { kit.takeList(bytes) })
        val errors = ways.map { way ->
            try {
                way()
                return load(Block.Fact(Mark.GOOD, Say(Word.LOAD_TAKEN)))
            } catch (error: AmanaException) {
                error
            } catch (slip: Slip) {
                slip
            }
        }
        // The one that tells most: it was recognised, and something else is wrong with it.
        val telling = errors.find {
            it is Slip || it is AmanaException.Untrusted || it is AmanaException.Invalid && it.problem.reason == "registration"
        }
        throw telling ?: Slip(Word.PROBLEM_NOT_FOR_KIT)
    }

    private fun day(seconds: Long) = Instant.ofEpochSecond(seconds).atZone(ZoneOffset.UTC).toLocalDate().toString()
}
