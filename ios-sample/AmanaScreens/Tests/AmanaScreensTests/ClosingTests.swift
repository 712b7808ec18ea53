import Amana
@testable import AmanaScreens
import XCTest

/// Out of sight is closed, at once: nothing of what is being done is shown any more, and nothing is lost.
final class ClosingTests: AppTestCase {
    func testWhatIsBeingOpenedIsClosed() async throws {
        let holder = try await openHolder()
        await holder.leaves()
        try await holder.sees(.doorsTitle)
        let before = holder.pages.count
        ports.hold(.doorKey)
        try await holder.types(pin).taps(.unlock).sees { $0.waits(.unlocking) }
        try await waits { self.ports.isWaiting }
        await holder.leaves()
        try await holder.sees { $0.waits(.closing) }
        ports.release()
        try await holder.sees(.doorsTitle)
        try await settled(holder)
        XCTAssertFalse(holder.pages.dropFirst(before).contains { $0.title.id == Word.cardsTitle.rawValue })
        let open = try? await holder.app.holder
        XCTAssertNil(open)
        try await unlock(holder)
    }

    func testAWalletThatIsBeingMadeIsThereAndClosed() async throws {
        let holder = try await holder()
        ports.hold(.doorKey)
        try await holder.sees(.welcomeTitle).taps(.welcomeStart).sees(.doorChooseTitle)
        try await holder.types(pin, pin).taps(.doorCreate).sees { $0.waits(.creating) }
        try await waits { self.ports.isWaiting }
        await holder.leaves()
        try await holder.sees { $0.waits(.closing) }
        ports.release()
        try await unlock(holder)
    }

    /// The card's key asks a person, who is still being asked when the app goes out of sight.
    func testAnAnswerThatIsBeingSignedIsNeverShown() async throws {
        let holder = try await holderWithCard(inDevice: true)
        let check = try await readyCheck()
        try await consenting(holder, check)
        ports.hold(.signature)
        try await holder.taps(.consentShow).sees { $0.waits(.wait) }
        try await waits { self.ports.isWaiting }
        await holder.leaves()
        try await holder.sees { $0.waits(.closing) }
        ports.release()
        try await holder.sees(.doorsTitle)
        try await settled(holder)
        XCTAssertFalse(holder.pages.contains { $0.title.id == Word.answerTitle.rawValue })
        try await unlock(holder)
        XCTAssertFalse(holder.says(.cardsNone))
        // The same request can be answered after all.
        try await holder.taps(.scan).sees(.scanTitle).scans(check.shows()).sees(.askedTitle)
        try await holder.taps(.askedGoOn).sees(.consentTitle).taps(.consentShow).sees(.answerTitle)
        try await check.taps(.askScan).sees(.scanTitle).scans(holder.shows()).sees(.verdictTitle)
        XCTAssertTrue(check.says("explain_decision_accept"))
    }

    func testAnAnswerThatIsShownGoesAndIsInTheHistory() async throws {
        let holder = try await holderWithCard()
        let check = try await readyCheck()
        try await consenting(holder, check)
        try await holder.taps(.consentShow).sees(.answerTitle)
        let answer = try holder.shows()
        await holder.leaves()
        try await unlock(holder)
        try await holder.taps(.historyTitle).sees(.historyTitle)
        XCTAssertTrue(holder.says("explain_history_shared"))
        XCTAssertFalse(holder.says(.historyNotWhole))
        try await check.taps(.askScan).sees(.scanTitle).scans(answer).sees(.verdictTitle)
    }

    /// At whatever moment: either the answer was shown and is in the history, or neither.
    func testClosingAtAnyMomentOfTheLastTapLeavesAWholeHistory() async throws {
        let holder = try await holderWithCard()
        let check = try await readyCheck()
        for moment in 0..<6 {
            try await consenting(holder, check)
            let before = holder.pages.count
            try await holder.taps(.consentShow)
            try await Task.sleep(nanoseconds: UInt64(moment * moment) * 400_000)
            await holder.leaves()
            try await holder.sees(.doorsTitle)
            try await settled(holder)
            let shown = holder.pages.dropFirst(before)
            let closed = try XCTUnwrap(shown.firstIndex { $0.waits(.closing) })
            XCTAssertFalse(shown[closed...].contains { $0.title.id == Word.answerTitle.rawValue })
            try await unlock(holder)
            try await holder.taps(.historyTitle).sees(.historyTitle)
            let isAnswered = shown[..<closed].contains { $0.title.id == Word.answerTitle.rawValue }
            XCTAssertTrue(holder.says("explain_history_shared") || !isAnswered, "moment \(moment)")
            XCTAssertFalse(holder.says(.historyNotWhole))
            for case .row(_, _, let open) in holder.page.blocks {
                open()
                try await holder.sees(.historyEntryTitle).taps(.historyForget).sees { $0.saysText(.historyNone) }
                break
            }
            try await holder.back()
            try await holder.sees(.cardsTitle)
            try await check.back()
            try await check.sees { $0.hasRow }
        }
    }

    func testWhatAPageOfAClosedWalletDoesLeadsToTheDoors() async throws {
        let holder = try await holderWithCard()
        let cards = holder.page
        await holder.leaves()
        try await holder.sees(.doorsTitle)
        let doors = holder.page
        for case .row(_, _, let open) in cards.blocks { open() }
        try await holder.sees { $0 !== doors && $0.title.id == Word.doorsTitle.rawValue }
        try await settled(holder)
        XCTAssertEqual(holder.page.title.id, Word.doorsTitle.rawValue)
    }

    func testClosingWhatIsNotOpenLeavesThePage() async throws {
        let holder = try await holder()
        try await holder.sees(.welcomeTitle).taps(.welcomeStart).sees(.doorChooseTitle)
        try await settled(holder)
        try await holder.types("half a PIN")
        let page = holder.page
        await holder.leaves()
        try await settled(holder)
        XCTAssertTrue(holder.page === page)
    }

    func testAnAppThatHasEndedShowsNothing() async throws {
        let holder = try await openHolder()
        let count = holder.pages.count
        let page = holder.page
        holder.app.end()
        for case .button(_, _, let act) in page.blocks { act() }
        try await settled(holder)
        XCTAssertEqual(holder.pages.count, count)
        XCTAssertTrue(holder.page.blocks.isEmpty)
    }

    private func waits(_ isSo: () -> Bool) async throws {
        let end = Date() + 30
        while !isSo() {
            guard Date() < end else { throw Lost("nothing waits") }
            try await Task.sleep(nanoseconds: 1_000_000)
        }
    }

    /// Until nothing is being done, and for a while more.
    private func settled(_ person: Person<HolderModel>) async throws {
        repeat { try await Task.sleep(nanoseconds: 50_000_000) } while await person.app.isBusy
    }
}

private extension Page {
    /// Whether it says this and waits.
    func waits(_ word: Word) -> Bool {
        blocks.contains { if case .waiting(let say) = $0 { say.id == word.rawValue } else { false } }
    }

    func saysText(_ word: Word) -> Bool {
        blocks.contains { if case .text(let say, _) = $0 { say.id == word.rawValue } else { false } }
    }
}
