import Amana
import AmanaScreens
import Foundation
import Security

/// Files of this app alone, there only while the phone is unlocked; the secret ones in the Keychain, of this phone
/// alone.
final class FileShelf: Shelf {
    private let folder: URL
    private let service: String

    init(_ folder: URL, service: String) {
        self.folder = folder
        self.service = service
    }

    func read(_ name: String, isSecret: Bool) throws -> Data? {
        if isSecret { return try readSecret(name) }
        let file = folder.appendingPathComponent(name)
        return FileManager.default.fileExists(atPath: file.path) ? try Data(contentsOf: file) : nil
    }

    func write(_ name: String, _ bytes: Data, isSecret: Bool) throws {
        if isSecret { return try writeSecret(name, bytes) }
        try bytes.write(to: folder.appendingPathComponent(name), options: [.atomic, .completeFileProtection])
    }

    func names(_ start: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix(start) }.sorted()
    }

    private func readSecret(_ name: String) throws -> Data? {
        var query = secret(name)
        query[kSecReturnData] = true
        var found: CFTypeRef?
        switch SecItemCopyMatching(query as CFDictionary, &found) {
        case errSecSuccess: return found as? Data
        case errSecItemNotFound: return nil
        case errSecInteractionNotAllowed: throw HostError.Locked
        default: throw HostError.Unavailable
        }
    }

    private func writeSecret(_ name: String, _ bytes: Data) throws {
        let change: [CFString: Any] = [kSecValueData: bytes]
        var status = SecItemUpdate(secret(name) as CFDictionary, change as CFDictionary)
        if status == errSecItemNotFound {
            let more: [CFString: Any] =
                [kSecValueData: bytes, kSecAttrAccessible: kSecAttrAccessibleWhenUnlockedThisDeviceOnly]
            status = SecItemAdd(secret(name).merging(more) { $1 } as CFDictionary, nil)
        }
        if status == errSecInteractionNotAllowed { throw HostError.Locked }
        if status != errSecSuccess { throw HostError.Unavailable }
    }

    private func secret(_ name: String) -> [CFString: Any] {
        [
            kSecClass: kSecClassGenericPassword,
            kSecAttrService: service,
            kSecAttrAccount: name,
            kSecAttrSynchronizable: false,
        ]
    }
}
