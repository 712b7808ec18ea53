#if canImport(Security) && canImport(LocalAuthentication)
import CryptoKit
import Foundation

/// The ports of one wallet's file, on this device's Secure Enclave, Keychain and clocks.
///
/// - Note: Nothing here has run on a device or in a simulator yet, nor been compiled: it was only read. Try it before
///   anybody relies on it.
/// - Parameters:
///   - name: what its keys are called in the Keychain: one for each wallet's file, and the same every time.
///   - presence: whether opening a door, and using a card's key that lies in the device, takes the device's own lock
///     first.
public func appleHost(name: String = "amana", presence: Presence = .pinAlone) -> WalletHost {
    let keychain = Keychain(name: name)
    return WalletHost(
        deviceKey: EnclaveDeviceKey(keychain, presence),
        counter: KeychainCounter(keychain),
        clock: AppleClock(),
        holderKeys: hasEnclave ? EnclaveHolderKeys(keychain, presence) : nil
    )
}

/// Whom the device wants to see before it opens a door: the PIN is asked for in any case.
public enum Presence: Sendable {
    /// Nobody: the PIN of the door is enough.
    case pinAlone

    /// Whoever unlocks the device: the system asks for a face, a finger or the passcode, unless it did within the last
    /// half minute. Taking the passcode away makes the keys invalid for good: have a backup.
    case screenLock
}

/// This device's clocks.
public final class AppleClock: Clock {
    public init() {}

    public func now() throws -> Int64 { Int64(Date().timeIntervalSince1970) }

    /// `mach_continuous_time`: it counts while the device sleeps, and nobody sets it.
    public func elapsed() throws -> UInt64 { clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW) / 1_000_000 }
}

/// Whether keys can lie where nothing copies them. What a simulator calls a Secure Enclave is a computer's memory.
var hasEnclave: Bool {
    #if targetEnvironment(simulator)
    false
    #else
    SecureEnclave.isAvailable
    #endif
}
#endif
