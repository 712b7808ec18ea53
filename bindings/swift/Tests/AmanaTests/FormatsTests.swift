import Amana
import XCTest

/// Cards of every format, and keys inside the device.
final class FormatsTests: XCTestCase {
    func testAKeyInsideTheDeviceProvesItsCard() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        _ = try await holder.loadTrust(bundle: desk.bundle(), anchor: desk.anchor())
        let enrolment = try await holder.enrolWith(offer: desk.offer(), place: .device)
        _ = try await holder.add(card: desk.issue(to: enrolment))
        let cards = try await holder.cards()
        XCTAssertEqual(cards.map(\.format), ["sd-cwt"])
        XCTAssertEqual(cards.map(\.hasHolderKey), [true])
        let open = try await desk.verifier().request(purpose: purpose, claims: ["household.family_size"], keep: [])
        let request = try await holder.receive(scanned: open.text())
        let answer = try await request.consent(share: request.needed()).respond()
        guard case let .answered(verdict) = try await open.judge(scanned: answer.text()) else { return XCTFail("declined") }
        XCTAssertEqual(verdict.holder(), .fresh)
    }
}
