import Amana
@testable import AmanaScreens
import XCTest

/// A backup out of one wallet and into another.
final class BackupTests: AppTestCase {
    /// Another phone, with a new wallet.
    private func other() async throws -> Person<HolderModel> {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        addTeardownBlock { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("wallet.amana")
        let ports = try StandInPorts(file: file.path).ports
        let other = try await begin(HolderModel(phone, file: file, host: ports, anchor: desk.anchor()))
        try await other.sees(.welcomeTitle).taps(.welcomeStart).sees(.doorChooseTitle)
        return try await other.types(pin, pin).taps(.doorCreate).sees(.cardsTitle)
    }

    private func restoring(_ other: Person<HolderModel>, _ file: Data) async throws {
        try await other.taps(.backupTitle).sees(.backupTitle).taps(.restoreTitle).sees(.restoreTitle)
        try await other.opensFile(file).sees { $0.says.contains { $0.id == Word.restorePassphrase.rawValue } }
    }

    func testEightWordsCarryAWalletToAnotherPhone() async throws {
        let holder = try await holderWithCard()
        try await holder.taps(.backupTitle).sees(.backupTitle)
        XCTAssertTrue(holder.says("explain_backup_card_reissue"))
        try await holder.taps(.backupPassphrase).sees(.backupPassphraseTitle)
        let words = try XCTUnwrap(holder.texts().first { $0.split(separator: "-").count == 8 })
        try await holder.taps(.goOn).sees(.problemTitle)
        XCTAssertTrue(holder.says(.problemNotWritten))
        try await holder.taps(.goOn).sees(.backupPassphraseTitle)
        XCTAssertTrue(holder.texts().contains(words))
        try await holder.chooses(0).taps(.goOn).sees(.backupReadyTitle)
        _ = try await holder.savesFile(false)
        try await holder.sees { $0.says(.fileNotSaved) }.taps(.goOn).sees(.backupReadyTitle)
        let file = try await holder.savesFile()
        try await holder.sees { $0.says(.fileSaved) }.taps(.goOn).sees(.cardsTitle)

        let other = try await other()
        try await restoring(other, file)
        try await other.types("abacus-abacus-abacus-abacus").taps(.restoreWithPassphrase).sees(.problemTitle)
        XCTAssertTrue(other.says(.problemWrongPassphrase))
        try await other.taps(.goOn).sees(.restoreTitle)
        XCTAssertEqual(other.entries.map(\.text), ["abacus-abacus-abacus-abacus", ""])
        try await other.types(" \(words)\n").taps(.restoreWithPassphrase)
        try await other.sees(.restoreRehearsedTitle)
        XCTAssertTrue(other.says(.restoreReissue))
        try await other.taps(.restoreTake).sees { $0.says(.restored) }
        XCTAssertTrue(other.reads("Cards added: 1. Were here already: 0."))
        try await other.taps(.goOn).sees(.cardsTitle).opens(0).sees { $0.title == Say.card(cardType) }
        XCTAssertTrue(other.reads("Amina") && other.says(.cardReissue))
    }

    func testTwoPaperSharesOpenItByTheirWordsAndByTheirPixels() async throws {
        let holder = try await holderWithCard()
        try await holder.taps(.backupTitle).sees(.backupTitle).chooses(0)
        try await holder.sees { $0.says.contains { $0.id == "explain_backup_can_be_you" } }
        try await holder.taps(Say(.backupShares)).sees(.shareTitle)
        let words = try XCTUnwrap(holder.texts().first { $0.split(separator: " ").count == 20 })
        let first = holder.page
        try await holder.taps(.shareNext).sees { $0 !== first && $0.isBright }
        let code = try holder.shows()
        let second = holder.page
        try await holder.taps(.shareNext).sees { $0 !== second && $0.isBright }
        try await holder.taps(.shareNext).sees(.backupReadyTitle)
        let file = try await holder.savesFile()

        let other = try await other()
        try await restoring(other, file)
        try await other.types("", "these are no words of a share").taps(.restoreAddShare).sees(.problemTitle)
        try await other.taps(.goOn).sees(.restoreTitle).types("", words).taps(.restoreAddShare)
        try await other.sees { $0.says.contains(Say(.restoreSharesHave, ["count": 1])) }
        try await other.taps(.restoreScanShare).sees(.scanTitle)
        try await other.scans("https://example.org").sees { $0.says(.problemForeign) }
        try await other.scans(code).sees(.restoreRehearsedTitle).taps(.restoreTake).sees { $0.says(.restored) }
        XCTAssertFalse(other.says(.restoreReissue))
    }
}
