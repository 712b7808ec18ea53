import Amana
@testable import AmanaScreens
import Foundation
import XCTest

/// What tests of the apps begin with: a phone, a desk, a wallet with a card, a verifier that is ready.
class AppTestCase: XCTestCase {
    private(set) var desk: Desk!
    private(set) var ports: StandInPorts!
    let phone = StandInPhone()
    let shelf = StandInShelf()
    private let ends = Guarded<[() throws -> Void]>([])

    override func setUp() async throws {
        desk = try Desk()
        ports = try StandInPorts(file: desk.wallet)
    }

    override func tearDown() async throws {
        for end in ends.value { try end() }
        ends.value = []
        let calls = ports.calls
        XCTAssertEqual(calls.onMain, 0, "the core was on the thread that draws")
        (desk, ports) = (nil, nil)
    }

    func holder(_ phone: Phone? = nil) async throws -> Person<HolderModel> {
        let file = URL(fileURLWithPath: desk.wallet)
        return try await begin(HolderModel(phone ?? self.phone, file: file, host: ports.ports, anchor: desk.anchor()))
    }

    func check(_ phone: Phone? = nil) async throws -> Person<CheckModel> {
        try await begin(CheckModel(phone ?? self.phone, shelf: shelf, anchor: desk.anchor(), clock: ports))
    }

    /// Gives an app to somebody; what they see is looked through when the test is over.
    func begin<App: Model>(_ app: App) async throws -> Person<App> {
        await app.hurry()
        let person = try await Person(app)
        ends.value.append {
            try wholeInEveryLanguage(person.pages)
            app.end()
        }
        return person
    }

    /// From the first start to an open wallet.
    func openHolder(_ phone: Phone? = nil) async throws -> Person<HolderModel> {
        let holder = try await holder(phone)
        try await holder.sees(.welcomeTitle).taps(.welcomeStart).sees(.doorChooseTitle)
        try await holder.types(pin, pin).taps(.doorCreate).sees(.cardsTitle)
        return holder
    }

    /// Opens a wallet that was closed.
    func unlock(_ holder: Person<HolderModel>) async throws {
        try await holder.sees(.doorsTitle).types(pin).taps(.unlock).sees(.cardsTitle)
    }

    /// With the desk's card, whose key lies in the device where the test says so.
    func holderWithCard(_ phone: Phone? = nil, inDevice: Bool = false) async throws -> Person<HolderModel> {
        let holder = try await openHolder(phone)
        try await holder.taps(.scan).sees(.scanTitle).opensFile(desk.bundle()).sees { page in page.says(.trustLoaded) }
        try await holder.taps(.goOn).sees(.cardsTitle)
        try await holder.taps(.scan).sees(.scanTitle).scans(desk.offer()).sees(.offerTitle)
        if inDevice { try await holder.chooses(0) }
        try await holder.taps(.offerTake).sees(.enrolTitle)
        let card = try desk.issue(to: holder.shows())
        try await holder.taps(.enrolScan).sees(.scanTitle).opensFile(card).sees { $0.title == Say.card(cardType) }
        try await holder.back()
        try await holder.sees(.cardsTitle)
        return holder
    }

    func readyCheck(_ phone: Phone? = nil) async throws -> Person<CheckModel> {
        let check = try await check(phone)
        try await check.sees(.loadTitle)
        for file in try [desk.pointKey(), desk.bundle(), desk.registration()] {
            let before = check.page
            try await check.opensFile(file).sees { $0 !== before && $0.says(.loadTaken) }
        }
        try await check.taps(.done).sees { $0.hasRow }
        return check
    }

    /// Up to the page that asks for consent one last time.
    func consenting(_ holder: Person<HolderModel>, _ check: Person<CheckModel>) async throws {
        try await check.taps(Say.purpose(purpose)).sees { $0.isBright }
        try await holder.taps(.scan).sees(.scanTitle).scans(check.shows()).sees(.askedTitle)
        try await holder.taps(.askedGoOn).sees(.consentTitle)
    }

    /// How many the verifier has counted today.
    func tally(_ check: Person<CheckModel>) async throws -> [String] {
        try await check.taps(.next).sees { $0.hasRow }.taps(.tallyTitle).sees(.tallyTitle)
        return check.page.blocks.compactMap { if case .field(_, let value) = $0 { value.args["text"] } else { nil } }
    }
}

/// Every sentence of these pages is in the words, with all that stands in it, in every language.
private func wholeInEveryLanguage(_ pages: [Page]) throws {
    let catalog = try Catalog.read()
    let tables = ["app_", "explain_"]
    for say in Set(pages.flatMap(\.says)) {
        XCTAssertTrue(catalog.sentences[say.id] != nil || !tables.contains { say.id.hasPrefix($0) }, say.id)
        for language in Language.allCases {
            let text = catalog.words(language).text(say)
            XCTAssertFalse(text.contains("?\u{2069}"), "\(language): \(text)")
        }
    }
}

extension Model {
    /// Seconds pass as fast as for the ports.
    func hurry() { second = 10_000_000 }
}

extension Page {
    var hasRow: Bool { blocks.contains { if case .row = $0 { true } else { false } } }

    /// Whether a fact says this.
    func says(_ word: Word) -> Bool {
        blocks.contains { if case .fact(_, let say, _) = $0 { say.id == word.rawValue } else { false } }
    }
}
