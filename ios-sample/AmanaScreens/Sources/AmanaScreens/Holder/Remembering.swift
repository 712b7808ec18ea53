import Amana
import Foundation

extension HolderModel {
    /// What was asked and shown: names of fields, never values.
    func history() async throws {
        let history = try await holder.history()
        let export = Data(try await holder.exportHistory().utf8)
        show(Page(Say(.historyTitle), back: act { [self] in try await cards() }) {
            Block.text(Say(.historyWhat), .quiet)
            if !history.isWhole { Block.fact(.bad, Say(.historyNotWhole)) }
            Block.choice(Block.Choice(Say(.historyKeep), isChosen: history.isKept) { [self] keep in
                act { [self] in
                    try await holder.keepHistory(keep: keep)
                    try await self.history()
                }()
            })
            if history.entries.isEmpty { Block.text(Say(.historyNone)) }
            for entry in history.entries {
                let lines = lines(entry)
                Block.row(lines[0], detail: Array(lines.dropFirst()), act: act { [self] in self.entry(entry) })
            }
            if !history.entries.isEmpty {
                Block.saveFile(Block.SaveFile(
                    say: Say(.historyExport), name: "amana-history.json", bytes: export,
                    onSaved: { [self] isSaved in
                        act { [self] in saved(isSaved) { [self] in try await self.history() } }()
                    }))
            }
        })
    }

    private func entry(_ entry: HistoryEntry) {
        let lines = lines(entry)
        show(Page(Say(.historyEntryTitle), back: act { [self] in try await history() }) {
            Block.text(lines[0], .heading)
            for line in lines.dropFirst() { Block.text(line) }
            Block.button(Say(.historyForget), .grave, act: act { [self] in
                try await holder.forget(entry: entry.id())
                try await history()
            })
        })
    }

    /// What became of a file that was handed out.
    func saved(_ isSaved: Bool, _ back: @escaping Work) { tell(Say(isSaved ? .fileSaved : .fileNotSaved), back) }
}

/// Who asked and what came of it, and then a line for each claim.
private func lines(_ entry: HistoryEntry) -> [Say] { entry.explain().map { Say.of($0, ["name": entry.names()]) } }
