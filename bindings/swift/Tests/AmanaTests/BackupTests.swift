import Amana
import XCTest

final class BackupTests: XCTestCase {
    /// A wallet in which a card was shown once.
    private func livedIn(_ desk: Desk, host: WalletHost? = nil) async throws -> Holder {
        let holder = try await unlocked(desk.wallet, host: host)
        _ = try await desk.supply(holder)
        _ = try await desk.serve(holder)
        return holder
    }

    private func ids(_ messages: [Message]) -> [String] { messages.map { $0.id() } }

    func testAPassphraseOpensItAndACardWithoutItsKeyIsToBeIssuedAgain() async throws {
        let desk = try Desk()
        let holder = try await livedIn(desk)
        let plan = try await holder.planBackup(keys: .stayBehind)
        XCTAssertTrue(plan.goes().isEmpty)
        XCTAssertEqual(plan.reissue().map(\.cardType), [cardType])
        XCTAssertEqual(ids(plan.explain()), ["backup-card-reissue", "backup-history", "backup-forever"])
        let passphrase = try makePassphrase()
        XCTAssertEqual(passphrase.split(separator: "-").count, 8)
        let sealed = try await plan.seal(passphrase: passphrase)

        // The rehearsal.
        let backup = try await Backup.open(file: sealed, passphrase: passphrase)
        // By whose key its trust bundle is believed: a SHA-256 in base64url.
        let anchor = try XCTUnwrap(backup.contents().anchor)
        XCTAssertEqual(anchor.count, 43)
        let contents = Contents(cards: 1, cardsToReissue: 1, historyEntries: 1, hasTrust: true, anchor: anchor)
        XCTAssertEqual(backup.contents(), contents)
        XCTAssertGreaterThan(backup.madeAt(), 1_700_000_000)
        let wrong = try await thrown { try await Backup.open(file: sealed, passphrase: makePassphrase()) }
        guard case .WrongPassphrase = wrong else { return XCTFail("\(wrong)") }
        let torn = try await thrown { try await Backup.open(file: sealed.dropLast(), passphrase: passphrase) }
        guard case .Damaged = torn else { return XCTFail("\(torn)") }

        let another = try await unlocked(walletFile())
        var restored = try await another.restore(backup: backup)
        XCTAssertEqual(restored, Restored(added: contents, cardsPresent: 0, historiesKeptOut: 0))
        let (here, there) = try await (holder.cards(), another.cards())
        XCTAssertEqual([here[0].needsReissue, there[0].needsReissue], [false, true])
        let claims = try await another.claims(card: there[0].id)
        XCTAssertEqual(claims.text(path: "person.given_name"), "Amina")
        let history = try await another.history()
        XCTAssertTrue(history.isWhole)
        let unserved = try await thrown { try await desk.serve(another) }
        guard case .NotFound = unserved else { return XCTFail("\(unserved)") }
        restored = try await another.restore(backup: backup)
        XCTAssertEqual(restored.cardsPresent, 1)
    }

    func testWithItsKeysTheOtherPhoneIsTheHolder() async throws {
        let desk = try Desk()
        let plan = try await livedIn(desk).planBackup(keys: .includeSoftwareKeys)
        XCTAssertEqual(plan.goes().map(\.cardType), [cardType])
        XCTAssertTrue(plan.reissue().isEmpty)
        XCTAssertTrue(ids(plan.explain()).contains("backup-can-be-you"))
        let passphrase = try makePassphrase()
        let another = try await unlocked(walletFile())
        let sealed = try await plan.seal(passphrase: passphrase)
        _ = try await another.restore(backup: Backup.open(file: sealed, passphrase: passphrase))
        let decision = try await desk.serve(another)
        XCTAssertEqual(decision, .accept)
    }

    func testTwoOfThreeSharesOpenItByTheirWordsOrTheirCodes() async throws {
        let plan = try await livedIn(Desk()).planBackup(keys: .stayBehind)
        let backup = try await plan.sealForShares(threshold: 2, count: 3)
        XCTAssertEqual(backup.shares.map { $0.number() }, [1, 2, 3])
        XCTAssertEqual(backup.shares.map { $0.threshold() }, [2, 2, 2])
        XCTAssertEqual(backup.shares[0].words().split(separator: " ").count, 20)
        XCTAssertTrue(try backup.shares[0].symbol().fits(pixels: 300))
        let words = try backup.shares.prefix(2).map { try PaperShare.read(text: $0.words().uppercased()) }
        let codes = try backup.shares.dropFirst().map { try PaperShare.read(text: $0.text()) }
        for pair in [words, codes, [words[0], codes[1]]] {
            let opened = try await Backup.openWithShares(file: backup.file, shares: pair)
            XCTAssertEqual(opened.contents().cards, 1)
        }
        let twice = [backup.shares[0], backup.shares[0]]
        let few = try await thrown { try await Backup.openWithShares(file: backup.file, shares: twice) }
        guard case .NeedMoreShares(_, have: 1, need: 2) = few else { return XCTFail("\(few)") }
        let another = try await unlocked(walletFile())
        _ = try await another.restore(backup: Backup.openWithShares(file: backup.file, shares: codes))
        let cards = try await another.cards()
        XCTAssertEqual(cards.map(\.cardType), [cardType])
    }

    func testADeviceThatHasLostItsKeyForGoodIsGotOverByABackup() async throws {
        let desk = try Desk()
        let host = try WatchedHost(file: desk.wallet)
        let passphrase = try makePassphrase()
        let plan = try await livedIn(desk, host: host.ports).planBackup(keys: .includeSoftwareKeys)
        let sealed = try await plan.seal(passphrase: passphrase)
        host.failKey(with: HostError.Invalidated)
        let lost = try await Wallet.open(file: desk.wallet, host: host.ports)
        let told = try await thrown { try await lost.checkDevice() }
        guard case .Host(_, .Invalidated) = told else { return XCTFail("\(told)") }

        let another = try await unlocked(walletFile())
        _ = try await another.restore(backup: Backup.open(file: sealed, passphrase: passphrase))
        let decision = try await desk.serve(another)
        XCTAssertEqual(decision, .accept)
    }
}
