package org.amana

import java.nio.file.Path
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir

class BackupTest {
    @TempDir
    lateinit var folder: Path

    private val file get() = folder.resolve("wallet.amana").toString()

    /** A wallet in which a card was shown once. */
    private suspend fun livedIn(desk: Desk, host: WalletHost = softwareHost(file)): Holder =
        unlocked(file, host).also { desk.supply(it) }.also { desk.serve(it) }

    private suspend fun anotherPhone(): Holder = unlocked(folder.resolve("another.amana").toString())

    private fun ids(messages: List<Message>): List<String> = messages.map { it.id() }

    @Test
    fun `a passphrase opens it, and a card without its key is to be issued again`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val holder = livedIn(desk)
        val plan = holder.planBackup(HolderKeys.STAY_BEHIND)
        assertEquals(0 to listOf(CARD_TYPE), plan.goes().size to plan.reissue().map { it.cardType })
        assertEquals(listOf("backup-card-reissue", "backup-history", "backup-forever"), ids(plan.explain()))
        val passphrase = makePassphrase()
        assertEquals(8, passphrase.split('-').size)
        val sealed = plan.seal(passphrase)

        // The rehearsal.
        val backup = Backup.open(sealed, passphrase)
        // By whose key its trust bundle is believed: a SHA-256 in base64url.
        val anchor = checkNotNull(backup.contents().anchor)
        assertEquals(43, anchor.length)
        val contents = Contents(cards = 1uL, cardsToReissue = 1uL, historyEntries = 1uL, hasTrust = true, anchor = anchor)
        assertEquals(contents, backup.contents())
        assertTrue(backup.madeAt() > 1_700_000_000)
        assertThrows<AmanaException.WrongPassphrase> { runBlocking { Backup.open(sealed, makePassphrase()) } }
        assertThrows<AmanaException.Damaged> { runBlocking { Backup.open(sealed.copyOf(sealed.size - 1), passphrase) } }

        val another = anotherPhone()
        assertEquals(Restored(contents, cardsPresent = 0uL, historiesKeptOut = 0uL), another.restore(backup))
        val card = another.cards().single()
        assertTrue(card.needsReissue)
        assertFalse(holder.cards().single().needsReissue)
        assertEquals("Amina", another.claims(card.id).text("person.given_name"))
        assertTrue(another.history().isWhole)
        assertThrows<AmanaException.NotFound> { runBlocking { desk.serve(another) } }
        assertEquals(1uL, another.restore(backup).cardsPresent)
    }

    @Test
    fun `with its keys the other phone is the holder`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val plan = livedIn(desk).planBackup(HolderKeys.INCLUDE_SOFTWARE_KEYS)
        assertEquals(listOf(CARD_TYPE) to 0, plan.goes().map { it.cardType } to plan.reissue().size)
        assertTrue("backup-can-be-you" in ids(plan.explain()))
        val passphrase = makePassphrase()
        val another = anotherPhone()
        another.restore(Backup.open(plan.seal(passphrase), passphrase))
        assertFalse(another.cards().single().needsReissue)
        assertEquals(Decision.Accept, desk.serve(another))
    }

    @Test
    fun `two of three shares open it, by their words or their codes`() = runBlocking<Unit> {
        val (sealed, shares) = livedIn(Desk(folder)).planBackup(HolderKeys.STAY_BEHIND).sealForShares(2u, 3u)
        assertEquals(listOf<UByte>(1u, 2u, 3u), shares.map { it.number() })
        assertEquals(listOf<UByte>(2u, 2u, 2u), shares.map { it.threshold() })
        assertEquals(20, shares[0].words().split(' ').size)
        assertTrue(shares[0].symbol().fits(300u))
        val words = shares.take(2).map { PaperShare.read(it.words().uppercase()) }
        val codes = shares.drop(1).map { PaperShare.read(it.text()) }
        for (pair in listOf(words, codes, words.take(1) + codes.drop(1))) {
            assertEquals(1uL, Backup.openWithShares(sealed, pair).contents().cards)
        }
        val few = assertThrows<AmanaException.NeedMoreShares> {
            runBlocking { Backup.openWithShares(sealed, listOf(shares[0], shares[0])) }
        }
        assertEquals(1uL to 2uL, few.have to few.need)
        val another = anotherPhone()
        another.restore(Backup.openWithShares(sealed, codes))
        assertEquals(CARD_TYPE, another.cards().single().cardType)
    }

    @Test
    fun `a device that has lost its key for good is got over by a backup`() = runBlocking<Unit> {
        val desk = Desk(folder)
        val host = WatchedHost(file)
        val passphrase = makePassphrase()
        val sealed = livedIn(desk, host.ports).planBackup(HolderKeys.INCLUDE_SOFTWARE_KEYS).seal(passphrase)
        host.keyFailure = HostException.Invalidated()
        val wallet = Wallet.open(file, host.ports)
        val told = assertThrows<AmanaException.Host> { runBlocking { wallet.checkDevice() } }
        assertEquals(HostException.Invalidated::class, told.failure::class)

        val another = anotherPhone()
        another.restore(Backup.open(sealed, passphrase))
        assertEquals(Decision.Accept, desk.serve(another))
    }
}
