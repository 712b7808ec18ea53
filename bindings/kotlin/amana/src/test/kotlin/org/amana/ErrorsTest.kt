package org.amana

import java.nio.file.Path
import kotlin.io.path.writeText
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

/** Pins the type and the fields of each public error. */
class ErrorsTest {
    @TempDir
    lateinit var folder: Path

    private val file get() = folder.resolve("wallet.amana").toString()
    private val host get() = softwareHost(file)

    private fun assertProblem(problem: Problem, code: String, reason: String?) {
        assertEquals(code, problem.code)
        assertEquals(reason, problem.reason)
        assertEquals("docs/errors.md#$code", problem.docs)
    }

    private inline fun <reified E : AmanaException> thrown(crossinline act: suspend () -> Unit): E =
        assertThrows<E> { runBlocking { act() } }

    /** Also of those that no test can bring about: this does not compile, or not pass, where one has changed. */
    @Test
    fun `each error has its type and its fields`() {
        val problem = Problem("code", "reason", "sentence", "docs")
        val tooLarge = AmanaException.TooLarge(problem, bytes = 2uL, limit = 1uL)
        val wrongPin = AmanaException.WrongPin(problem, retryAfter = 30uL)
        val tooSoon = AmanaException.TooSoon(problem, retryAfter = 30uL)
        val needMoreShares = AmanaException.NeedMoreShares(problem, have = 1uL, need = 2uL)
        val host = AmanaException.Host(problem, failure = HostException.Cancelled())
        val plain = listOf(
            AmanaException.Damaged(problem), AmanaException.Foreign(problem), AmanaException.TooNew(problem),
            AmanaException.NotForMe(problem), AmanaException.Untrusted(problem), AmanaException.Invalid(problem),
            AmanaException.NotFound(problem), AmanaException.AlreadyExists(problem), AmanaException.NotAVault(problem),
            AmanaException.WrongPassphrase(problem), AmanaException.InUse(problem), AmanaException.Storage(problem),
            AmanaException.AlreadyAnswered(problem), AmanaException.RequestClosed(problem),
            AmanaException.AlreadyUsed(problem), AmanaException.Locked(problem), AmanaException.Internal(problem),
        )
        for (error in plain + tooLarge + wrongPin + tooSoon + needMoreShares + host) {
            val found: Problem = when (error) {
                is AmanaException.Damaged -> error.problem
                is AmanaException.Foreign -> error.problem
                is AmanaException.TooNew -> error.problem
                is AmanaException.NotForMe -> error.problem
                is AmanaException.TooLarge -> error.problem.also { assertEquals(2uL to 1uL, error.bytes to error.limit) }
                is AmanaException.Untrusted -> error.problem
                is AmanaException.Invalid -> error.problem
                is AmanaException.NotFound -> error.problem
                is AmanaException.AlreadyExists -> error.problem
                is AmanaException.NotAVault -> error.problem
                is AmanaException.WrongPin -> error.problem.also { assertEquals(30uL, error.retryAfter) }
                is AmanaException.TooSoon -> error.problem.also { assertEquals(30uL, error.retryAfter) }
                is AmanaException.WrongPassphrase -> error.problem
                is AmanaException.NeedMoreShares -> error.problem.also { assertEquals(1uL to 2uL, error.have to error.need) }
                is AmanaException.InUse -> error.problem
                is AmanaException.Storage -> error.problem
                is AmanaException.Host -> error.problem.also { assertEquals(HostException.Cancelled::class, error.failure::class) }
                is AmanaException.AlreadyAnswered -> error.problem
                is AmanaException.RequestClosed -> error.problem
                is AmanaException.AlreadyUsed -> error.problem
                is AmanaException.Locked -> error.problem
                is AmanaException.Internal -> error.problem
            }
            assertEquals(problem, found)
        }
    }

    @Test
    fun `a missing file is NotFound and names what makes one`() {
        val error = thrown<AmanaException.NotFound> { Wallet.open(file, host) }
        assertProblem(error.problem, "not-found", "vault")
        assertEquals("there is no vault here; Wallet::create makes one (vault)", error.problem.sentence)
    }

    @Test
    fun `a file that is there is AlreadyExists`() = runBlocking<Unit> {
        unlocked(file)
        assertProblem(thrown<AmanaException.AlreadyExists> { unlocked(file) }.problem, "already-exists", null)
    }

    @Test
    fun `another file is NotAVault`() {
        folder.resolve("wallet.amana").writeText("a text that is no vault, and long enough for SQLite to look at it. ".repeat(20))
        val error = thrown<AmanaException.NotAVault> { Wallet.open(file, host) }
        assertProblem(error.problem, "not-a-vault", "not-a-database")
    }

    @Test
    fun `another PIN, or a door nobody took, is WrongPin`() = runBlocking<Unit> {
        unlocked(file)
        val wallet = Wallet.open(file, host)
        assertProblem(thrown<AmanaException.WrongPin> { wallet.unlock(1u, "0000") }.problem, "wrong-pin", null)
        assertProblem(thrown<AmanaException.WrongPin> { wallet.unlock(3u, PIN) }.problem, "wrong-pin", null)
    }

    @Test
    fun `a short PIN or a fifth door is Invalid`() {
        val short = thrown<AmanaException.Invalid> { Wallet.create(file, 1u, "123", host) }
        assertProblem(short.problem, "invalid", "pin-length")
        val door = thrown<AmanaException.Invalid> { Wallet.create(file, 5u, PIN, host) }
        assertProblem(door.problem, "invalid", "door")
    }

    @Test
    fun `what the host throws comes back inside Host, and anything else is Unavailable`() {
        val host = WatchedHost(file)
        host.keyFailure = HostException.Invalidated()
        val known = thrown<AmanaException.Host> { unlocked(file, host.ports) }
        assertProblem(known.problem, "host", "invalidated")
        assertEquals(HostException.Invalidated::class, known.failure::class)
        host.keyFailure = IllegalStateException("a driver's own words")
        val unknown = thrown<AmanaException.Host> { unlocked(file, host.ports) }
        assertProblem(unknown.problem, "host", "unavailable")
        assertEquals("a port of the host failed (unavailable)", unknown.problem.sentence)
    }

    @Test
    fun `other codes are told apart`() = runBlocking<Unit> {
        val holder = unlocked(file)
        assertProblem(thrown<AmanaException.Foreign> { holder.receive("https://example.com") }.problem, "foreign", null)
        assertProblem(thrown<AmanaException.TooNew> { holder.receive("AM2Q:BB8") }.problem, "too-new", null)
        assertProblem(thrown<AmanaException.NotForMe> { holder.receive("AM1R:BB8") }.problem, "not-for-me", null)
        val torn = thrown<AmanaException.Damaged> { holder.receive("AM1Q:BB8") }
        assertProblem(torn.problem, "damaged", "sign1-shape")
    }

    @Test
    fun `a bundle of another anchor is Untrusted`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = unlocked(file)
        val other = """{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"""
        val error = thrown<AmanaException.Untrusted> { holder.loadTrust(desk.bundle, other) }
        assertProblem(error.problem, "untrusted", "bundle-anchor")
    }

    @Test
    fun `a request has one answer, and each object one use`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = unlocked(file)
        desk.supply(holder)
        val open = desk.verifier().request(PURPOSE, listOf("household.family_size"), listOf())
        val request = holder.receive(open.text())
        val consent = request.consent(request.needed())
        assertProblem(thrown<AmanaException.AlreadyUsed> { request.items() }.problem, "already-used", null)
        val answer = consent.respond()
        assertProblem(thrown<AmanaException.AlreadyUsed> { consent.respond() }.problem, "already-used", null)

        open.judge(answer.text())
        open.judge(answer.text())
        val second = holder.receive(open.text()).run { consent(needed()).respond() }
        assertProblem(thrown<AmanaException.AlreadyAnswered> { open.judge(second.text()) }.problem, "already-answered", null)
        open.cancel()
        assertProblem(thrown<AmanaException.RequestClosed> { open.judge(answer.text()) }.problem, "request-closed", null)

        holder.closeNow()
        assertProblem(thrown<AmanaException.Locked> { holder.cards() }.problem, "locked", null)
    }

    @Test
    fun `nothing chosen is Invalid, and the request can still be declined`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = unlocked(file)
        desk.supply(holder)
        val open = desk.verifier().request(PURPOSE, listOf("person.given_name"), listOf())
        val request = holder.receive(open.text())
        val nothing = thrown<AmanaException.Invalid> { request.consent(request.needed()) }
        assertProblem(nothing.problem, "invalid", "nothing-chosen")
        assertEquals(Judged.Declined, open.judge(request.decline().text()))
    }

    @Test
    fun `what opens no backup is told apart`() = runBlocking<Unit> {
        val plan = unlocked(file).planBackup(HolderKeys.STAY_BEHIND)
        val short = thrown<AmanaException.Invalid> { plan.seal("eleven char") }
        assertProblem(short.problem, "invalid", "passphrase-short")
        val none = thrown<AmanaException.Invalid> { plan.sealForShares(4u, 3u) }
        assertProblem(none.problem, "invalid", "shares-threshold")
        val backup = plan.sealForShares(2u, 3u)
        val wrong = thrown<AmanaException.WrongPassphrase> { Backup.open(backup.file, "another passphrase") }
        assertProblem(wrong.problem, "wrong-passphrase", null)
        val few = thrown<AmanaException.NeedMoreShares> { Backup.openWithShares(backup.file, backup.shares.take(1)) }
        assertProblem(few.problem, "need-more-shares", null)
        assertEquals(1uL to 2uL, few.have to few.need)
        val torn = thrown<AmanaException.Damaged> { PaperShare.read(backup.shares[0].words().substringAfter(' ')) }
        assertProblem(torn.problem, "damaged", "share-length")
        assertProblem(thrown<AmanaException.NotForMe> { PaperShare.read("AM1R:BB8") }.problem, "not-for-me", null)
    }

    @Test
    fun `what does not fit one code is TooLarge`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = unlocked(file)
        // More than eight claims take the second size, answered or not.
        val claims = (1..9).map { "person.claim_$it" }
        val refusal = holder.receive(desk.verifier().request(PURPOSE, claims, listOf()).text()).decline()
        val error = thrown<AmanaException.TooLarge> { refusal.symbol() }
        assertProblem(error.problem, "too-large", null)
        assertEquals(1637uL, error.limit)
        assertEquals(refusal.text().length.toULong(), error.bytes)
    }

    @Test
    fun `a folder that is not there is Storage`() {
        val nowhere = folder.resolve("missing/wallet.amana").toString()
        for (making in listOf({ runBlocking { Wallet.create(nowhere, 1u, PIN, host) } }, { softwareHost(nowhere) })) {
            assertProblem(thrown<AmanaException.Storage> { making() }.problem, "storage", "cannot-open")
        }
    }

    @Test
    fun `a verifier's key goes into one verifier`() {
        val desk = Desk(folder)
        val key = desk.verifierKey
        val verifier = { Verifier(desk.bundle, desk.anchor, key, null, strictPolicy(), systemClock()) }
        verifier()
        val again = thrown<AmanaException.AlreadyUsed> { verifier() }
        assertProblem(again.problem, "already-used", null)
        assertProblem(thrown<AmanaException.Invalid> { VerifierKey.parse(desk.anchor) }.problem, "invalid", "key-private")
    }

    @Test
    fun `no error prints more than its problem`() {
        val error = thrown<AmanaException.NotFound> { Wallet.open(file, host) }
        assertEquals(false, error.toString().contains(folder.toString()))
    }
}
