package org.amana.sample.holder

import org.amana.AmanaException
import org.amana.Backup
import org.amana.BackupPlan
import org.amana.Collector
import org.amana.HolderKeys
import org.amana.PaperShare
import org.amana.SharedBackup
import org.amana.makePassphrase
import org.amana.sample.page.Block
import org.amana.sample.page.EntryKind
import org.amana.sample.page.Mark
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Tone
import org.amana.sample.page.Weight
import org.amana.sample.page.Word
import org.amana.sample.page.fact
import org.amana.sample.model.Seen
import org.amana.sample.model.Slip
import org.amana.sample.model.gather
import org.amana.sample.model.scanPage

private const val FILE_NAME = "amana-backup.age"
private const val THRESHOLD = 2
private const val COUNT = 3

/** What a backup would hold and what not, before there is one. */
internal suspend fun HolderModel.backup() = backup(HolderKeys.STAY_BEHIND)

private suspend fun HolderModel.backup(keys: HolderKeys) {
    val plan = holder.planBackup(keys)
    val along = Block.Choice(Say(Word.BACKUP_KEYS_ALONG), keys == HolderKeys.INCLUDE_SOFTWARE_KEYS, isGrave = true) { along ->
        act { backup(if (along) HolderKeys.INCLUDE_SOFTWARE_KEYS else HolderKeys.STAY_BEHIND) }()
    }
    show(
        Page(
            Say(Word.BACKUP_TITLE),
            listOf(Block.Text(Say(Word.BACKUP_WHAT)), along) +
                plan.explain().map { fact(Say.of(it)) } +
                listOf(
                    Block.Button(Say(Word.BACKUP_PASSPHRASE), Weight.MAIN, act { passphrase(plan) }),
                    Block.Button(Say(Word.BACKUP_SHARES, "need" to THRESHOLD, "count" to COUNT), act = act(Word.WAIT, { backup() }) {
                        share(plan.sealForShares(THRESHOLD.toUByte(), COUNT.toUByte()), 0)
                    }),
                    Block.Button(Say(Word.RESTORE_TITLE), act = act { restore() }),
                ),
            back = act { cards() },
        ),
    )
}

/** Shown until it is written down, for paper. */
private fun HolderModel.passphrase(plan: BackupPlan, passphrase: String = makePassphrase()) {
    val written = Block.Choice(Say(Word.BACKUP_WRITTEN), isChosen = false)
    show(
        Page(
            Say(Word.BACKUP_PASSPHRASE_TITLE),
            listOf(
                Block.Text(Say(Word.BACKUP_PASSPHRASE_WHAT)),
                Block.Text(Say.text(passphrase), Tone.HEADING),
                written,
                Block.Button(Say(Word.GO_ON), Weight.MAIN, act(Word.WAIT, { passphrase(plan, passphrase) }) {
                    if (!written.isChosen) throw Slip(Word.PROBLEM_NOT_WRITTEN)
                    handOut(plan.seal(passphrase))
                }),
            ),
            back = act { backup() },
        ),
    )
}

/** One share after the other, each for another keeper; the file last. */
private fun HolderModel.share(backup: SharedBackup, index: Int) {
    val share = backup.shares.getOrNull(index) ?: return handOut(backup.file)
    show(
        Page(
            Say(Word.SHARE_TITLE, "number" to share.number(), "count" to backup.shares.size),
            listOf(
                Block.Text(Say(Word.SHARE_WHAT, "need" to share.threshold())),
                Block.Text(Say.text(share.words()), Tone.HEADING),
                code(share.text(), Word.SHARE_CODE),
                Block.Button(Say(Word.SHARE_NEXT), Weight.MAIN, act { share(backup, index + 1) }),
            ),
            back = act { if (index == 0) backup() else share(backup, index - 1) },
        ),
    )
}

private fun HolderModel.handOut(file: ByteArray): Unit = show(
    Page(
        Say(Word.BACKUP_READY_TITLE),
        listOf(
            Block.Text(Say(Word.BACKUP_READY_WHAT)),
            Block.SaveFile(Say(Word.BACKUP_SAVE), FILE_NAME, file) { isSaved ->
                act { saved(isSaved) { if (isSaved) cards() else handOut(file) } }()
            },
        ),
        back = act { backup() },
    ),
)

/** Takes a backup in, after it was looked through to its end. */
internal fun HolderModel.restore(): Unit = show(
    Page(
        Say(Word.RESTORE_TITLE),
        listOf(
            Block.Text(Say(Word.RESTORE_WHAT)),
            Block.OpenFile(
                Say(Word.RESTORE_OPEN),
                onBytes = { file -> act { unseal(file, listOf()) }() },
                onFail = act { tell(Say(Word.FILE_UNREADABLE)) { restore() } },
            ),
        ),
        back = act { backup() },
    ),
)

/** What was typed stays where it was wrong: twenty words are soon mistyped, and long to type. */
private fun HolderModel.unseal(
    file: ByteArray,
    shares: List<PaperShare>,
    passphrase: Block.Entry = Block.Entry(Say(Word.RESTORE_PASSPHRASE), EntryKind.PASSPHRASE),
    words: Block.Entry = Block.Entry(Say(Word.RESTORE_SHARE), EntryKind.WORDS),
) {
    val again: suspend () -> Unit = { unseal(file, shares, passphrase, words) }
    show(
        Page(
            Say(Word.RESTORE_TITLE),
            listOfNotNull(
                passphrase,
                Block.Button(Say(Word.RESTORE_WITH_PASSPHRASE), Weight.MAIN, act(Word.WAIT, again) {
                    rehearsed(Backup.open(file, passphrase.text.trim()))
                }),
                Block.Text(Say(Word.RESTORE_OR_SHARES), Tone.HEADING),
                Block.Text(Say(Word.RESTORE_SHARES_HAVE, "count" to shares.size)).takeIf { shares.isNotEmpty() },
                words,
                Block.Button(Say(Word.RESTORE_ADD_SHARE), act = act(Word.WAIT, again) { withShare(file, shares, words.text) }),
                Block.Button(Say(Word.RESTORE_SCAN_SHARE), act = act { scanShare(file, shares, Seen()) }),
            ),
            back = act { restore() },
        ),
    )
}

private fun HolderModel.scanShare(file: ByteArray, shares: List<PaperShare>, seen: Seen) {
    show(
        scanPage(
            Word.SCAN_WHY_SHARE,
            seen,
            back = { unseal(file, shares) },
            onText = { text ->
                try {
                    gather(Collector(), text, { scanShare(file, shares, it) }) { _, whole -> withShare(file, shares, whole) }
                } catch (error: AmanaException) {
                    // Whatever is wrong with it, those that are there already stay.
                    scanShare(file, shares, Seen.wrong(error))
                }
            },
            onBytes = { withShare(file, shares, it.decodeToString()) },
        ),
    )
}

/** One share more; as soon as there are enough, the backup opens. */
private suspend fun HolderModel.withShare(file: ByteArray, shares: List<PaperShare>, text: String) {
    val share = PaperShare.read(text.trim())
    val all = shares.filter { it.number() != share.number() } + share
    if (all.size < share.threshold().toInt()) return unseal(file, all)
    rehearsed(Backup.openWithShares(file, all))
}

/** What is in it, before anything changes. */
private fun HolderModel.rehearsed(backup: Backup) {
    val contents = backup.contents()
    show(
        Page(
            Say(Word.RESTORE_REHEARSED_TITLE),
            listOfNotNull(
                Block.Fact(Mark.GOOD, Say(Word.RESTORE_CARDS, "count" to contents.cards)),
                Block.Fact(Mark.CARE, Say(Word.RESTORE_REISSUE, "count" to contents.cardsToReissue)).takeIf { contents.cardsToReissue > 0uL },
                Block.Fact(Mark.NOTE, Say(Word.RESTORE_HISTORY, "count" to contents.historyEntries)),
                Block.Button(Say(Word.RESTORE_TAKE), Weight.MAIN, act(Word.WAIT) {
                    val restored = holder.restore(backup)
                    tell(Say(Word.RESTORED, "added" to restored.added.cards, "present" to restored.cardsPresent)) { cards() }
                }),
            ),
            back = act { restore() },
        ),
    )
}
