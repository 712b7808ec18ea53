package org.amana

import java.nio.file.Path
import java.util.concurrent.TimeUnit
import kotlin.io.path.copyTo
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeText

const val ISSUER = "https://id.example"
const val CARD_TYPE = "ration-card"
const val PURPOSE = "food-ration"
const val PIN = "482913"

/**
 * An issuing desk, a registrar and whoever runs the programme, all by the command, in files of their own; `anchorFolder` where the
 * programme's key is there already.
 */
class Desk(private val folder: Path, anchorFolder: Path? = null) {
    private val amana = checkNotNull(System.getenv("AMANA_CLI")) { "AMANA_CLI names the command; cargo xtask test does" }

    init {
        for (name in listOf("anchor.jwk", "anchor.pub.jwk")) anchorFolder?.resolve(name)?.copyTo(file(name))
        for (name in listOf("anchor", "desk", "registrar", "point").filter { it != "anchor" || anchorFolder == null }) {
            amana("issuer", "keygen", "--kid", name, "--out", "$name.jwk", "--public", "$name.pub.jwk")
        }
        file("bundle.json").writeText(
            """{"sequence": 1, "valid_from": "2020-01-01", "valid_until": "2099-12-31",
                "issuers": [{"id": "$ISSUER", "names": {"en": "Registry of Persons", "sw": "Wakala wa Usajili"},
                             "types": ["$CARD_TYPE", "claim-169"], "keys": ["desk.pub.jwk"]}],
                "registrars": [{"names": {"en": "Data Protection Office"}, "keys": ["registrar.pub.jwk"]}]}""",
        )
        amana("issuer", "bundle", "--key", "anchor.jwk", "--spec", "bundle.json", "--out", "trust.txt")
        file("point.json").writeText(
            """{"names": {"en": "Kasulu Food Point", "sw": "Kituo cha Chakula Kasulu"},
                "purposes": {"$PURPOSE": {"needed": ["household.family_size", "household.ration_card"],
                                          "optional": ["address.district"]}},
                "contact": "+255 800 110 110", "valid_until": "2099-06-30"}""",
        )
        amana(
            "issuer", "register", "--key", "registrar.jwk", "--verifier", "point.pub.jwk",
            "--registration", "point.json", "--out", "point.reg",
        )
        file("card.json").writeText(
            """{"type": "$CARD_TYPE", "valid_from": "2020-01-01", "valid_until": "2099-12-31",
                "claims": {"person": {"given_name": "Amina", "birth_date": {"${'$'}date": "1984-02-29"}},
                           "household": {"family_size": 5, "ration_card": "TZ-0041-7782"},
                           "address": {"district": "Kasulu"}}}""",
        )
    }

    val bundle: ByteArray get() = file("trust.txt").readBytes()
    val anchor: String get() = file("anchor.pub.jwk").readText()
    val deskKey: ByteArray get() = file("desk.jwk").readBytes()
    val pointKey: ByteArray get() = file("point.jwk").readBytes()
    val registration: ByteArray get() = file("point.reg").readBytes()

    /** The text of a paper ID's code, sealed under this key. */
    fun sealedPaper(jwk: String): String {
        file("seal.jwk").writeText(jwk)
        return paper("--seal", "seal.jwk")
    }

    /** The text of a paper ID's code. */
    fun paper(vararg how: String): String {
        file("paper.json").writeText(
            """{"issuer_name": "Registry", "title": "ID", "contact": "+255", "valid_from": "2020-01-01",
                "valid_until": "2099-12-31", "claims": {"id": "3918592438", "full_name": "Amina Juma"}}""",
        )
        val desk = arrayOf("--key", "desk.jwk", "--issuer", ISSUER)
        val sheet = arrayOf("--spec", "paper.json", "--out", "paper.svg", "--json")
        val told = amana("issuer", "paper", *desk, *sheet, *how)
        return checkNotNull(Regex("\"text\":\"([^\"]*)\"").find(told)).groupValues[1]
    }

    /** A list of cancelled cards, which has none. */
    fun statusList(): ByteArray {
        amana("issuer", "status", "--key", "desk.jwk", "--uri", "$ISSUER/status/1", "--entries", "8", "--out", "list.txt")
        return file("list.txt").readBytes()
    }

    fun offer(): String {
        val desk = arrayOf("--key", "desk.jwk", "--issuer", ISSUER)
        amana("issuer", "offer", *desk, "--type", CARD_TYPE, "--out", "offer.txt")
        return file("offer.txt").readText()
    }

    /** Issues the card to whoever made this enrolment. */
    fun issue(enrolment: String): ByteArray = issue(enrolment, "card.txt")

    /** The same, not sealed to them: anybody who has the file can look at it. */
    fun issuePlain(enrolment: String): ByteArray = issue(enrolment, "card.sdcwt", "--plain")

    private fun issue(enrolment: String, out: String, vararg how: String): ByteArray {
        file("enrolment.txt").writeText(enrolment)
        val desk = arrayOf("--key", "desk.jwk", "--issuer", ISSUER)
        amana("issuer", "issue", *desk, "--draft", "card.json", "--enrolment", "enrolment.txt", "--out", out, *how)
        return file(out).readBytes()
    }

    /** Gives a wallet trust in this desk, and its card. Returns the card's id. */
    suspend fun supply(holder: Holder): String {
        holder.loadTrust(bundle, anchor)
        return holder.add(issue(holder.enrol(offer())))
    }

    val verifierKey: VerifierKey get() = VerifierKey.parse(file("point.jwk").readText())

    /** The registered verifier. */
    fun verifier(): Verifier = Verifier(bundle, anchor, verifierKey, registration, rationsPolicy(), systemClock())

    /** The registered verifier asks a wallet for the size of the household, and judges its answer. */
    suspend fun serve(holder: Holder): Decision {
        val open = verifier().request(PURPOSE, listOf("household.family_size"), listOf())
        val answer = holder.receive(open.text()).run { consent(needed()).respond() }
        return (open.judge(answer.text()) as Judged.Answered).verdict.decision()
    }

    private fun file(name: String): Path = folder.resolve(name)

    private fun amana(vararg arguments: String): String {
        val log = file("log.txt").toFile()
        val process = ProcessBuilder(amana, *arguments).directory(folder.toFile())
            .redirectErrorStream(true).redirectOutput(log).start()
        check(process.waitFor(60, TimeUnit.SECONDS)) { "amana ${arguments.take(2)} did not end" }
        check(process.exitValue() == 0) { "amana ${arguments.joinToString(" ")}: ${log.readText()}" }
        return log.readText()
    }
}
