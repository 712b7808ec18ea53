import Amana
import Foundation

/// What a field worker's phone keeps: nothing of anybody whose card was checked, but how many there were.
public protocol Shelf: AnyObject, Sendable {
    /// What is kept under this name; `isSecret` where only this phone may be able to read it.
    func read(_ name: String, isSecret: Bool) throws -> Data?

    /// Keeps it whole or not at all.
    func write(_ name: String, _ bytes: Data, isSecret: Bool) throws

    /// The names that start with this.
    func names(_ start: String) throws -> [String]
}

extension Shelf {
    func read(_ name: String) throws -> Data? { try read(name, isSecret: false) }

    func write(_ name: String, _ bytes: Data) throws { try write(name, bytes, isSecret: false) }
}

/// What checking takes: the bundle that says whom to believe, the verifier's own key, what it is registered for, lists
/// of cancelled cards.
@ModelActor
final class Kit {
    private static let key = "key"
    private static let trust = "trust"
    private static let registration = "registration"
    private static let strict = "strict"
    private static let list = "list-"

    private let shelf: any Shelf
    private let anchor: String
    private let clock: any Clock

    nonisolated init(_ shelf: any Shelf, _ anchor: String, _ clock: any Clock) {
        self.shelf = shelf
        self.anchor = anchor
        self.clock = clock
    }

    // A part that cannot be read is as good as none: it is loaded again.
    var hasKey: Bool { (try? shelf.read(Self.key, isSecret: true)) != nil }
    var hasTrust: Bool { (try? shelf.read(Self.trust)) != nil }
    var hasRegistration: Bool { (try? shelf.read(Self.registration)) != nil }

    /// Whether to refuse where a check cannot be made.
    func isStrict() throws -> Bool { try shelf.read(Self.strict)?.count == 1 }

    func setStrict(_ isStrict: Bool) throws { try shelf.write(Self.strict, Data(count: isStrict ? 1 : 0)) }

    /// The verifier, with the lists that are there; none where the key or the bundle is missing.
    func verifier() async throws -> Verifier? { try await verifier(shelf.read(Self.registration)) }

    private func verifier(_ registration: Data?) async throws -> Verifier? {
        guard let verifier = try make(shelf.read(Self.trust), registration) else { return nil }
        for name in try shelf.names(Self.list) {
            // One that has become invalid says nothing, and the others do: how old each is stands on a page of its own.
            if let list = try shelf.read(name) { _ = try? await verifier.loadStatus(list: list) }
        }
        return verifier
    }

    func takeKey(_ text: String) throws {
        _ = try VerifierKey.parse(text: text)
        try shelf.write(Self.key, Data(text.utf8), isSecret: true)
    }

    /// Keeps a bundle if it is one to be believed.
    func takeTrust(_ bundle: Data) throws {
        guard try make(bundle, nil) != nil else { throw Slip(.problemKeyFirst) }
        try shelf.write(Self.trust, bundle)
    }

    /// Keeps a registration if it is this key's.
    func takeRegistration(_ registration: Data) throws {
        guard hasKey else { throw Slip(.problemKeyFirst) }
        guard try make(shelf.read(Self.trust), registration) != nil else { throw Slip(.problemTrustFirst) }
        try shelf.write(Self.registration, registration)
    }

    /// Keeps a list if an issuer in the bundle signed it; an older edition of it goes.
    func takeList(_ list: Data) async throws {
        let found = try await verifier(nil)
        guard let verifier = found else { throw Slip(hasKey ? .problemTrustFirst : .problemKeyFirst) }
        let loaded = try await verifier.loadStatus(list: list)
        try shelf.write(Self.list + Self.shortened(loaded.uri), list)
    }

    private func make(_ trust: Data?, _ registration: Data?) throws -> Verifier? {
        guard let key = try shelf.read(Self.key, isSecret: true), let trust else { return nil }
        return try Verifier(
            trust: trust, anchor: anchor, key: VerifierKey.parse(text: String(decoding: key, as: UTF8.self)),
            registration: registration, policy: isStrict() ? strictPolicy() : rationsPolicy(), clock: clock)
    }

    /// A name for a file, of a list's address (FNV-1a). Only an issuer who is believed could make two of one name.
    private static func shortened(_ uri: String) -> String {
        let hash = uri.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
