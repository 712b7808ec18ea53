import Amana
@testable import AmanaScreens
import XCTest

/// What a field worker's app goes by, and cards that are shown by themselves.
final class CheckTests: AppTestCase {
    func testNothingIsTakenThatDoesNotBelongHereAndEachPartSaysWhatComesBefore() async throws {
        let check = try await check()
        func tells(_ file: Data, _ word: Word, line: UInt = #line) async throws {
            try await check.sees(.loadTitle, line: line).opensFile(file).sees(.problemTitle, line: line)
            XCTAssertTrue(check.says(word), "\(check.texts())", line: line)
            try await check.taps(.goOn).sees(.loadTitle, line: line)
        }
        let garbage = Data("nothing of anybody's".utf8)
        try await tells(garbage, .problemKeyFirst)
        try await tells(desk.bundle(), .problemKeyFirst)
        try await tells(Data(desk.statusList().utf8), .problemKeyFirst)
        try await tells(desk.registration(), .problemKeyFirst)
        XCTAssertTrue(shelf.all.isEmpty)
        try await check.opensFile(desk.pointKey()).sees { $0.says(.loadTaken) }
        try await tells(desk.registration(), .problemTrustFirst)
        XCTAssertEqual(shelf.all.keys.sorted(), ["secret-key"])
        try await check.opensFile(desk.bundle()).sees { $0.says(.loadTaken) }
        try await tells(garbage, .problemNotForKit)
        XCTAssertEqual(shelf.all.keys.sorted(), ["secret-key", "trust"])
        try await check.taps(.done).sees(.checkTitle)
        XCTAssertTrue(check.says(.checkUnregistered))
    }

    func testAnotherKeysRegistrationIsToldAndHasAWayOut() async throws {
        let check = try await readyCheck()
        let registration = try desk.registration()
        try await check.taps(.loadTitle).sees(.loadTitle)
        try await check.opensFile(Desk().pointKey()).sees { $0.says(.loadTaken) }
        try await check.taps(.done).sees { $0.says(.problemInvalid) }
        // Also when the app begins anew.
        let again = try await self.check()
        try await again.sees { $0.says(.problemInvalid) }.opensFile(registration).sees(.problemTitle)
        try await again.taps(.goOn).sees(.loadTitle).opensFile(desk.pointKey()).sees { $0.says(.loadTaken) }
        try await again.taps(.done).sees { $0.hasRow }
    }

    func testAPartThatCannotBeReadIsLoadedAgain() async throws {
        try await readyCheck().app.end()
        shelf.all["secret-key"] = Data("torn".utf8)
        let check = try await check()
        try await check.sees(.loadTitle).opensFile(desk.pointKey()).sees { $0.says(.loadTaken) }
        try await check.taps(.done).sees { $0.hasRow }
    }

    func testAListIsLoadedByItsCodeAndItsAgeIsTold() async throws {
        let check = try await readyCheck()
        try await check.taps(.knownTitle).sees(.knownTitle)
        XCTAssertTrue(check.says(.knownTrust) && check.says(.knownNoLists))
        XCTAssertTrue(check.reads("Trust bundle: edition 1, for the days from 2020-01-01 to 2099-12-31."))
        try await check.taps(.loadTitle).sees(.loadTitle).taps(.loadScan).sees(.scanTitle)
        try await check.scans("https://example.org").sees { $0.says(.problemNotForKit) }
        let list = try desk.statusList()
        try await check.scans(list).sees { $0.says(.loadTaken) }
        try await check.taps(.done).sees { $0.hasRow }.taps(.knownTitle).sees(.knownTitle)
        XCTAssertTrue(check.says(.knownList))
        XCTAssertFalse(check.says(.knownNoLists))
        let before = check.page
        try await check.chooses(0).sees { $0 !== before }
        XCTAssertEqual(check.choices.map(\.isChosen), [true])
        XCTAssertEqual(shelf.all["strict"]?.count, 1)
    }

    /// An older edition of a list would have cards valid again that were cancelled since.
    func testAnOlderEditionOfAListDoesNotTakeTheNewersPlace() async throws {
        let check = try await readyCheck()
        let older = Data(try desk.statusList().utf8)
        // Editions are told apart by their second.
        try await Task.sleep(nanoseconds: 1_100_000_000)
        let newer = Data(try desk.statusList().utf8)
        try await check.taps(.loadTitle).sees(.loadTitle)
        try await check.opensFile(newer).sees { $0.says(.loadTaken) }
        let kept = shelf.all
        try await check.opensFile(older).sees(.problemTitle)
        XCTAssertTrue(check.says(.problemUntrusted))
        XCTAssertEqual(shelf.all, kept)
    }

    func testACardThatIsShownByItselfIsJudgedAndAnythingElseIsPassedOver() async throws {
        let check = try await readyCheck()
        let request = try await desk.verifier().request(purpose: purpose, claims: ["household.family_size"], keep: [])
        try await check.taps(.checkCard).sees(.scanTitle).scans(request.text()).sees { $0.says(.problemNoCard) }
        try await check.scans("https://example.org").sees { $0.says(.problemForeign) }
        try await check.scans(desk.paper()).sees(.verdictTitle)
        XCTAssertTrue(check.says("explain_holder_bearer"))
        XCTAssertTrue(check.reads("Amina Juma"))
        let counted = try await tally(check)
        XCTAssertEqual(counted.filter { $0 == "1" }.count, 1)
    }

    func testWithoutRoomTheVerdictIsShownAndWhatWasNotCountedIsTold() async throws {
        let check = try await readyCheck()
        shelf.isFull = true
        try await check.taps(.checkCard).sees(.scanTitle).scans(desk.paper()).sees { $0.says(.tallyMissed) }
        XCTAssertEqual(check.page.title, Say(.verdictTitle))
        XCTAssertTrue(check.reads("Amina Juma"))
        try await check.taps(.next).sees { $0.hasRow }
        try await check.taps(.loadTitle).sees(.loadTitle).opensFile(desk.bundle()).sees(.problemTitle)
        XCTAssertTrue(check.says(.problemStorage), "\(check.texts())")
        shelf.isFull = false
        try await check.taps(.goOn).sees(.loadTitle).opensFile(desk.bundle()).sees { $0.says(.loadTaken) }
    }

    func testARequestThatIsLeftIsOver() async throws {
        let check = try await readyCheck()
        let holder = try await holderWithCard()
        try await consenting(holder, check)
        XCTAssertTrue(check.page.says.contains(Say.field("household.family_size")))
        let request = try check.shows()
        try await check.back()
        try await check.sees { $0.hasRow }.taps(Say.purpose(purpose)).sees { $0.isBright }
        XCTAssertNotEqual(try check.shows(), request)
        try await holder.taps(.consentShow).sees(.answerTitle)
        try await check.taps(.askScan).sees(.scanTitle).scans(holder.shows()).sees { $0.says(.problemNotForMe) }
    }

    func testTheTallyHasADayForEachLineAndForgetsNone() async throws {
        let tally = Tally(shelf)
        for kind in [Tally.Kind.accepted, .declined, .accepted] { try await tally.count("2026-11-23", kind) }
        try await tally.count("2026-11-24", .refused)
        let days = try await [tally.of("2026-11-23"), tally.of("2026-11-24"), tally.of("2026-11-25")]
        XCTAssertEqual(days[0], [.accepted: 2, .exception: 0, .refused: 0, .declined: 1])
        XCTAssertEqual(days[1], [.accepted: 0, .exception: 0, .refused: 1, .declined: 0])
        XCTAssertEqual(days[2], [:])
    }
}
