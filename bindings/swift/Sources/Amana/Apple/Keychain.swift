#if canImport(Security) && canImport(LocalAuthentication)
import Foundation
import LocalAuthentication
import Security

/// The entries of one wallet in the Keychain: of this device alone, never synchronised, there only while it is
/// unlocked. They outlive the app: whoever deletes it and installs it anew finds them again. Its failures are the
/// ports' own.
struct Keychain: Sendable {
    /// For how long the system need not ask again.
    private static let presentSeconds = 30.0

    let name: String

    func read(_ entry: String) throws -> Data? {
        var query = self.query(entry)
        query[kSecReturnData] = true
        var found: CFTypeRef?
        return try Self.isFound(SecItemCopyMatching(query as CFDictionary, &found)) ? found as? Data : nil
    }

    func add(_ entry: String, _ bytes: Data) throws {
        var query = self.query(entry)
        query[kSecAttrAccessible] = kSecAttrAccessibleWhenUnlockedThisDeviceOnly
        query[kSecValueData] = bytes
        _ = try Self.isFound(SecItemAdd(query as CFDictionary, nil))
    }

    /// One that is not there is deleted already.
    func delete(_ entry: String) throws { _ = try Self.isFound(SecItemDelete(query(entry) as CFDictionary)) }

    /// The ends of the names of the entries that start with this.
    func endings(_ start: String) throws -> [String] {
        var query = self.query(nil)
        query[kSecMatchLimit] = kSecMatchLimitAll
        query[kSecReturnAttributes] = true
        var found: CFTypeRef?
        guard try Self.isFound(SecItemCopyMatching(query as CFDictionary, &found)) else { return [] }
        let names = (found as? [[CFString: Any]] ?? []).compactMap { $0[kSecAttrAccount] as? String }
        return names.filter { $0.hasPrefix(start) }.map { String($0.dropFirst(start.count)) }
    }

    private func query(_ entry: String?) -> [CFString: Any] {
        var query: [CFString: Any] = [
            kSecClass: kSecClassGenericPassword,
            kSecAttrService: name,
            kSecAttrSynchronizable: false,
            kSecUseDataProtectionKeychain: true,
        ]
        if let entry { query[kSecAttrAccount] = entry }
        return query
    }

    private static func isFound(_ status: OSStatus) throws -> Bool {
        switch status {
        case errSecSuccess: return true
        case errSecItemNotFound: return false
        default: throw why(status)
        }
    }

    /// What a key of the Secure Enclave asks for before it is used.
    static func access(_ presence: Presence) throws -> SecAccessControl {
        let made = switch presence {
        case .pinAlone:
            SecAccessControlCreateWithFlags(nil, kSecAttrAccessibleWhenUnlockedThisDeviceOnly, .privateKeyUsage, nil)
        case .screenLock:
            SecAccessControlCreateWithFlags(
                nil, kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly, [.privateKeyUsage, .userPresence], nil)
        }
        guard let made else { throw HostError.Unavailable }
        return made
    }

    /// What the system asks a person with, for one use of a key.
    static func context() -> LAContext {
        let context = LAContext()
        context.touchIDAuthenticationAllowableReuseDuration = presentSeconds
        return context
    }

    /// Does what may fail in the Secure Enclave, and says why in the ports' own words.
    static func told<T>(_ work: () throws -> T) throws -> T {
        do {
            return try work()
        } catch let error as HostError {
            throw error
        } catch {
            throw why(error)
        }
    }

    private static func why(_ error: Error) -> HostError {
        var next: NSError? = error as NSError
        // The reason lies some errors deep.
        for _ in 0..<8 {
            guard let error = next else { break }
            if error.domain == LAError.errorDomain, let code = LAError.Code(rawValue: error.code) { return why(code) }
            if error.domain == NSOSStatusErrorDomain { return why(OSStatus(truncatingIfNeeded: error.code)) }
            next = error.userInfo[NSUnderlyingErrorKey] as? NSError
        }
        return .Unavailable
    }

    private static func why(_ code: LAError.Code) -> HostError {
        switch code {
        case .userCancel, .userFallback, .appCancel, .systemCancel: .Cancelled
        case .authenticationFailed, .biometryLockout, .notInteractive: .Locked
        // With the passcode the system has destroyed what these keys were kept under.
        case .passcodeNotSet: .Invalidated
        default: .Unavailable
        }
    }

    private static func why(_ status: OSStatus) -> HostError {
        switch status {
        case errSecInteractionNotAllowed, errSecAuthFailed: .Locked
        case errSecUserCanceled: .Cancelled
        case errSecItemNotFound: .Missing
        case errSecDecode, errSecInvalidKeyRef: .Invalidated
        default: .Unavailable
        }
    }
}
#endif
