package org.amana.sample.holder

import org.amana.Answer
import org.amana.Asker
import org.amana.Consent
import org.amana.IncomingRequest
import org.amana.Need
import org.amana.sample.page.Block
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Tone
import org.amana.sample.page.Weight
import org.amana.sample.page.Word
import org.amana.sample.page.fact

/** Who asks what, and why; each claim is chosen by itself. */
internal suspend fun HolderModel.asked(request: String) = asked(request, holder.receive(request))

private fun HolderModel.asked(text: String, request: IncomingRequest) {
    val chosen = request.needed().toMutableSet()
    val beyond = mutableSetOf<String>()
    val items = request.items()
    val askedFor = items.associateBy { it.path }
    val (name, registrar) = names(request.asker())
    val blocks = request.explain().map { message ->
        val say = Say.of(message, "name" to name, "registrar" to registrar)
        val item = message.args()["claim"]?.let(askedFor::get)
        when {
            item == null || message.id() !in NEEDS -> fact(say)
            !item.held -> Block.Text(Say(Word.ASKED_NOT_HELD, "claim" to item.path), Tone.QUIET)
            else -> {
                val into = if (item.need == Need.BEYOND) beyond else chosen
                Block.Choice(say, item.path in chosen, item.need == Need.BEYOND) { if (it) into += item.path else into -= item.path }
            }
        }
    }
    show(
        Page(
            Say(Word.ASKED_TITLE),
            blocks + listOf(
                Block.Button(Say(Word.ASKED_GO_ON), Weight.MAIN, act(back = { asked(text) }) {
                    // What is beyond the registration takes an act of its own, never the one that shares the rest.
                    if (beyond.isEmpty()) consent(text, request.consent(chosen.toList())) else sure(text, request, chosen, beyond)
                }),
                Block.Button(Say(Word.ASKED_DECLINE), act = act(Word.WAIT) { declined(request.decline()) }),
            ),
            back = act { cards() },
            aloud = true,
        ),
    )
}

private fun HolderModel.sure(text: String, request: IncomingRequest, chosen: Set<String>, beyond: Set<String>) = show(
    Page(
        Say(Word.BEYOND_TITLE),
        beyond.map { fact(Say(Say.explained("claim-beyond"), mapOf("claim" to it))) } + listOf(
            Block.Text(Say(Word.BEYOND_WHAT)),
            Block.Button(Say(Word.BEYOND_WITHOUT), Weight.MAIN, act(back = { asked(text) }) { consent(text, request.consent(chosen.toList())) }),
            Block.Button(Say(Word.BEYOND_SHARE), Weight.GRAVE, act(back = { asked(text) }) {
                consent(text, request.consentBeyondRegistration(chosen.toList(), beyond.toList()))
            }),
        ),
        back = act { asked(text) },
        aloud = true,
    ),
)

/** What will be shown and what not, before the last tap. */
private fun HolderModel.consent(text: String, consent: Consent) = show(
    Page(
        Say(Word.CONSENT_TITLE),
        consent.explain().map { fact(Say.of(it)) } + listOf(
            Block.Button(Say(Word.CONSENT_SHOW), Weight.MAIN, act(Word.WAIT) { answered(consent.respond()) }),
        ),
        back = act { asked(text) },
        aloud = true,
    ),
)

/** The answer, for the verifier's camera. It is in the history already, or says why not. */
private fun HolderModel.answered(answer: Answer) = codePage(answer, Word.ANSWER_WHAT)

private fun HolderModel.declined(answer: Answer) = codePage(answer, Word.DECLINED_WHAT)

private fun HolderModel.codePage(answer: Answer, what: Word) = show(
    Page(
        Say(Word.ANSWER_TITLE),
        listOf(code(answer.text(), Word.ANSWER_CODE), Block.Text(Say(what))) +
            answer.explain().map { fact(Say.of(it)) } +
            Block.Button(Say(Word.DONE), Weight.MAIN, act { cards() }),
        back = act { cards() },
    ),
)

private fun names(asker: Asker): Pair<Map<String, String>, Map<String, String>> = when (asker) {
    is Asker.Registered -> asker.names to asker.registrar
    is Asker.Lapsed -> asker.names to mapOf()
    is Asker.Unregistered -> mapOf<String, String>() to mapOf()
}

private val NEEDS = setOf("claim-needed", "claim-optional", "claim-beyond")
