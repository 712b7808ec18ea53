package org.amana

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** The loop an app goes through, with a card that the command issues meanwhile. */
class LoopTest {
    @TempDir
    lateinit var folder: Path

    private val file get() = folder.resolve("wallet.amana").toString()

    private suspend fun holder(desk: Desk): Holder = unlocked(file).also { desk.supply(it) }

    @Test
    fun `a card is enrolled for, received, shown by choice and judged`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = unlocked(file)
        assertEquals(1uL, holder.loadTrust(desk.bundle, desk.anchor))
        val id = holder.add(desk.issue(holder.enrol(desk.offer())))
        val card = holder.cards().single()
        assertEquals(id, card.id)
        assertEquals(CARD_TYPE, card.cardType)
        assertEquals("Wakala wa Usajili", card.issuerNames["sw"])
        assertEquals("2099-12-31", card.validUntil)
        assertEquals("1984-02-29", holder.claims(card.id).text("person.birth_date"))

        val verifier = desk.verifier()
        val open = verifier.request(PURPOSE, listOf("household.family_size", "address.district", "person.birth_date"), listOf())
        assertTrue(open.symbol().fits(1080u))
        assertFalse(open.symbol().fits(100u))

        val request = holder.receive(open.text())
        val asker = request.asker() as Asker.Registered
        assertEquals("Kasulu Food Point", asker.names["en"])
        assertEquals("+255 800 110 110", asker.contact)
        assertEquals(listOf(Need.NEEDED, Need.OPTIONAL, Need.BEYOND), request.items().map { it.need })
        assertEquals(listOf("household.family_size"), request.needed())
        assertTrue(request.explain().any { it.id() == "claim-beyond" && it.args()["claim"] == "person.birth_date" })

        val consent = request.consent(request.needed() + "address.district")
        assertEquals(listOf("household.family_size", "address.district"), consent.shown())
        assertEquals(listOf<String>(), consent.alsoShown())
        assertEquals(listOf("person.birth_date"), consent.withheld())
        assertFalse(consent.standsOut())
        val answer = consent.respond()
        val symbol = answer.symbol()
        assertEquals((symbol.width() * symbol.width()).toInt(), symbol.modules().size)
        assertEquals(symbol.width() + 8u, symbol.fullWidth())

        val verdict = (open.judge(answer.text()) as Judged.Answered).verdict
        assertTrue(verdict.isAccept())
        assertEquals(Decision.Accept, verdict.decision())
        assertEquals("Registry of Persons", (verdict.authenticity() as Authenticity.Genuine).issuer["en"])
        assertEquals(HolderProof.Fresh, verdict.holder())
        assertEquals(ValidityState.Current("2099-12-31"), verdict.validity())
        assertEquals(Status.Unknown, verdict.status())
        assertEquals(5L, verdict.claims().integer("household.family_size"))
        assertEquals("Kasulu", verdict.claims().text("address.district"))
        assertNull(verdict.claims().text("person.birth_date"))
        assertEquals(listOf("person.birth_date"), verdict.withheld())
        assertEquals("decision-accept", verdict.explain().first().id())
    }

    @Test
    fun `a verifier says what it may ask and how old what it goes by is`() {
        val verifier = Desk(folder).verifier()
        assertEquals("Kituo cha Chakula Kasulu", verifier.names()["sw"])
        val purpose = Purpose(PURPOSE, listOf("household.family_size", "household.ration_card"), listOf("address.district"))
        assertEquals(listOf(purpose), verifier.purposes())
        assertEquals(Knowledge(1uL, "2020-01-01", "2099-12-31", listOf()), verifier.knowledge())
    }

    @Test
    fun `a refusal gives no verdict and leaves the request open`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = holder(desk)
        val open = desk.verifier().request(PURPOSE, listOf("household.family_size"), listOf())
        val refusal = holder.receive(open.text()).decline()
        assertTrue(open.judge(refusal.text()) is Judged.Declined)
        val answer = holder.receive(open.text()).run { consent(needed()).respond() }
        assertTrue((open.judge(answer.text()) as Judged.Answered).verdict.isAccept())
    }

    @Test
    fun `what is beyond the registration takes the long way`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = holder(desk)
        val open = desk.verifier().request(PURPOSE, listOf("person.given_name"), listOf("person.given_name"))
        val request = holder.receive(open.text())
        assertTrue(request.items().single().kept)
        assertThrows<AmanaException.NotFound> { request.consent(listOf("person.given_name")) }
        val answer = request.consentBeyondRegistration(listOf(), listOf("person.given_name")).respond()
        assertEquals("Amina", (open.judge(answer.text()) as Judged.Answered).verdict.claims().text("person.given_name"))
    }

    @Test
    fun `a wallet survives its process and changes its PIN`() = runBlocking<Unit> {
        val holder = holder(Desk(folder))
        holder.changePin(PIN, "7777")
        holder.closeNow()
        assertFalse(holder.isOpen())
        val again = Wallet.open(file, softwareHost(file)).unlock(1u, "7777")
        assertTrue(again.state().recordsIntact)
        val card = again.cards().single()
        again.delete(card.id)
        assertTrue(again.cards().isEmpty())
    }
}
