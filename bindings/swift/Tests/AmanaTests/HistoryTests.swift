import Amana
import XCTest

final class HistoryTests: XCTestCase {
    func testItSaysWhoAskedWhatForAndWhatWasShownAndWithheld() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        _ = try await desk.supply(holder)
        let asked = ["household.family_size", "address.district"]
        let open = try await desk.verifier().request(purpose: purpose, claims: asked, keep: [])
        let request = try await holder.receive(scanned: open.text())
        _ = try await request.consent(share: request.needed()).respond()
        _ = try await holder.receive(scanned: open.text()).decline()

        let history = try await holder.history()
        XCTAssertTrue(history.isWhole && history.isKept)
        XCTAssertEqual(history.entries.map { $0.outcome() }, [.declined, .shared])
        let (declined, shared) = (history.entries[0], history.entries[1])
        XCTAssertEqual(shared.asker(), .registered)
        XCTAssertEqual(shared.names()["sw"], "Kituo cha Chakula Kasulu")
        XCTAssertEqual(shared.verifier().count, 43)
        XCTAssertEqual(shared.purpose(), purpose)
        XCTAssertEqual(shared.asked(), asked)
        XCTAssertEqual(shared.shown(), ["household.family_size"])
        XCTAssertEqual(shared.alsoShown(), [])
        XCTAssertEqual(shared.withheld(), ["address.district"])
        XCTAssertEqual(declined.shown(), [])
        XCTAssertEqual(shared.receipt(), declined.receipt())
        XCTAssertTrue((1_700_000_000...declined.at()).contains(shared.at()))
        XCTAssertEqual(shared.explain().map { $0.id() }, ["history-shared", "history-shown", "history-withheld"])
        XCTAssertEqual(declined.explain().first?.id(), "history-declined")
        let again = try await holder.receive(scanned: open.text())
        XCTAssertEqual(try again.answeredAt(), shared.at())
    }

    func testItsHolderForgetsKeepsNoneAndTakesItAlongAsJSON() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        _ = try await desk.supply(holder)
        for _ in 0..<3 { _ = try await desk.serve(holder) }
        let middle = try await holder.history().entries[1].id()
        try await holder.forget(entry: middle)
        var history = try await holder.history()
        XCTAssertTrue(history.isWhole)
        XCTAssertEqual(history.entries.count, 2)
        XCTAssertFalse(history.entries.contains { $0.id() == middle })
        let gone = try await thrown { try await holder.forget(entry: middle) }
        guard case let .NotFound(problem) = gone else { return XCTFail("\(gone)") }
        XCTAssertEqual(problem.reason, "entry")

        try await holder.keepHistory(keep: false)
        _ = try await desk.serve(holder)
        let json = try await JSONSerialization.jsonObject(with: Data(holder.exportHistory().utf8)) as? [String: Any]
        let chains = try XCTUnwrap(json?["chains"] as? [[String: Any]])
        XCTAssertEqual((chains[0]["entries"] as? [Any])?.count, 2)
        let forgotten = try await holder.forgetBefore(moment: .max)
        XCTAssertEqual(forgotten, 2)
        history = try await holder.history()
        XCTAssertTrue(history.entries.isEmpty && !history.isKept)
    }
}
