import Amana
import XCTest

/// Doors, PINs and the state of the file.
final class VaultTests: XCTestCase {
    private func ids(_ messages: [Message]) -> [String] { messages.map { $0.id() } }

    private func cards(_ holder: Holder) async throws -> [String] { try await holder.cards().map(\.id) }

    /// How long the wallet says to wait after this wrong PIN.
    private func refusal(_ wallet: Wallet, door: UInt8, pin: String, line: UInt = #line) async throws -> UInt64? {
        let error = try await thrown(line: line) { try await wallet.unlock(door: door, pin: pin) }
        guard case let .WrongPin(_, retryAfter) = error else {
            XCTFail("\(error)", line: line)
            return nil
        }
        return retryAfter
    }

    func testWrongPINsAreSlowedAndTheWaitingIsTold() async throws {
        let file = try walletFile()
        let host = try WatchedHost(file: file)
        let wallet = try await makeWallet(file, host: host.ports)
        for expected in [0, 0, 0, 0, 30] as [UInt64] {
            let told = try await refusal(wallet, door: 1, pin: "0000")
            XCTAssertEqual(told, expected)
        }
        let error = try await thrown { try await wallet.unlock(door: 1, pin: pin) }
        guard case let .TooSoon(problem, retryAfter) = error else { return XCTFail("\(error)") }
        XCTAssertTrue((1...30).contains(retryAfter), "\(retryAfter)")
        XCTAssertEqual(problem.reason, "wrong-pins")
        host.pass(seconds: retryAfter)
        _ = try await wallet.unlock(door: 1, pin: pin)
    }

    func testDoorsDoNotSeeEachOtherAndTakingOneDestroysWhatIsBehind() async throws {
        let desk = try Desk()
        let wallet = try await makeWallet(desk.wallet)
        try await wallet.takeDoorAndDestroyWhatIsBehind(door: 2, pin: "2222")
        let first = try await wallet.unlock(door: 1, pin: pin)
        let second = try await wallet.unlock(door: 2, pin: "2222")
        let (firstCard, secondCard) = try await (desk.supply(first), desk.supply(second))
        var seen = try await [cards(first), cards(second)]
        XCTAssertEqual(seen, [[firstCard], [secondCard]])
        _ = try await refusal(wallet, door: 1, pin: "2222")

        try await wallet.takeDoorAndDestroyWhatIsBehind(door: 2, pin: "3333")
        let told = try await refusal(wallet, door: 2, pin: "2222")
        XCTAssertEqual(told, 0)
        seen = try await [cards(first), cards(wallet.unlock(door: 2, pin: "3333"))]
        XCTAssertEqual(seen, [[firstCard], []])
    }

    func testAPanicPINOpensTheDecoyAndDestroysItsOwnDoor() async throws {
        let desk = try Desk()
        let wallet = try await makeWallet(desk.wallet)
        try await wallet.takeDoorAndDestroyWhatIsBehind(door: 2, pin: "2222")
        let holder = try await wallet.unlock(door: 1, pin: pin)
        let decoy = try await wallet.unlock(door: 2, pin: "2222")
        let (hidden, harmless) = try await (desk.supply(holder), desk.supply(decoy))
        let itself = try await thrown { try await holder.setPanicPin(current: pin, panic: "9999", opens: holder) }
        guard case let .Invalid(problem) = itself else { return XCTFail("\(itself)") }
        XCTAssertEqual(problem.reason, "panic-opens-itself")
        try await holder.setPanicPin(current: pin, panic: "9999", opens: decoy)
        var seen = try await cards(wallet.unlock(door: 1, pin: pin))
        XCTAssertEqual(seen, [hidden])

        for _ in 0..<2 {
            seen = try await cards(wallet.unlock(door: 1, pin: "9999"))
            XCTAssertEqual(seen, [harmless])
            let told = try await refusal(wallet, door: 1, pin: pin)
            XCTAssertEqual(told, 0)
        }
    }

    func testAPanicPINThatLeadsNowhereOpensAnEmptyWalletAndCanBeUnset() async throws {
        let file = try walletFile()
        let holder = try await unlocked(file)
        try await holder.setPanicPin(current: pin, panic: "9999", opens: nil)
        try await holder.unsetPanicPin(current: pin)
        let wallet = try await Wallet.open(file: file, host: softwareHost(file: file))
        _ = try await refusal(wallet, door: 1, pin: "9999")
        try await holder.setPanicPin(current: pin, panic: "9999", opens: nil)
        let seen = try await cards(wallet.unlock(door: 1, pin: "9999"))
        XCTAssertEqual(seen, [])
        _ = try await refusal(wallet, door: 1, pin: pin)
    }

    func testAllIsWellAndItIsSaidToBeSoftware() async throws {
        let file = try walletFile()
        let wallet = try await makeWallet(file)
        try await wallet.checkDevice()
        let protection = try await wallet.protection()
        XCTAssertEqual(protection, .software)
        let state = try await wallet.unlock(door: 1, pin: pin).state()
        XCTAssertEqual(state.file, .newest)
        XCTAssertTrue(state.recordsIntact)
        XCTAssertNil(state.readOnly)
        XCTAssertEqual(state.protection, .software)
        XCTAssertEqual(ids(state.explain), ["protection-software"])
    }

    func testAnOlderCopyOfTheFileIsToldUntilItIsAcknowledged() async throws {
        let file = try walletFile()
        let wallet = try await makeWallet(file)
        try await wallet.unlock(door: 1, pin: pin).closeNow()
        let copy = try Data(contentsOf: URL(fileURLWithPath: file))
        let later = try await wallet.unlock(door: 1, pin: pin)
        try await later.keepHistory(keep: false)
        try await later.closeNow()
        try copy.write(to: URL(fileURLWithPath: file))

        let holder = try await wallet.unlock(door: 1, pin: pin)
        var state = try await holder.state()
        // An unlock and a change.
        XCTAssertEqual(state.file, .rolledBack(by: 2))
        XCTAssertEqual(ids(state.explain), ["file-rolled-back", "protection-software"])
        XCTAssertEqual(state.explain[0].args()["changes"], "2")
        try await holder.acknowledge()
        state = try await holder.state()
        XCTAssertEqual(state.file, .newest)
        state = try await wallet.unlock(door: 1, pin: pin).state()
        XCTAssertEqual(state.file, .newest)
    }

    func testACounterThatWasLostIsToldAndCountsAgain() async throws {
        let file = try walletFile()
        let wallet = try await makeWallet(file)
        try await wallet.unlock(door: 1, pin: pin).keepHistory(keep: false)
        try FileManager.default.removeItem(atPath: file + ".counter")
        let holder = try await wallet.unlock(door: 1, pin: pin)
        var state = try await holder.state()
        XCTAssertEqual(state.file, .counterLost)
        XCTAssertEqual(ids(state.explain), ["file-counter-lost", "protection-software"])
        try await holder.acknowledge()
        state = try await wallet.unlock(door: 1, pin: pin).state()
        XCTAssertEqual(state.file, .newest)
    }

    /// With the key and the clock of the library's own, and a counter of the app's.
    func testACounterThatThrowsKeepsNobodyOut() async throws {
        let file = try walletFile()
        let host = try WatchedHost(file: file)
        let software = try softwareHost(file: file)
        let ports = WalletHost(deviceKey: software.deviceKey, counter: host, clock: software.clock)
        let wallet = try await makeWallet(file, host: ports)
        for (failure, expected) in [(HostError.Locked, .Locked), (OwnError(), .Unavailable)] as [(Error, HostError)] {
            host.failCounter(with: failure)
            let holder = try await wallet.unlock(door: 1, pin: pin)
            let state = try await holder.state()
            XCTAssertEqual(state.file, .unchecked(failure: expected))
            XCTAssertEqual(ids(state.explain), ["file-unchecked", "protection-software"])
            try await holder.changePin(current: pin, new: "7777")
            try await holder.changePin(current: "7777", new: pin)
        }
        host.failCounter(with: nil)
        let state = try await wallet.unlock(door: 1, pin: pin).state()
        XCTAssertEqual(state.file, .newest)
    }

    /// With a key of the app's, and counter and clock of the library's own.
    func testADeviceThatDoesNotOpenTheWalletSaysSoBeforeAPINIsAskedFor() async throws {
        let file = try walletFile()
        let host = try WatchedHost(file: file)
        let software = try softwareHost(file: file)
        let ports = WalletHost(deviceKey: host, counter: software.counter, clock: software.clock)
        let wallet = try await makeWallet(file, host: ports)
        try await wallet.checkDevice()
        for failure in [HostError.Locked, .Invalidated, .Missing] {
            host.failKey(with: failure)
            let error = try await thrown { try await wallet.checkDevice() }
            guard case .Host(_, failure) = error else { return XCTFail("\(error)") }
        }
        let protection = try await wallet.protection()
        XCTAssertEqual(protection, .none)
        host.failKey(with: nil)
        _ = try await wallet.unlock(door: 1, pin: pin)
    }
}
