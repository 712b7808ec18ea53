import Amana
import Foundation
import XCTest

/// An app's own ports around the library's: they see who calls, and fail or pass time where a test says so.
/// `@unchecked`: the lock guards everything that changes.
final class WatchedHost: DeviceKey, MonotonicCounter, Clock, @unchecked Sendable {
    private let inner: WalletHost
    private let lock = NSLock()
    private var called = 0
    private var names: Set<String> = []
    private var keyFailure: Error?
    private var counterFailure: Error?
    private var passed: UInt64 = 0

    init(file: String) throws { inner = try softwareHost(file: file) }

    var ports: WalletHost { WalletHost(deviceKey: self, counter: self, clock: self) }

    /// How often a port was called.
    var calls: Int { lock.withLock { called } }

    /// The names of the threads that called.
    var callers: Set<String> { lock.withLock { names } }

    /// Makes the key's next calls throw.
    func failKey(with error: Error?) { lock.withLock { keyFailure = error } }

    /// Makes the counter's next calls throw.
    func failCounter(with error: Error?) { lock.withLock { counterFailure = error } }

    /// Sets the clock ahead.
    func pass(seconds: UInt64) { lock.withLock { passed += seconds } }

    func prf(key: DeviceKeyName, input: Data) throws -> Data {
        try call(lock.withLock { keyFailure })
        return try inner.deviceKey.prf(key: key, input: input)
    }

    func replace(key: DeviceKeyName) throws {
        try call(lock.withLock { keyFailure })
        try inner.deviceKey.replace(key: key)
    }

    func protection() throws -> Protection {
        try call(lock.withLock { keyFailure })
        return try inner.deviceKey.protection()
    }

    func read() throws -> UInt64 {
        try call(lock.withLock { counterFailure })
        return try inner.counter.read()
    }

    func advanceTo(number: UInt64) throws {
        try call(lock.withLock { counterFailure })
        try inner.counter.advanceTo(number: number)
    }

    func now() throws -> Int64 {
        try call(nil)
        return try inner.clock.now() + Int64(lock.withLock { passed })
    }

    func elapsed() throws -> UInt64 {
        try call(nil)
        return try inner.clock.elapsed() + lock.withLock { passed } * 1000
    }

    private func call(_ failure: Error?) throws {
        lock.withLock {
            called += 1
            names.insert(Thread.current.name ?? "")
        }
        if let failure { throw failure }
    }
}

/// What a driver throws that knows nothing of Amana.
struct OwnError: Error {}

/// A phone so slow that the cost of its PINs is the lowest: what is not about time need not take any.
private final class SlowPhone: Clock {
    private let inner: Clock

    init(_ inner: Clock) { self.inner = inner }

    func now() throws -> Int64 { try inner.now() }

    func elapsed() throws -> UInt64 { try inner.elapsed() * 100 }
}

/// A wallet with door 1 in use.
func makeWallet(_ file: String, host: WalletHost? = nil) async throws -> Wallet {
    let host = try host ?? softwareHost(file: file)
    let slow = WalletHost(deviceKey: host.deviceKey, counter: host.counter, clock: SlowPhone(host.clock))
    _ = try await Wallet.create(file: file, door: 1, pin: pin, host: slow)
    return try await Wallet.open(file: file, host: host)
}

/// The same, unlocked.
func unlocked(_ file: String, host: WalletHost? = nil) async throws -> Holder {
    try await makeWallet(file, host: host).unlock(door: 1, pin: pin)
}

/// What `act` throws.
func thrown<T>(line: UInt = #line, _ act: () async throws -> T) async throws -> AmanaError {
    do {
        _ = try await act()
    } catch let error as AmanaError {
        return error
    }
    XCTFail("nothing was thrown", line: line)
    return .Internal(problem: Problem(code: "", reason: nil, sentence: "", docs: ""))
}

extension XCTestCase {
    /// A folder that goes with the test.
    func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
        return folder.path
    }

    func walletFile() throws -> String { try folder() + "/wallet.amana" }
}
