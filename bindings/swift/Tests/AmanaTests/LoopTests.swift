import Amana
import XCTest

/// The loop an app goes through, with a card that the command issues meanwhile.
final class LoopTests: XCTestCase {
    private func holder(_ desk: Desk) async throws -> Holder {
        let holder = try await unlocked(desk.wallet)
        _ = try await desk.supply(holder)
        return holder
    }

    func testACardIsEnrolledForReceivedShownByChoiceAndJudged() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        let sequence = try await holder.loadTrust(bundle: desk.bundle(), anchor: desk.anchor())
        XCTAssertEqual(sequence, 1)
        let id = try await holder.add(card: desk.issue(to: holder.enrol(offer: desk.offer())))
        let cards = try await holder.cards()
        XCTAssertEqual(cards.map(\.id), [id])
        XCTAssertEqual(cards.map(\.cardType), [cardType])
        XCTAssertEqual(cards[0].issuerNames["sw"], "Wakala wa Usajili")
        XCTAssertEqual(cards[0].validUntil, "2099-12-31")
        let claims = try await holder.claims(card: cards[0].id)
        XCTAssertEqual(claims.text(path: "person.birth_date"), "1984-02-29")

        let asked = ["household.family_size", "address.district", "person.birth_date"]
        let open = try await desk.verifier().request(purpose: purpose, claims: asked, keep: [])
        XCTAssertTrue(try open.symbol().fits(pixels: 1080))
        XCTAssertFalse(try open.symbol().fits(pixels: 100))

        let request = try await holder.receive(scanned: open.text())
        guard case let .registered(names, _, contact) = try request.asker() else { return XCTFail("not registered") }
        XCTAssertEqual(names["en"], "Kasulu Food Point")
        XCTAssertEqual(contact, "+255 800 110 110")
        XCTAssertEqual(try request.items().map(\.need), [.needed, .optional, .beyond])
        XCTAssertEqual(try request.needed(), ["household.family_size"])
        let beyond = try request.explain().filter { $0.id() == "claim-beyond" }
        XCTAssertEqual(beyond.map { $0.args()["claim"] }, ["person.birth_date"])

        let consent = try request.consent(share: request.needed() + ["address.district"])
        XCTAssertEqual(try consent.shown(), ["household.family_size", "address.district"])
        XCTAssertEqual(try consent.alsoShown(), [])
        XCTAssertEqual(try consent.withheld(), ["person.birth_date"])
        XCTAssertFalse(try consent.standsOut())
        let answer = try await consent.respond()
        let symbol = try answer.symbol()
        XCTAssertEqual(symbol.modules().count, Int(symbol.width() * symbol.width()))
        XCTAssertEqual(symbol.fullWidth(), symbol.width() + 8)

        guard case let .answered(verdict) = try await open.judge(scanned: answer.text()) else { return XCTFail("declined") }
        XCTAssertTrue(verdict.isAccept())
        XCTAssertEqual(verdict.decision(), .accept)
        guard case let .genuine(issuerNames) = verdict.authenticity() else { return XCTFail("not genuine") }
        XCTAssertEqual(issuerNames["en"], "Registry of Persons")
        XCTAssertEqual(verdict.holder(), .fresh)
        XCTAssertEqual(verdict.validity(), .current(until: "2099-12-31"))
        XCTAssertEqual(verdict.status(), .unknown)
        XCTAssertEqual(verdict.claims().integer(path: "household.family_size"), 5)
        XCTAssertEqual(verdict.claims().text(path: "address.district"), "Kasulu")
        XCTAssertNil(verdict.claims().text(path: "person.birth_date"))
        XCTAssertEqual(verdict.withheld(), ["person.birth_date"])
        XCTAssertEqual(verdict.explain().first?.id(), "decision-accept")
    }

    func testAVerifierSaysWhatItMayAskAndHowOldWhatItGoesByIs() throws {
        let verifier = try Desk().verifier()
        XCTAssertEqual(verifier.names()["sw"], "Kituo cha Chakula Kasulu")
        let needed = ["household.family_size", "household.ration_card"]
        XCTAssertEqual(verifier.purposes(), [Purpose(code: purpose, needed: needed, optional: ["address.district"])])
        let knowledge = Knowledge(trustSequence: 1, trustFrom: "2020-01-01", trustUntil: "2099-12-31", lists: [])
        XCTAssertEqual(verifier.knowledge(), knowledge)
    }

    func testARefusalGivesNoVerdictAndLeavesTheRequestOpen() async throws {
        let desk = try Desk()
        let holder = try await holder(desk)
        let asked = ["household.family_size"]
        let open = try await desk.verifier().request(purpose: purpose, claims: asked, keep: [])
        let refusal = try await holder.receive(scanned: open.text()).decline()
        guard case .declined = try await open.judge(scanned: refusal.text()) else { return XCTFail("a verdict") }
        let request = try await holder.receive(scanned: open.text())
        let answer = try await request.consent(share: request.needed()).respond()
        guard case let .answered(verdict) = try await open.judge(scanned: answer.text()) else { return XCTFail("declined") }
        XCTAssertTrue(verdict.isAccept())
    }
}
