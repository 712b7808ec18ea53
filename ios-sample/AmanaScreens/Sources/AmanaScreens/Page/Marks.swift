/// How each of the core's sentences stands, by its name in the words: what is not here is a note. A test keeps them to
/// those that there are.
let marks: [String: Mark] = {
    let ids: [Mark: [String]] = [
        .good: [
            "asker-registered", "decision-accept", "card-genuine", "holder-fresh", "valid", "valid-until",
            "status-valid", "protection-hardware",
        ],
        .care: [
            "asker-lapsed", "asker-unregistered", "claim-beyond", "card-out-of-date", "request-old", "request-future",
            "request-answered-before", "will-show-beside", "answer-stands-out", "answer-unrecorded",
            "decision-exception", "card-unknown-issuer", "card-retired-key", "card-unsupported", "holder-recent",
            "holder-bearer", "extended-until", "status-stale", "status-unknown", "trust-stale", "claim-withheld",
            "file-counter-lost", "file-unchecked", "trust-unreadable", "settings-unreadable", "wallet-read-only", "protection-software",
            "protection-none", "backup-card-reissue", "backup-unreadable", "backup-history-left-out",
            "backup-can-be-you", "backup-forever",
        ],
        .bad: [
            "decision-refuse", "card-forged", "holder-not-proven", "holder-replayed", "expired-since", "valid-from",
            "status-cancelled", "status-suspended", "file-rolled-back", "records-altered",
        ],
    ]
    return Dictionary(uniqueKeysWithValues: ids.flatMap { mark, ids in ids.map { (Say.explained($0), mark) } })
}()

/// A sentence of the core's as a fact.
func fact(_ say: Say) -> Block {
    .fact(marks[say.id] ?? .note, say, isMain: say.id.hasPrefix(Say.explained("decision-")))
}
