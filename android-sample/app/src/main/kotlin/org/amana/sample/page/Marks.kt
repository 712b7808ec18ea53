package org.amana.sample.page

/**
 * How each of the core's sentences stands, by its name in the words: what is not here is a note. A test keeps them to those that
 * there are.
 */
internal val MARKS: Map<String, Mark> = mapOf(
    Mark.GOOD to listOf(
        "asker-registered", "decision-accept", "card-genuine", "holder-fresh", "valid", "valid-until", "status-valid",
        "protection-hardware",
    ),
    Mark.CARE to listOf(
        "asker-lapsed", "asker-unregistered", "claim-beyond", "card-out-of-date", "request-old", "request-future",
        "request-answered-before", "will-show-beside", "answer-stands-out", "answer-unrecorded", "decision-exception",
        "card-unknown-issuer", "card-retired-key", "card-unsupported", "holder-recent", "holder-bearer", "extended-until",
        "status-stale", "status-unknown", "trust-stale", "claim-withheld", "file-counter-lost", "file-unchecked",
        "trust-unreadable", "settings-unreadable", "wallet-read-only", "protection-software", "protection-none",
        "backup-card-reissue", "backup-unreadable", "backup-history-left-out", "backup-can-be-you", "backup-forever",
    ),
    Mark.BAD to listOf(
        "decision-refuse", "card-forged", "holder-not-proven", "holder-replayed", "expired-since", "valid-from",
        "status-cancelled", "status-suspended", "file-rolled-back", "records-altered",
    ),
).flatMap { (mark, ids) -> ids.map { Say.explained(it) to mark } }.toMap()

/** A sentence of the core's as a fact. */
fun fact(say: Say) = Block.Fact(MARKS[say.id] ?: Mark.NOTE, say, isMain = say.id.startsWith(Say.explained("decision-")))
