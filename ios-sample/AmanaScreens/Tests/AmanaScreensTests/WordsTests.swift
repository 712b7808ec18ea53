@testable import AmanaScreens
import XCTest

/// That every sentence is there, and what stands in it does no harm.
final class WordsTests: XCTestCase {
    func testEverySentenceOfTheAppsIsThereInEveryLanguage() throws {
        let catalog = try Catalog.read()
        XCTAssertGreaterThan(Word.allCases.count, 150)
        for word in Word.allCases {
            let sentences = try XCTUnwrap(catalog.sentences[word.rawValue], word.rawValue)
            XCTAssertEqual(Set(sentences.keys), Set(Language.allCases.map(\.rawValue)), word.rawValue)
            XCTAssertFalse(sentences.values.contains(""), word.rawValue)
        }
    }

    func testEveryMarkIsOfASentenceThatThereIs() throws {
        let catalog = try Catalog.read()
        let words = Words(.english) { catalog.sentences[$0]?["en"] }
        for (id, mark) in marks {
            XCTAssertNotNil(catalog.sentences[id], id)
            XCTAssertNotEqual(mark, .note, id)
        }
        XCTAssertEqual(Set(Mark.allCases.map { words.text($0) }).count, Mark.allCases.count)
    }

    func testArgumentsStandByThemselvesAndAreFilledInOnce() {
        let words = Words(.english) { ["app_x": "{name}, {missing} and {9} of {name"][$0] }
        let text = words.text(Say("app_x", args: ["name": "{name}"]))
        XCTAssertEqual(text, "\u{2068}{name}\u{2069}, \u{2066}?\u{2069} and {9} of {name")
    }

    func testACodeHasAWordAndWhatHasNoneIsShownAsItIs() {
        let table = ["app_x": "{claim} for {purpose}", "field_a_b": "Size", "purpose_food_ration": "food"]
        let words = Words(.english) { table[$0] }
        func text(_ claim: String, _ purpose: String) -> String {
            words.text(Say("app_x", args: ["claim": claim, "purpose": purpose]))
        }
        XCTAssertEqual(text("a.b", "food-ration"), "\u{2068}Size\u{2069} for \u{2068}food\u{2069}")
        XCTAssertEqual(text("a.c", "tax"), "\u{2068}a.c\u{2069} for \u{2068}tax\u{2069}")
        XCTAssertEqual(words.text(Say.field("a.b")), "Size")
        XCTAssertEqual(words.text(Say.card("ration-card")), "ration-card")
        XCTAssertEqual([Say.purpose("food-ration"), Say.purpose("tax")].map { words.text($0) }, ["Food", "Tax"])
    }

    func testATelephoneNumberRunsFromLeftToRight() {
        let words = Words(.urdu) { ["app_x": "شکایت: {contact}"][$0] }
        let said = ["+255 800 110 110", "help@example.org"].map { words.text(Say("app_x", args: ["contact": $0])) }
        XCTAssertEqual(said, ["شکایت: \u{2066}+255 800 110 110\u{2069}", "شکایت: \u{2068}help@example.org\u{2069}"])
    }

    func testNamesComeInTheLanguageElseInEnglishElseInAny() {
        func text(_ language: Language, _ names: [String: String]) -> String {
            Words(language) { _ in nil }.text(Say.name(names, "its id"))
        }
        XCTAssertEqual(text(.swahili, ["en": "Registry", "sw": "Wakala"]), "Wakala")
        XCTAssertEqual(text(.urdu, ["en": "Registry", "sw": "Wakala"]), "Registry")
        XCTAssertEqual(text(.urdu, ["sw": "Wakala", "fr": "Registre"]), "Registre")
        XCTAssertEqual(text(.urdu, [:]), "its id")
    }

    func testNothingFromElsewhereTurnsTheLineAroundOrPosesAsOne() {
        let words = Words(.english) { ["app_x": "By {name}."][$0] }
        for scalar in ["\u{202e}", "\u{2069}", "\u{61c}", "\u{200f}", "\u{7}", "\u{feff}", "\u{85}"] {
            XCTAssertEqual(words.text(Say.text("a\(scalar)b")), "a\u{fffd}b")
        }
        let said = words.text(Say("app_x", args: ["name": "a\u{2069}\nb"]))
        XCTAssertEqual(said, "By \u{2068}a\u{fffd}\u{fffd}b\u{2069}.")
        // An address of two lines, and the Urdu for "we go", whose halves a sign keeps apart.
        XCTAssertEqual(words.text(Say.text("Kasulu\nKigoma")), "Kasulu\nKigoma")
        XCTAssertEqual(words.text(Say.text("می\u{200c}روم")), "می\u{200c}روم")
    }

    func testWhatIsReadAloudSaysMarksAndChoices() throws {
        let words = try Catalog.read().words(.english)
        let page = Page(Say(.consentTitle)) {
            Block.fact(.bad, Say.text("It is over"))
            Block.fact(.note, Say.text("It is noted"))
            Block.choice(Block.Choice(Say.text("Share it."), isChosen: true))
            Block.field(label: Say(.pin), value: Say.text("5"))
            Block.button(Say(.done), act: {})
        }
        XCTAssertEqual(words.aloud(page), "Wrong. It is over\nIt is noted\nShare it. chosen.\nPIN: 5.")
    }

    func testLanguagesHaveTheirDirectionAndAreFoundByTheirTags() {
        XCTAssertTrue(Language.urdu.isRightToLeft)
        XCTAssertFalse(Language.english.isRightToLeft)
        let found = ["ur-PK", "sw_TZ", "lg", "de", ""].map(Language.of)
        XCTAssertEqual(found, [.urdu, .swahili, .luganda, .english, .english])
        XCTAssertEqual(Language.of(nil), .english)
    }

    func testEveryInkStandsOutFromItsGround() {
        func light(_ colour: Looks.Colour) -> Double {
            func part(_ shift: UInt32) -> Double {
                let value = Double(colour >> shift & 0xff) / 255
                return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
        }
        for (ground, ink) in Looks.pairs {
            let (low, high) = (min(light(ink), light(ground)), max(light(ink), light(ground)))
            XCTAssertGreaterThanOrEqual((high + 0.05) / (low + 0.05), 4.5, String(ink, radix: 16))
        }
        XCTAssertEqual(Looks.pairs.count, 16)
        XCTAssertGreaterThanOrEqual(Looks.target, 48)
    }
}
