#if canImport(Security) && canImport(LocalAuthentication)
import Foundation

/// A number that only grows, as the name of a Keychain entry: an entry for each number, made before the one below it
/// goes. The entries are of this device alone. A backup of the whole device, put back onto this same device, brings
/// them back as they were, and with them a wallet's file that is in it: that it is older is then not seen.
final class KeychainCounter: MonotonicCounter {
    static let kind = "counter"

    private let keychain: Keychain
    private let lock = NSLock()

    init(_ keychain: Keychain) { self.keychain = keychain }

    func read() throws -> UInt64 {
        lock.lock()
        defer { lock.unlock() }
        return try numbers().max() ?? 0
    }

    func advanceTo(number: UInt64) throws {
        lock.lock()
        defer { lock.unlock() }
        let known = try numbers()
        if known.contains(where: { $0 >= number }) { return }
        try keychain.add("\(Self.kind).\(number)", Data([1]))
        for old in known { try keychain.delete("\(Self.kind).\(old)") }
    }

    private func numbers() throws -> [UInt64] { try keychain.endings("\(Self.kind).").compactMap { UInt64($0) } }
}
#endif
