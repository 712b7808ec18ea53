import Amana
@testable import AmanaScreens
import Foundation

/// A phone that tests hold in their hand. `@unchecked`: the lock guards what changes.
final class StandInPhone: Phone, @unchecked Sendable {
    let codePixels: Int
    private let spoken = Guarded(Language.english)

    init(codePixels: Int = 1080) { self.codePixels = codePixels }

    var language: Language {
        get { spoken.value }
        set { spoken.value = newValue }
    }

    func today() -> String { "2026-11-24" }
}

/// A shelf that goes with the test.
final class StandInShelf: Shelf, @unchecked Sendable {
    private let kept = Guarded<[String: Data]>([:])
    private let full = Guarded(false)

    var all: [String: Data] {
        get { kept.value }
        set { kept.value = newValue }
    }

    func read(_ name: String, isSecret: Bool) throws -> Data? { all[key(name, isSecret)] }

    /// Whether there is no room for more.
    var isFull: Bool {
        get { full.value }
        set { full.value = newValue }
    }

    func write(_ name: String, _ bytes: Data, isSecret: Bool) throws {
        if isFull { throw CocoaError(.fileWriteOutOfSpace) }
        all[key(name, isSecret)] = bytes
    }

    func names(_ start: String) throws -> [String] { all.keys.filter { $0.hasPrefix(start) }.sorted() }

    private func key(_ name: String, _ isSecret: Bool) -> String { isSecret ? "secret-\(name)" : name }
}

/// The library's ports in files, on a phone so slow that a PIN costs the least: what is not about time need not take
/// any. They see who calls, and wait where a test holds them up.
final class StandInPorts: DeviceKey, MonotonicCounter, Clock, HolderKeyStore, @unchecked Sendable {
    private let inner: WalletHost
    private let keys: HolderKeyStore
    private let lock = NSCondition()
    private var called = 0
    private var calledOnMain = 0
    private var held: Port?
    private var waiting = 0
    private var isLost = false

    enum Port { case doorKey, signature }

    init(file: String) throws {
        inner = try softwareHost(file: file)
        guard let keys = inner.holderKeys else { throw HostError.Missing }
        self.keys = keys
    }

    var ports: WalletHost { WalletHost(deviceKey: self, counter: self, clock: self, holderKeys: self) }

    /// How often a port was called, and how often on the thread that draws.
    var calls: (all: Int, onMain: Int) { locked { (called, calledOnMain) } }

    /// The device loses the wallet's key, and says so until it is told to make another.
    func loseKey() { locked { isLost = true } }

    /// It has it again.
    func findKey() { locked { isLost = false } }

    /// Has the next calls of this port wait until `release`.
    func hold(_ port: Port) { locked { held = port } }

    func release() {
        locked {
            held = nil
            lock.broadcast()
        }
    }

    /// Whether a call waits.
    var isWaiting: Bool { locked { waiting > 0 } }

    func prf(key: DeviceKeyName, input: Data) throws -> Data {
        if key != .header { wait(at: .doorKey) } else if locked({ isLost }) { throw HostError.Missing }
        return try noted { try inner.deviceKey.prf(key: key, input: input) }
    }

    func replace(key: DeviceKeyName) throws {
        if key == .header { locked { isLost = false } }
        try noted { try inner.deviceKey.replace(key: key) }
    }

    func protection() throws -> Protection { try noted { try inner.deviceKey.protection() } }

    func read() throws -> UInt64 { try noted { try inner.counter.read() } }

    func advanceTo(number: UInt64) throws { try noted { try inner.counter.advanceTo(number: number) } }

    func now() throws -> Int64 { try noted { try inner.clock.now() } }

    func elapsed() throws -> UInt64 { try noted { try inner.clock.elapsed() * 100 } }

    func make(id: Data, usage: HolderKeyUse) throws -> Data { try noted { try keys.make(id: id, usage: usage) } }

    func sign(id: Data, data: Data) throws -> Data {
        wait(at: .signature)
        return try noted { try keys.sign(id: id, data: data) }
    }

    func agree(id: Data, peer: Data) throws -> Data { try noted { try keys.agree(id: id, peer: peer) } }

    func delete(id: Data) throws { try noted { try keys.delete(id: id) } }

    private func noted<T>(_ work: () throws -> T) rethrows -> T {
        locked {
            called += 1
            if Thread.isMainThread { calledOnMain += 1 }
        }
        return try work()
    }

    private func wait(at port: Port) {
        locked {
            waiting += 1
            while held == port { lock.wait() }
            waiting -= 1
        }
    }

    private func locked<T>(_ work: () -> T) -> T {
        lock.lock()
        defer { lock.unlock() }
        return work()
    }
}
