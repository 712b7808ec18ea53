import Amana
import Foundation

/// One camera for everything that a holder is shown: requests, offers, cards, trust.
extension HolderModel {
    func scan() { scan(Collector(), .nothing) }

    private func scan(_ collector: Collector, _ seen: Seen) {
        show(scanPage(
            .scanWhy, seen,
            back: { [self] in try await cards() },
            onText: { [self] text in
                let again: Again = { [self] in scan(collector, $0) }
                // A card that is in no code of Amana's, such as a paper ID's.
                let other: Taking<String> = { [self] in try await card(holder.add(card: Data($0.utf8))) }
                try await gather(collector, text, again, other: other) { try await self.take($0, $1) }
            },
            onBytes: { [self] in try await opened($0) }))
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
