import Amana
@testable import AmanaScreens
import Foundation
import XCTest

/// The way into a wallet, and what becomes of one that does not open.
final class DoorsTests: AppTestCase {
    func testTheFirstPageSaysWhereTheKeysLieAndAskForEachPINTwice() async throws {
        let holder = try await holder()
        try await holder.sees(.welcomeTitle)
        XCTAssertTrue(holder.says("explain_protection_software"))
        try await holder.taps(.welcomeStart).sees(.doorChooseTitle)
        try await holder.types(pin, "4829130").taps(.doorCreate).sees(.problemTitle)
        XCTAssertTrue(holder.says(.problemPinsDiffer))
        try await holder.taps(.goOn).sees(.doorChooseTitle).types("12", "12").taps(.doorCreate).sees(.problemTitle)
        XCTAssertTrue(holder.says(.problemPinLength))
        XCTAssertFalse(FileManager.default.fileExists(atPath: desk.wallet))
    }

    func testAWrongPINIsToldAndTheSecondsAreCountedDownWithoutTakingWhatIsTyped() async throws {
        let holder = try await openHolder()
        await holder.leaves()
        try await holder.sees(.doorsTitle)
        for _ in 0..<4 {
            let before = holder.page
            try await holder.types("0000").taps(.unlock).sees { $0 !== before && $0.says(.problemWrongPin) }
        }
        try await holder.types("0000").taps(.unlock).sees { $0.counts }
        let first = holder.page
        XCTAssertTrue(holder.says(.problemWrongPin))
        try await holder.types(pin)
        await holder.choosesDoor(2)
        try await holder.sees { $0 !== first && $0.counts }
        try await holder.sees { $0.title.id == Word.doorsTitle.rawValue && !$0.counts }
        XCTAssertEqual(holder.picks[0].chosen, 2)
        await holder.choosesDoor(0)
        try await holder.taps(.unlock).sees(.cardsTitle)
    }

    func testAPINThatWasNotLookedAtIsNotSaidToBeWrong() async throws {
        let holder = try await openHolder()
        await holder.leaves()
        try await holder.sees(.doorsTitle)
        let wallet = try await Wallet.open(file: desk.wallet, host: ports.ports)
        for _ in 0..<5 { _ = try? await wallet.unlock(door: 1, pin: "0000") }
        try await holder.types(pin).taps(.unlock).sees { $0.counts }
        XCTAssertFalse(holder.says(.problemWrongPin))
        try await holder.sees { !$0.counts }
        try await unlock(holder)
    }

    func testThePINIsChangedAndAPanicPINDestroysWhatIsBehindItsDoor() async throws {
        let holder = try await holderWithCard()
        try await holder.taps(.settingsTitle).sees(.settingsTitle).taps(.pinChange).sees(.pinChange)
        try await holder.types("0000", "777777", "777777").taps(.pinChange).sees(.problemTitle)
        XCTAssertTrue(holder.says(.problemWrongPin))
        try await holder.taps(.goOn).sees(.pinChange)
        try await holder.types(pin, "777777", "777777").taps(.pinChange).sees(.problemTitle)
        XCTAssertTrue(holder.says(.pinChanged))
        try await holder.taps(.goOn).sees(.settingsTitle).taps(.panicTitle).sees(.panicTitle)
        try await holder.types("777777", "999999", "999999").taps(.panicSet).sees(.problemTitle)
        XCTAssertTrue(holder.says(.problemUnsure))
        try await holder.taps(.goOn).sees(.panicTitle).types("777777", "999999", "999999").chooses(0).taps(.panicSet)
        try await holder.sees { $0.says(.panicDone) }
        await holder.leaves()
        try await holder.sees(.doorsTitle).types("999999").taps(.unlock).sees(.cardsTitle)
        XCTAssertTrue(holder.says(.cardsNone))
        await holder.leaves()
        try await holder.sees(.doorsTitle).types("777777").taps(.unlock).sees { $0.says(.problemWrongPin) }
    }

    func testAnotherDoorIsTakenByWhoeverSaysThatTheyKnowWhatItDestroys() async throws {
        let holder = try await openHolder()
        try await holder.taps(.settingsTitle).sees(.settingsTitle).taps(.doorTakeTitle).sees(.doorTakeTitle)
        try await holder.types("222222", "222222").taps(.doorTake).sees(.problemTitle)
        XCTAssertTrue(holder.says(.problemUnsure))
        try await holder.taps(.goOn).sees(.doorTakeTitle).types("222222", "222222").chooses(0).taps(.doorTake)
        try await holder.sees { $0.says(.doorTaken) }
        await holder.leaves()
        try await holder.sees(.doorsTitle)
        await holder.choosesDoor(1)
        try await holder.types("222222").taps(.unlock).sees(.cardsTitle)
    }

    func testAWalletWhoseKeyIsLostIsSetAsideAndANewOneIsMade() async throws {
        try await openHolder().app.end()
        ports.loseKey()
        let holder = try await holder()
        try await holder.sees(.lostTitle)
        XCTAssertTrue(holder.says(.problemHostMissing))
        try await holder.taps(.lostSetAside).sees(.welcomeTitle).taps(.welcomeStart).sees(.doorChooseTitle)
        try await holder.types(pin, pin).taps(.doorCreate).sees(.cardsTitle)
        XCTAssertTrue(FileManager.default.fileExists(atPath: desk.wallet + ".aside-1"))
    }

    func testAKeyThatComesBackOpensWhatWasSetAside() async throws {
        try await holderWithCard().app.end()
        ports.loseKey()
        let holder = try await holder()
        try await holder.sees(.lostTitle).taps(.lostSetAside).sees(.welcomeTitle)
        holder.app.end()
        ports.findKey()
        try FileManager.default.moveItem(atPath: desk.wallet + ".aside-1", toPath: desk.wallet)
        let again = try await self.holder()
        try await unlock(again)
        XCTAssertTrue(again.page.hasRow)
    }

    func testAFileThatIsNoWalletIsSetAsideAndNeverDeleted() async throws {
        let bytes = Data("no wallet at all, and longer than nothing".utf8)
        for number in 1...2 {
            try bytes.write(to: URL(fileURLWithPath: desk.wallet))
            let holder = try await holder()
            try await holder.sees(.lostTitle)
            let lost = holder.page
            try await holder.taps(.tryAgain).sees { $0 !== lost }.sees(.lostTitle)
            try await holder.taps(.lostSetAside).sees(.welcomeTitle)
            XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: desk.wallet + ".aside-\(number)")), bytes)
        }
    }

    func testTheLanguageIsChosenByItsOwnNameAndThePageStays() async throws {
        let holder = try await holder()
        try await holder.sees(.welcomeTitle)
        let (page, count) = (holder.page, holder.pages.count)
        XCTAssertTrue(["English", "اردو", "Bahasa Indonesia", "Kiswahili", "Luganda"].allSatisfy(holder.reads))
        await holder.choosesDoor(3)
        try await holder.sees { _ in holder.pages.count > count }
        XCTAssertEqual(phone.language, .swahili)
        XCTAssertTrue(holder.page === page)
    }
}

private extension Page {
    /// Whether seconds are counted down on it.
    var counts: Bool {
        blocks.contains { if case .waiting(let say) = $0 { say.id == Word.problemWait.rawValue } else { false } }
    }
}

private extension Person {
    /// The door of this number, from 0; on the first page the language.
    func choosesDoor(_ index: Int) { picks[0].choose(index) }
}
