import Amana
import XCTest

final class WorkersTests: XCTestCase {
    /// Every call that asks a port of the host. Not the main thread alone is looked for: Swift itself leaves that one for
    /// what is async, and would then hold up one of the few that it has for all tasks.
    func testAPortIsOnlyCalledOnALibrarysWorker() async throws {
        let desk = try Desk()
        let file = desk.wallet
        let host = try WatchedHost(file: file)
        @MainActor func watched<T: Sendable>(_ name: String, _ act: @MainActor () async throws -> T) async throws -> T {
            let before = host.calls
            let result = try await act()
            XCTAssertGreaterThan(host.calls, before, "\(name) asks no port")
            XCTAssertEqual(host.callers, ["amana"], name)
            return result
        }
        let task = Task { @MainActor in
            let wallet = try await watched("create") {
                try await Wallet.create(file: file, door: 1, pin: pin, host: host.ports)
            }
            try await watched("checkDevice") { try await wallet.checkDevice() }
            _ = try await watched("protection") { try await wallet.protection() }
            let holder = try await watched("unlock") { try await wallet.unlock(door: 1, pin: pin) }
            try await watched("takeDoor") { try await wallet.takeDoorAndDestroyWhatIsBehind(door: 2, pin: "2222") }
            _ = try await watched("state") { try await holder.state() }
            try await watched("acknowledge") { try await holder.acknowledge() }
            try await watched("changePin") { try await holder.changePin(current: pin, new: "7777") }
            try await watched("setPanicPin") { try await holder.setPanicPin(current: "7777", panic: "9999", opens: nil) }
            try await watched("unsetPanicPin") { try await holder.unsetPanicPin(current: "7777") }

            let card = try await watched("add") { try await desk.supply(holder) }
            _ = try await watched("respond") { try await desk.serve(holder) }
            let entry = try await holder.history().entries[0].id()
            try await watched("forget") { try await holder.forget(entry: entry) }
            _ = try await desk.serve(holder)
            _ = try await watched("forgetBefore") { try await holder.forgetBefore(moment: .max) }
            try await watched("keepHistory") { try await holder.keepHistory(keep: false) }
            let passphrase = try makePassphrase()
            let plan = try await watched("planBackup") { try await holder.planBackup(keys: .stayBehind) }
            let backup = try await Backup.open(file: plan.seal(passphrase: passphrase), passphrase: passphrase)
            try await watched("delete") { try await holder.delete(card: card) }
            _ = try await watched("restore") { try await holder.restore(backup: backup) }
        }
        try await task.value
    }

    func testCancellingDropsTheWaitAndNeverHalfAWrite() async throws {
        let file = try walletFile()
        let host = try WatchedHost(file: file)
        let wallet = try await Wallet.create(file: file, door: 1, pin: pin, host: host.ports)
        let holder = try await wallet.unlock(door: 1, pin: pin)
        let calls = host.calls
        let changing = Task { try await holder.changePin(current: pin, new: "7777") }
        // Cancelled once the work has begun.
        while host.calls == calls { try await Task.sleep(nanoseconds: 1_000_000) }
        changing.cancel()
        _ = await changing.result
        // The change goes on to its end behind the cancelled wait: soon the new PIN opens, and the old one no more.
        var opened = false
        for _ in 0..<100 where !opened {
            opened = (try? await wallet.unlock(door: 1, pin: "7777")) != nil
        }
        XCTAssertTrue(opened)
        let old = try? await wallet.unlock(door: 1, pin: pin)
        XCTAssertNil(old)
        let intact = try await holder.state().recordsIntact
        XCTAssertTrue(intact)
    }
}
