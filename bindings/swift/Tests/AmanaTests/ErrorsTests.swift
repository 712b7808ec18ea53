import Amana
import XCTest

/// Pins the type and the fields of each public error.
final class ErrorsTests: XCTestCase {
    /// The problem inside what `act` throws, if `pick` knows its type.
    private func problem(
        _ pick: (AmanaError) -> Problem?, line: UInt = #line, _ act: () async throws -> Void
    ) async throws -> Problem {
        let error = try await thrown(line: line, act)
        return try XCTUnwrap(pick(error), "\(error)", line: line)
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
            .WrongPassphrase(problem: problem), .InUse(problem: problem), .Storage(problem: problem),
            .AlreadyAnswered(problem: problem), .RequestClosed(problem: problem), .AlreadyUsed(problem: problem),
            .Locked(problem: problem), .Internal(problem: problem),
            .TooLarge(problem: problem, bytes: 2, limit: 1), .WrongPin(problem: problem, retryAfter: 30),
            .TooSoon(problem: problem, retryAfter: 30), .NeedMoreShares(problem: problem, have: 1, need: 2),
            .Host(problem: problem, failure: .Cancelled),
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
            case let .WrongPin(found, retryAfter), let .TooSoon(found, retryAfter):
                XCTAssertEqual(found, problem)
                XCTAssertEqual(retryAfter, 30)
            case let .WrongPassphrase(found): XCTAssertEqual(found, problem)
            case let .NeedMoreShares(found, have, need):
                XCTAssertEqual(found, problem)
                XCTAssertEqual([have, need], [1, 2])
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
        let file = try walletFile()
        let missing = try await problem({ if case let .NotFound(problem) = $0 { problem } else { nil } }) {
            _ = try await Wallet.open(file: file, host: softwareHost(file: file))
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
            _ = try await Wallet.open(file: other, host: softwareHost(file: other))
        }
        assert(text, "not-a-vault", "not-a-database")
    }

    func testPINsAndDoors() async throws {
        let file = try walletFile()
        let short = try await problem({ if case let .Invalid(problem) = $0 { problem } else { nil } }) {
            _ = try await Wallet.create(file: file, door: 1, pin: "123", host: softwareHost(file: file))
        }
        assert(short, "invalid", "pin-length")
        _ = try await unlocked(file)
        let wallet = try await Wallet.open(file: file, host: softwareHost(file: file))
        for (door, tried) in [(UInt8(1), "0000"), (3, pin)] {
            let wrong = try await problem({ if case let .WrongPin(problem, 0) = $0 { problem } else { nil } }) {
                _ = try await wallet.unlock(door: door, pin: tried)
            }
            assert(wrong, "wrong-pin", nil)
        }
    }

    func testWhatTheHostThrows() async throws {
        let file = try walletFile()
        let host = try WatchedHost(file: file)
        let errors: [(Error, HostError, String)] = [
            (HostError.Invalidated, .Invalidated, "invalidated"), (OwnError(), .Unavailable, "unavailable"),
        ]
        for (thrown, expected, reason) in errors {
            host.failKey(with: thrown)
            var cause: HostError?
            let host = try await problem({
                guard case let .Host(problem, found) = $0 else { return nil }
                cause = found
                return problem
            }) { _ = try await unlocked(file, host: host.ports) }
            assert(host, "host", reason)
            XCTAssertEqual(cause, expected)
        }
    }

    func testCodesOfOthers() async throws {
        let holder = try await unlocked(walletFile())
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

    func testWhatOpensNoBackup() async throws {
        let plan = try await unlocked(walletFile()).planBackup(keys: .stayBehind)
        let short = try await problem({ if case let .Invalid(problem) = $0 { problem } else { nil } }) {
            _ = try await plan.seal(passphrase: "eleven char")
        }
        assert(short, "invalid", "passphrase-short")
        let none = try await problem({ if case let .Invalid(problem) = $0 { problem } else { nil } }) {
            _ = try await plan.sealForShares(threshold: 4, count: 3)
        }
        assert(none, "invalid", "shares-threshold")
        let backup = try await plan.sealForShares(threshold: 2, count: 3)
        let wrong = try await problem({ if case let .WrongPassphrase(problem) = $0 { problem } else { nil } }) {
            _ = try await Backup.open(file: backup.file, passphrase: "another passphrase")
        }
        assert(wrong, "wrong-passphrase", nil)
        let few = try await problem({ if case let .NeedMoreShares(problem, 1, 2) = $0 { problem } else { nil } }) {
            _ = try await Backup.openWithShares(file: backup.file, shares: [backup.shares[0]])
        }
        assert(few, "need-more-shares", nil)
        let torn = try await problem({ if case let .Damaged(problem) = $0 { problem } else { nil } }) {
            _ = try PaperShare.read(text: "academic acid")
        }
        assert(torn, "damaged", "share-length")
        let other = try await problem({ if case let .NotForMe(problem) = $0 { problem } else { nil } }) {
            _ = try PaperShare.read(text: "AM1R:BB8")
        }
        assert(other, "not-for-me", nil)
    }

    func testOneAnswerARequestAndOneUseAnObject() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        let stranger = #"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
        let untrusted = try await problem({ if case let .Untrusted(problem) = $0 { problem } else { nil } }) {
            _ = try await holder.loadTrust(bundle: desk.bundle(), anchor: stranger)
        }
        assert(untrusted, "untrusted", "bundle-anchor")
        _ = try await desk.supply(holder)

        let asked = ["household.family_size"]
        let open = try await desk.verifier().request(purpose: purpose, claims: asked, keep: [])
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
        try await holder.closeNow()
        let locked = try await problem({ if case let .Locked(problem) = $0 { problem } else { nil } }) {
            _ = try await holder.cards()
        }
        assert(locked, "locked", nil)
    }
}
