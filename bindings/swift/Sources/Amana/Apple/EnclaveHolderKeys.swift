#if canImport(Security) && canImport(LocalAuthentication)
import CryptoKit
import Foundation

/// Keys of cards on P-256 that the Secure Enclave never hands out.
final class EnclaveHolderKeys: HolderKeyStore {
    private let keychain: Keychain
    private let presence: Presence

    init(_ keychain: Keychain, _ presence: Presence) {
        self.keychain = keychain
        self.presence = presence
    }

    func make(id: Data, usage: HolderKeyUse) throws -> Data {
        let (blob, point) = try Keychain.told {
            let access = try Keychain.access(presence)
            switch usage {
            case .sign:
                let key = try SecureEnclave.P256.Signing.PrivateKey(accessControl: access)
                return (key.dataRepresentation, key.publicKey.x963Representation)
            case .agree:
                let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(accessControl: access)
                return (key.dataRepresentation, key.publicKey.x963Representation)
            }
        }
        try keychain.add(entry(id), blob)
        return point
    }

    func sign(id: Data, data: Data) throws -> Data {
        let blob = try blob(id)
        return try Keychain.told {
            let key = try SecureEnclave.P256.Signing.PrivateKey(
                dataRepresentation: blob, authenticationContext: Keychain.context())
            // Over the SHA-256 of the data.
            return try key.signature(for: data).derRepresentation
        }
    }

    func agree(id: Data, peer: Data) throws -> Data {
        let blob = try blob(id)
        return try Keychain.told {
            let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(
                dataRepresentation: blob, authenticationContext: Keychain.context())
            let point = try P256.KeyAgreement.PublicKey(x963Representation: peer)
            return try key.sharedSecretFromKeyAgreement(with: point).withUnsafeBytes { Data($0) }
        }
    }

    func delete(id: Data) throws { try keychain.delete(entry(id)) }

    private func blob(_ id: Data) throws -> Data {
        guard let blob = try keychain.read(entry(id)) else { throw HostError.Missing }
        return blob
    }

    private func entry(_ id: Data) -> String { "holder." + id.map { String(format: "%02x", $0) }.joined() }
}
#endif
