import Amana
import Foundation

/// The system's clocks.
final class SystemClock: Clock {
    func now() throws -> Int64 { Int64(Date().timeIntervalSince1970) }

    func elapsed() throws -> UInt64 { UInt64(ProcessInfo.processInfo.systemUptime * 1000) }
}

/// Keys in memory, and it says so. `@unchecked`: the lock guards everything that changes.
final class SoftwareDeviceKey: DeviceKey, @unchecked Sendable {
    private let lock = NSLock()
    private var secrets: [DeviceKeyName: [UInt8]] = [:]
    private var onMainThread = false
    private var called = 0
    private var failing: Error?

    /// Whether any call came on the main thread.
    var wasCalledOnMainThread: Bool { lock.withLock { onMainThread } }

    /// How often a key was used.
    var calls: Int { lock.withLock { called } }

    /// Makes the next calls throw.
    func fail(with error: Error?) { lock.withLock { failing = error } }

    func prf(key: DeviceKeyName, input: Data) throws -> Data {
        try lock.withLock {
            onMainThread = onMainThread || Thread.isMainThread
            called += 1
            if let failing { throw failing }
            let secret = secrets[key] ?? Self.fresh()
            secrets[key] = secret
            return Data(hmacSHA256(key: secret, message: Array(input)))
        }
    }

    func replace(key: DeviceKeyName) throws {
        lock.withLock { secrets[key] = Self.fresh() }
    }

    func protection() throws -> Protection { .software }

    private static func fresh() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}

/// RFC 2104, for keys of at most a block. Linux has no CryptoKit, and a package would have to be fetched.
private func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
    let inner = sha256(padded.map { $0 ^ 0x36 } + message)
    return sha256(padded.map { $0 ^ 0x5c } + inner)
}

/// FIPS 180-4. The constants are the fractional parts of square and cube roots of the first primes.
private func sha256(_ message: [UInt8]) -> [UInt8] {
    var padded = message + [0x80]
    padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
    padded += (0..<8).reversed().map { UInt8(truncatingIfNeeded: UInt64(message.count * 8) >> (8 * UInt64($0))) }
    func fraction(_ root: Double) -> UInt32 { UInt32((root - root.rounded(.down)) * 4_294_967_296) }
    let primes = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }.map(Double.init)
    let constants = primes.map { fraction(Foundation.cbrt($0)) }
    var state = primes.prefix(8).map { fraction($0.squareRoot()) }
    for start in stride(from: 0, to: padded.count, by: 64) {
        var w = (0..<16).map { i in (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(padded[start + 4 * i + $1]) } }
        func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }
        for i in 16..<64 {
            let small0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3
            let small1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10
            w.append(w[i - 16] &+ small0 &+ w[i - 7] &+ small1)
        }
        var s = state
        for i in 0..<64 {
            let big1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)
            let choice = (s[4] & s[5]) ^ (~s[4] & s[6])
            let first = s[7] &+ big1 &+ choice &+ constants[i] &+ w[i]
            let big0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)
            let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2])
            s = [first &+ big0 &+ majority, s[0], s[1], s[2], s[3] &+ first, s[4], s[5], s[6]]
        }
        state = zip(state, s).map { $0 &+ $1 }
    }
    return state.flatMap { word in (0..<4).reversed().map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } }
}

/// FIPS 180-4's example "abc": the control that the function above is the one it says.
let sha256OfABC = sha256(Array("abc".utf8))
