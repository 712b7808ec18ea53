import Amana
import Foundation

/// One camera for everything that a holder is shown: requests, offers, cards, trust.
extension HolderModel {
    func scan() { scan(Collector(), .nothing) }

    private func scan(_ collector: Collector, _ seen: Seen) {
        show(scanPage(
            .scanWhy, seen,
            back: { [self] in try await cards() },
            onText: { [self] in try await scanned(collector, $0) },
            onBytes: { [self] in try await opened($0) }))
    }

    private func scanned(_ collector: Collector, _ text: String) async throws {
        do {
            try await read(collector, text)
        } catch let error as AmanaError where error.isPassing {
            // The camera goes on: a code from another app, one cut off or one of two transfers mixed is nothing lost.
            scan(collector, .wrong(error))
        }
    }

    private func read(_ collector: Collector, _ text: String) async throws {
        do {
            switch try collector.add(scanned: text) {
            case .whole(let kind, let whole): try await take(kind, whole)
            case .needMore(let seen, let of, let disturbed):
                scan(collector, .some(seen, of: of, isDisturbed: disturbed))
            }
        } catch AmanaError.Foreign {
            // A card that is in no code of Amana's, such as a paper ID's.
            try await card(holder.add(card: Data(text.utf8)))
        }
    }

    /// A file, which may be of any format, or hold a code's text.
    private func opened(_ bytes: Data) async throws {
        if case .whole(let kind, let text) = try? Collector().add(scanned: trimmed(bytes)) {
            return try await take(kind, text)
        }
        try await card(holder.add(card: bytes))
    }

    private func take(_ kind: Kind, _ text: String) async throws {
        switch kind {
        case .request: try await asked(text)
        case .offer: offered(text)
        case .card, .delivery: try await card(holder.add(card: Data(text.utf8)))
        case .bundle:
            let edition = try await holder.loadTrust(bundle: Data(text.utf8), anchor: anchor)
            tell(Say(.trustLoaded, ["edition": edition])) { [self] in try await cards() }
        case .share: tell(Say(.shareElsewhere)) { [self] in try await backup() }
        case .response, .enrolment, .statusList: tell(Say(.problemNotForHolders)) { [self] in scan() }
        }
    }
}

extension AmanaError {
    /// Whether a camera may simply go on after it.
    var isPassing: Bool {
        switch self {
        case .Foreign, .Damaged, .NotForMe: true
        default: false
        }
    }
}

/// The text in a file.
func trimmed(_ bytes: Data) -> String { String(decoding: bytes, as: UTF8.self).trimmed }

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
