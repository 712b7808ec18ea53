import Amana
import XCTest

/// Pins the type and the fields of each public error.
final class ErrorsTests: XCTestCase {
    private let clock = SystemClock()
    private let deviceKey = SoftwareDeviceKey()

    private struct OwnError: Error {}

    private func folder() throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
        return folder.path
    }

    private func unlocked(_ file: String) async throws -> Holder {
        let wallet = try await Wallet.create(file: file, door: 1, pin: pin, deviceKey: deviceKey, clock: clock)
        return try await wallet.unlock(door: 1, pin: pin)
    }

    /// The problem inside what `act` throws, if `pick` knows its type.
    private func problem(
        _ pick: (AmanaError) -> Problem?, line: UInt = #line, _ act: () async throws -> Void
    ) async throws -> Problem {
        do {
            try await act()
        } catch let error as AmanaError {
            return try XCTUnwrap(pick(error), "\(error)", line: line)
        }
        XCTFail("nothing was thrown", line: line)
        return Problem(code: "", reason: nil, sentence: "", docs: "")
    }

    private func assert(_ problem: Problem, _ code: String, _ reason: String?, line: UInt = #line) {
        XCTAssertEqual(problem.code, code, line: line)
        XCTAssertEqual(problem.reason, reason, line: line)
        XCTAssertEqual(problem.docs, "docs/errors.md#\(code)", line: line)
    }

    /// Also of those that no test can bring about: this does not compile, or not pass, where one has changed.
    func testEachErrorHasItsTypeAndItsFields() {
        let problem = Problem(code: "code", reason: "reason", sentence: "sentence", docs: "docs")
        let errors: [AmanaError] = [
            .Damaged(problem: problem), .Foreign(problem: problem), .TooNew(problem: problem),
            .NotForMe(problem: problem), .Untrusted(problem: problem), .Invalid(problem: problem),
            .NotFound(problem: problem), .AlreadyExists(problem: problem), .NotAVault(problem: problem),
            .WrongPin(problem: problem), .InUse(problem: problem), .Storage(problem: problem),
            .AlreadyAnswered(problem: problem), .RequestClosed(problem: problem), .AlreadyUsed(problem: problem),
            .Locked(problem: problem), .Internal(problem: problem),
            .TooLarge(problem: problem, bytes: 2, limit: 1), .Host(problem: problem, failure: .Cancelled),
        ]
        for error in errors {
            switch error {
            case let .Damaged(found): XCTAssertEqual(found, problem)
            case let .Foreign(found): XCTAssertEqual(found, problem)
            case let .TooNew(found): XCTAssertEqual(found, problem)
            case let .NotForMe(found): XCTAssertEqual(found, problem)
            case let .Untrusted(found): XCTAssertEqual(found, problem)
            case let .Invalid(found): XCTAssertEqual(found, problem)
            case let .NotFound(found): XCTAssertEqual(found, problem)
            case let .AlreadyExists(found): XCTAssertEqual(found, problem)
            case let .NotAVault(found): XCTAssertEqual(found, problem)
            case let .WrongPin(found): XCTAssertEqual(found, problem)
            case let .InUse(found): XCTAssertEqual(found, problem)
            case let .Storage(found): XCTAssertEqual(found, problem)
            case let .AlreadyAnswered(found): XCTAssertEqual(found, problem)
            case let .RequestClosed(found): XCTAssertEqual(found, problem)
            case let .AlreadyUsed(found): XCTAssertEqual(found, problem)
            case let .Locked(found): XCTAssertEqual(found, problem)
            case let .Internal(found): XCTAssertEqual(found, problem)
            case let .TooLarge(found, bytes, limit):
                XCTAssertEqual(found, problem)
                XCTAssertEqual([bytes, limit], [2, 1])
            case let .Host(found, failure):
                XCTAssertEqual(found, problem)
                XCTAssertEqual(failure, .Cancelled)
            }
        }
    }

    func testFilesThatAreMissingThereOrSomethingElse() async throws {
        let file = try folder() + "/wallet.amana"
        let missing = try await problem({ if case let .NotFound(problem) = $0 { problem } else { nil } }) {
            _ = try await Wallet.open(file: file, deviceKey: deviceKey, clock: clock)
        }
        assert(missing, "not-found", "vault")
        _ = try await unlocked(file)
        let there = try await problem({ if case let .AlreadyExists(problem) = $0 { problem } else { nil } }) {
            _ = try await unlocked(file)
        }
        assert(there, "already-exists", nil)
        let other = try folder() + "/other"
        try Data(String(repeating: "a text that is no vault. ", count: 60).utf8).write(to: URL(fileURLWithPath: other))
        let text = try await problem({ if case let .NotAVault(problem) = $0 { problem } else { nil } }) {
            _ = try await Wallet.open(file: other, deviceKey: deviceKey, clock: clock)
        }
        assert(text, "not-a-vault", "not-a-database")
    }

    func testPINsAndDoors() async throws {
        let file = try folder() + "/wallet.amana"
        let short = try await problem({ if case let .Invalid(problem) = $0 { problem } else { nil } }) {
            _ = try await Wallet.create(file: file, door: 1, pin: "123", deviceKey: deviceKey, clock: clock)
        }
        assert(short, "invalid", "pin-length")
        _ = try await unlocked(file)
        let wallet = try await Wallet.open(file: file, deviceKey: deviceKey, clock: clock)
        for (door, tried) in [(UInt8(1), "0000"), (3, pin)] {
            let wrong = try await problem({ if case let .WrongPin(problem) = $0 { problem } else { nil } }) {
                _ = try await wallet.unlock(door: door, pin: tried)
            }
            assert(wrong, "wrong-pin", nil)
        }
    }

    func testWhatTheHostThrows() async throws {
        let file = try folder() + "/wallet.amana"
        let errors: [(Error, HostError, String)] = [
            (HostError.Invalidated, .Invalidated, "invalidated"), (OwnError(), .Unavailable, "unavailable"),
        ]
        for (thrown, expected, reason) in errors {
            deviceKey.fail(with: thrown)
            var cause: HostError?
            let host = try await problem({
                guard case let .Host(problem, found) = $0 else { return nil }
                cause = found
                return problem
            }) { _ = try await unlocked(file) }
            assert(host, "host", reason)
            XCTAssertEqual(cause, expected)
        }
    }

    func testCodesOfOthers() async throws {
        let holder = try await unlocked(folder() + "/wallet.amana")
        let foreign = try await problem({ if case let .Foreign(problem) = $0 { problem } else { nil } }) {
            _ = try await holder.receive(scanned: "https://example.com")
        }
        assert(foreign, "foreign", nil)
        let new = try await problem({ if case let .TooNew(problem) = $0 { problem } else { nil } }) {
            _ = try await holder.receive(scanned: "AM2Q:BB8")
        }
        assert(new, "too-new", nil)
        let other = try await problem({ if case let .NotForMe(problem) = $0 { problem } else { nil } }) {
            _ = try await holder.receive(scanned: "AM1R:BB8")
        }
        assert(other, "not-for-me", nil)
        let torn = try await problem({ if case let .Damaged(problem) = $0 { problem } else { nil } }) {
            _ = try await holder.receive(scanned: "AM1Q:BB8")
        }
        assert(torn, "damaged", "sign1-shape")
    }

    func testOneAnswerARequestAndOneUseAnObject() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        let stranger = #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
        let untrusted = try await problem({ if case let .Untrusted(problem) = $0 { problem } else { nil } }) {
            _ = try await holder.loadTrust(bundle: desk.bundle(), anchor: stranger)
        }
        assert(untrusted, "untrusted", "bundle-anchor")
        _ = try await holder.loadTrust(bundle: desk.bundle(), anchor: desk.anchor())
        _ = try await holder.add(card: desk.issue(to: holder.enrol(offer: desk.offer())))

        let asked = ["household.family_size"]
        let open = try await desk.verifier(clock: clock).request(purpose: purpose, claims: asked, keep: [])
        let consent = try await { (request: IncomingRequest) in try request.consent(share: request.needed()) }(
            holder.receive(scanned: open.text()))
        let answer = try await consent.respond()
        let used = try await problem({ if case let .AlreadyUsed(problem) = $0 { problem } else { nil } }) {
            _ = try await consent.respond()
        }
        assert(used, "already-used", nil)

        _ = try await open.judge(scanned: answer.text())
        let request = try await holder.receive(scanned: open.text())
        let second = try await request.consent(share: request.needed()).respond()
        let answered = try await problem({ if case let .AlreadyAnswered(problem) = $0 { problem } else { nil } }) {
            _ = try await open.judge(scanned: second.text())
        }
        assert(answered, "already-answered", nil)
        open.cancel()
        let closed = try await problem({ if case let .RequestClosed(problem) = $0 { problem } else { nil } }) {
            _ = try await open.judge(scanned: answer.text())
        }
        assert(closed, "request-closed", nil)
        try await holder.lock()
        let locked = try await problem({ if case let .Locked(problem) = $0 { problem } else { nil } }) {
            _ = try await holder.cards()
        }
        assert(locked, "locked", nil)
    }
}
