import Amana
import Foundation

private let fileName = "amana-backup.age"
private let threshold: UInt8 = 2
private let count: UInt8 = 3

extension HolderModel {
    /// What a backup would hold and what not, before there is one.
    func backup() async throws { try await backup(.stayBehind) }

    private func backup(_ keys: HolderKeys) async throws {
        let plan = try await holder.planBackup(keys: keys)
        let isAlong = keys == .includeSoftwareKeys
        show(Page(Say(.backupTitle), back: act { [self] in try await cards() }) {
            Block.text(Say(.backupWhat))
            Block.choice(Block.Choice(Say(.backupKeysAlong), isChosen: isAlong, isGrave: true) { [self] along in
                act { [self] in try await backup(along ? .includeSoftwareKeys : .stayBehind) }()
            })
            for message in plan.explain() { fact(Say.of(message)) }
            Block.button(Say(.backupPassphrase), .main, act: act { [self] in try passphrase(plan, makePassphrase()) })
            Block.button(
                Say(.backupShares, ["need": threshold, "count": count]),
                act: act(.wait, back: { [self] in try await backup() }) { [self] in
                    try share(await plan.sealForShares(threshold: threshold, count: count), 0)
                })
            Block.button(Say(.restoreTitle), act: act { [self] in restore() })
        })
    }

    /// Shown until it is written down, for paper.
    private func passphrase(_ plan: BackupPlan, _ passphrase: String) {
        let again: Work = { [self] in self.passphrase(plan, passphrase) }
        let written = Block.Choice(Say(.backupWritten), isChosen: false)
        show(Page(Say(.backupPassphraseTitle), back: act { [self] in try await backup() }) {
            Block.text(Say(.backupPassphraseWhat))
            Block.text(Say.text(passphrase), .heading)
            Block.choice(written)
            Block.button(Say(.goOn), .main, act: act(.wait, back: again) { [self] in
                guard written.isChosen else { throw Slip(.problemNotWritten) }
                handOut(try await plan.seal(passphrase: passphrase))
            })
        })
    }

    /// One share after the other, each for another keeper; the file last.
    private func share(_ backup: SharedBackup, _ index: Int) throws {
        guard index < backup.shares.count else { return handOut(backup.file) }
        let share = backup.shares[index]
        let back: Work = { [self] in
            if index == 0 { try await self.backup() } else { try self.share(backup, index - 1) }
        }
        let title = Say(.shareTitle, ["number": share.number(), "count": backup.shares.count])
        show(try Page(title, back: act(doing: back)) {
            Block.text(Say(.shareWhat, ["need": share.threshold()]))
            Block.text(Say.text(share.words()), .heading)
            try code(share.text(), .shareCode)
            Block.button(Say(.shareNext), .main, act: act { [self] in try self.share(backup, index + 1) })
        })
    }

    private func handOut(_ file: Data) {
        show(Page(Say(.backupReadyTitle), back: act { [self] in try await backup() }) {
            Block.text(Say(.backupReadyWhat))
            Block.saveFile(Block.SaveFile(say: Say(.backupSave), name: fileName, bytes: file) { [self] isSaved in
                act { [self] in
                    saved(isSaved) { [self] in if isSaved { try await cards() } else { handOut(file) } }
                }()
            })
        })
    }

    /// Takes a backup in, after it was looked through to its end.
    func restore() {
        show(Page(Say(.restoreTitle), back: act { [self] in try await backup() }) {
            Block.text(Say(.restoreWhat))
            Block.openFile(Block.OpenFile(
                say: Say(.restoreOpen),
                onBytes: { [self] file in act { [self] in unseal(file, []) }() },
                onFail: act { [self] in tell(Say(.fileUnreadable)) { [self] in restore() } }))
        })
    }

    private func unseal(_ file: Data, _ shares: [PaperShare]) {
        let passphrase = Block.Entry(Say(.restorePassphrase), .passphrase)
        unseal(file, shares, passphrase, Block.Entry(Say(.restoreShare), .words))
    }

    /// What was typed stays where it was wrong: twenty words are soon mistyped, and long to type.
    private func unseal(_ file: Data, _ shares: [PaperShare], _ passphrase: Block.Entry, _ words: Block.Entry) {
        let again: Work = { [self] in unseal(file, shares, passphrase, words) }
        show(Page(Say(.restoreTitle), back: act { [self] in restore() }) {
            Block.entry(passphrase)
            Block.button(Say(.restoreWithPassphrase), .main, act: act(.wait, back: again) { [self] in
                rehearsed(try await Backup.open(file: file, passphrase: passphrase.text.trimmed))
            })
            Block.text(Say(.restoreOrShares), .heading)
            if !shares.isEmpty { Block.text(Say(.restoreSharesHave, ["count": shares.count])) }
            Block.entry(words)
            Block.button(Say(.restoreAddShare), act: act(.wait, back: again) { [self] in
                try await withShare(file, shares, words.text)
            })
            Block.button(Say(.restoreScanShare), act: act { [self] in scanShare(file, shares, .nothing) })
        })
    }

    private func scanShare(_ file: Data, _ shares: [PaperShare], _ seen: Seen) {
        show(scanPage(
            .scanWhyShare, seen,
            back: { [self] in unseal(file, shares) },
            onText: { [self] text in
                let again: Again = { [self] in scanShare(file, shares, $0) }
                do {
                    try await gather(Collector(), text, again) { _, whole in try await withShare(file, shares, whole) }
                } catch let error as AmanaError {
                    // Whatever is wrong with it, those that are there already stay.
                    scanShare(file, shares, .wrong(error))
                }
            },
            onBytes: { [self] in try await withShare(file, shares, trimmed($0)) }))
    }

    /// One share more; as soon as there are enough, the backup opens.
    private func withShare(_ file: Data, _ shares: [PaperShare], _ text: String) async throws {
        let share = try PaperShare.read(text: text.trimmed)
        let all = shares.filter { $0.number() != share.number() } + [share]
        guard all.count >= share.threshold() else { return unseal(file, all) }
        rehearsed(try await Backup.openWithShares(file: file, shares: all))
    }

    /// What is in it, before anything changes.
    private func rehearsed(_ backup: Backup) {
        let contents = backup.contents()
        let reissue = contents.cardsToReissue
        show(Page(Say(.restoreRehearsedTitle), back: act { [self] in restore() }) {
            Block.fact(.good, Say(.restoreCards, ["count": contents.cards]))
            if reissue > 0 { Block.fact(.care, Say(.restoreReissue, ["count": reissue])) }
            Block.fact(.note, Say(.restoreHistory, ["count": contents.historyEntries]))
            Block.button(Say(.restoreTake), .main, act: act(.wait) { [self] in
                let restored = try await holder.restore(backup: backup)
                let (added, present) = (restored.added.cards, restored.cardsPresent)
                tell(Say(.restored, ["added": added, "present": present])) { [self] in try await cards() }
            })
        })
    }
}
