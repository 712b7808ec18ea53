import Amana
@testable import AmanaScreens
import XCTest

/// Holder and verifier on two screens, the pixels of each carried into the other's camera.
final class LoopTests: AppTestCase {
    func testACardIsReceivedAskedForShownByChoiceAndJudged() async throws {
        let holder = try await holderWithCard()
        let check = try await readyCheck()
        try await check.taps(Say.purpose(purpose)).sees { $0.isBright }
        try await holder.taps(.scan).sees(.scanTitle).scans(check.shows()).sees(.askedTitle)
        XCTAssertTrue(holder.says("explain_asker_registered", "explain_claim_needed", "explain_claim_optional"))
        XCTAssertEqual(holder.choices.map(\.isChosen), [true, true, false])
        try await holder.taps(.askedGoOn).sees(.consentTitle)
        XCTAssertTrue(holder.says("explain_will_show", "explain_will_withhold"))
        try await holder.taps(.consentShow).sees(.answerTitle)

        try await check.taps(.askScan).sees(.scanTitle).scans(holder.shows()).sees(.verdictTitle)
        XCTAssertTrue(check.says("explain_decision_accept", "explain_card_genuine", "explain_holder_fresh"))
        XCTAssertTrue(check.says("explain_claim_withheld"))
        XCTAssertEqual(["5", "TZ-0041-7782", "Kasulu"].map(check.reads), [true, true, false])
        let counted = try await tally(check)
        XCTAssertEqual(counted, ["1", "0", "0", "0"])

        try await holder.taps(.done).sees(.cardsTitle).taps(.historyTitle).sees(.historyTitle)
        try await holder.opens(0).sees(.historyEntryTitle)
        XCTAssertTrue(holder.says("explain_history_shown", "explain_history_withheld"))
        try await holder.taps(.historyForget).sees(.historyTitle)
        XCTAssertTrue(holder.says(.historyNone))
    }

    func testNothingOfTheCoreRunsOnTheThreadThatDraws() async throws {
        let holder = try await holderWithCard()
        try await holder.taps(.settingsTitle).sees(.settingsTitle).back()
        try await holder.sees(.cardsTitle).taps(.backupTitle).sees(.backupTitle).back()
        let check = try await readyCheck()
        try await check.taps(Say.purpose(purpose)).sees { $0.isBright }
        XCTAssertGreaterThan(ports.calls.all, 20)
        XCTAssertEqual(ports.calls.onMain, 0)
    }

    func testARefusalSharesNothingAndCountsAsSuch() async throws {
        let holder = try await holderWithCard()
        let check = try await readyCheck()
        try await check.taps(Say.purpose(purpose)).sees { $0.isBright }
        try await holder.taps(.scan).sees(.scanTitle).scans(check.shows()).sees(.askedTitle)
        try await holder.taps(.askedDecline).sees(.answerTitle)
        try await check.taps(.askScan).sees(.scanTitle).scans(holder.shows()).sees(.declinedTitle)
        let counted = try await tally(check)
        XCTAssertEqual(counted, ["0", "0", "0", "1"])
    }

    func testNothingIsSharedThatWasNotChosenAndNothingChosenIsTold() async throws {
        let holder = try await holderWithCard()
        let check = try await readyCheck()
        try await check.taps(Say.purpose(purpose)).sees { $0.isBright }
        try await holder.taps(.scan).sees(.scanTitle).scans(check.shows()).sees(.askedTitle)
        try await holder.chooses(0, false).chooses(1, false).taps(.askedGoOn).sees(.problemTitle)
        XCTAssertTrue(holder.says(.problemNothingChosen))
        try await holder.taps(.goOn).sees(.askedTitle).chooses(0, false).taps(.askedGoOn).sees(.consentTitle)
        try await holder.taps(.consentShow).sees(.answerTitle)
        try await check.taps(.askScan).sees(.scanTitle).scans(holder.shows()).sees(.verdictTitle)
        XCTAssertEqual(["5", "TZ-0041-7782"].map(check.reads), [false, true])
    }

    func testWhatIsBeyondTheRegistrationTakesAnActOfItsOwn() async throws {
        let holder = try await holderWithCard()
        let open = try await desk.verifier().request(
            purpose: purpose, claims: ["household.family_size", "person.birth_date"], keep: [])
        func ask() async throws {
            try await holder.taps(.scan).sees(.scanTitle).scans(open.text()).sees(.askedTitle)
            XCTAssertEqual(holder.choices.map(\.isGrave), [false, true])
            try await holder.chooses(1).taps(.askedGoOn).sees(.beyondTitle)
        }
        try await ask()
        try await holder.taps(.beyondWithout).sees(.consentTitle).taps(.consentShow).sees(.answerTitle)
        var judged = try await open.judge(scanned: holder.shows())
        guard case .answered(let less) = judged else { return XCTFail("declined") }
        XCTAssertEqual(less.claims().names(), ["household"])

        let again = try await desk.verifier().request(purpose: purpose, claims: ["person.birth_date"], keep: [])
        try await holder.taps(.done).sees(.cardsTitle)
        try await holder.taps(.scan).sees(.scanTitle).scans(again.text()).sees(.askedTitle)
        try await holder.chooses(0).taps(.askedGoOn).sees(.beyondTitle).taps(.beyondShare).sees(.consentTitle)
        try await holder.taps(.consentShow).sees(.answerTitle)
        judged = try await again.judge(scanned: holder.shows())
        guard case .answered(let more) = judged else { return XCTFail("declined") }
        XCTAssertEqual(more.claims().text(path: "person.birth_date"), "1984-02-29")
    }

    func testATornCodeAndAForeignOneAreToldAndTheCameraGoesOn() async throws {
        let holder = try await holderWithCard()
        let check = try await readyCheck()
        try await check.taps(Say.purpose(purpose)).sees { $0.isBright }
        let request = try check.shows()
        try await holder.taps(.scan).sees(.scanTitle)
        try await holder.scans(torn(request)).sees { $0.says(.problemDamaged) }
        try await holder.scans("https://example.org").sees { $0.says(.problemForeign) }
        try await holder.scans(request).sees(.askedTitle).taps(.askedGoOn).sees(.consentTitle)
        try await holder.taps(.consentShow).sees(.answerTitle)
        let answer = try holder.shows()
        try await check.taps(.askScan).sees(.scanTitle)
        try await check.scans(torn(answer)).sees { $0.says(.problemDamaged) }
        try await check.scans("https://example.org").sees { $0.says(.problemForeign) }
        // The request itself, mirrored in a window.
        try await check.scans(request).sees { $0.says(.problemNotForMe) }
        try await check.scans(answer).sees(.verdictTitle)
    }

    func testOnASmallScreenOneCodeBecomesSeveralAndEachIsCounted() async throws {
        let small = StandInPhone(codePixels: 200)
        let holder = try await holderWithCard(small)
        let check = try await readyCheck(small)
        try await check.taps(Say.purpose(purpose)).sees { $0.isBright }
        let widest = check.code?.symbols.map(\.fullWidth).max()
        XCTAssertLessThanOrEqual(try XCTUnwrap(widest) * 3, 200)
        // Through the pixels of all of them; then one by one, as a camera has them.
        let request = try check.shows()
        let frames = try Frames.of(text: request, pixels: 200)
        XCTAssertGreaterThan(frames.symbols(), 1)
        try await holder.taps(.scan).sees(.scanTitle)
        for index in 0..<frames.symbols() - 1 {
            let progress = Say(.scanProgress, ["seen": index + 1, "of": frames.symbols()])
            try await holder.scans(frames.text(index: index)).sees { $0.says.contains(progress) }
        }
        try await holder.scans(frames.text(index: frames.symbols() - 1)).sees(.askedTitle)
    }

    func testNoCameraLeavesTheFile() async throws {
        let holder = try await openHolder()
        try await holder.taps(.scan).sees(.scanTitle)
        for case .camera(let camera) in holder.page.blocks { camera.onNone(true) }
        try await holder.sees { $0.says(.cameraRefused) }.opensFile(desk.bundle()).sees { $0.says(.trustLoaded) }
    }
}

/// The code cut off within a group of Base45's three letters, which nothing makes whole.
private func torn(_ code: String) -> String {
    let letters = code.drop { $0 != ":" }.count - 1
    return String(code.dropLast((letters - 1) % 3 + 3))
}
