#if canImport(Security) && canImport(LocalAuthentication)
import CryptoKit
import Foundation
import LocalAuthentication

/// A key for each name that agrees inside the Secure Enclave, which never hands it out: `HKDF(k · H(input), input)`,
/// with `H` a hash onto the curve. Where there is no Secure Enclave the keys are software in the Keychain, and say
/// so.
///
/// This is the Diffie–Hellman pseudo-random function. With the hashes taken for random oracles, whoever tells an
/// output from chance without the key has computed `k · P` for a point `P` that came out of a hash: under the (gap)
/// computational Diffie–Hellman assumption on P-256 nobody does, not even with the key's public half and the outputs
/// for other inputs. It takes a hash onto the curve to points whose logarithm nobody knows. A scalar `s` hashed from
/// the input, and the point `s · G`, would not do: `k · (s · G)` is `s · (k · G)`, which the public half alone gives,
/// and that half is no secret.
final class EnclaveDeviceKey: DeviceKey {
    static let kind = "device"

    private let keychain: Keychain
    private let presence: Presence

    init(_ keychain: Keychain, _ presence: Presence) {
        self.keychain = keychain
        self.presence = presence
    }

    func prf(key: DeviceKeyName, input: Data) throws -> Data {
        let blob = try keychain.read(entry(key)) ?? makeFirst(key)
        return try Keychain.told {
            let shared = try agree(blob, Self.point(of: input))
            let salt = Data("amana device key".utf8)
            return shared
                .hkdfDerivedSymmetricKey(using: SHA256.self, salt: salt, sharedInfo: input, outputByteCount: 32)
                .withUnsafeBytes { Data($0) }
        }
    }

    func replace(key: DeviceKeyName) throws {
        // What the Keychain has is the one thing by which the Secure Enclave knows the key: without it, it is gone.
        try keychain.delete(entry(key))
        _ = try make(key)
    }

    func protection() throws -> Protection { hasEnclave ? .hardware : .software }

    /// A key on its first use. Where a wallet was written already and the header's key is not there, it is lost: a new
    /// one would open nothing.
    private func makeFirst(_ key: DeviceKeyName) throws -> Data {
        let isLost = try key == .header && !keychain.endings("\(KeychainCounter.kind).").isEmpty
        if isLost { throw HostError.Missing }
        return try make(key)
    }

    private func make(_ key: DeviceKeyName) throws -> Data {
        let blob = try Keychain.told {
            guard hasEnclave else { return P256.KeyAgreement.PrivateKey().rawRepresentation }
            // The header's key must open what says whether anybody has to be asked: it asks nobody itself.
            let access = try Keychain.access(key == .header ? .pinAlone : presence)
            return try SecureEnclave.P256.KeyAgreement.PrivateKey(accessControl: access).dataRepresentation
        }
        try keychain.add(entry(key), blob)
        return blob
    }

    private func agree(_ blob: Data, _ point: P256.KeyAgreement.PublicKey) throws -> SharedSecret {
        guard hasEnclave else {
            return try P256.KeyAgreement.PrivateKey(rawRepresentation: blob).sharedSecretFromKeyAgreement(with: point)
        }
        let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(
            dataRepresentation: blob, authenticationContext: Keychain.context())
        return try key.sharedSecretFromKeyAgreement(with: point)
    }

    /// A hash onto the curve, by trying: about every second number is the x of a point, and an agreement looks at no
    /// more than x.
    private static func point(of input: Data) throws -> P256.KeyAgreement.PublicKey {
        for count in UInt8.min...UInt8.max {
            let x = Data(SHA256.hash(data: Data("amana device key point".utf8) + [count] + input))
            if let point = try? P256.KeyAgreement.PublicKey(compactRepresentation: x) { return point }
        }
        // Once in 2^256 inputs.
        throw HostError.Unavailable
    }

    private func entry(_ key: DeviceKeyName) -> String {
        let name = switch key {
        case .header: "header"
        case .door1: "door1"
        case .door2: "door2"
        case .door3: "door3"
        case .door4: "door4"
        case .spare: "spare"
        }
        return "\(Self.kind).\(name)"
    }
}
#endif
