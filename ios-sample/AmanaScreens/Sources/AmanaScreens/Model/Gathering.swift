import Amana
import Foundation

/// What both apps do with what a camera reads.
extension Model {
    /// The page that scans, once more, with what was seen.
    typealias Again = @ModelActor @Sendable (Seen) -> Void

    /// Takes in what a camera read; what fits nothing here is told, and the camera goes on. `other` may know what is in
    /// no code of Amana's.
    func gather(
        _ collector: Collector, _ text: String, _ again: Again, other: Taking<String>? = nil,
        whole: @ModelActor @Sendable (Kind, String) async throws -> Void
    ) async throws {
        do {
            do {
                switch try collector.add(scanned: text) {
                case .whole(let kind, let text): try await whole(kind, text)
                case .needMore(let seen, let of, let disturbed): again(.some(seen, of: of, isDisturbed: disturbed))
                }
            } catch AmanaError.Foreign where other != nil {
                try await other?(text)
            }
        } catch let error as AmanaError where error.isPassing {
            again(.wrong(error))
        } catch let slip as Slip {
            again(.wrong(slip))
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
