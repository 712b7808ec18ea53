import Amana
@testable import AmanaScreens
import XCTest

/// What a card says, whatever it says.
final class FieldsTests: AppTestCase {
    func testGroupsAreTakenApartAndATextThatLooksLikeOneIsShown() async throws {
        let wallet = try await Wallet.create(file: desk.wallet, door: 1, pin: pin, host: ports.ports)
        let holder = try await wallet.unlock(door: 1, pin: pin)
        _ = try await holder.loadTrust(bundle: desk.bundle(), anchor: desk.anchor())
        let enrolment = try await holder.enrol(offer: desk.offer())
        let looksLikeOne = #"{"given_name": "nobody"}"#
        let card = try desk.issue(to: enrolment, claims: ["b": ["y": ["z": 1], "x": looksLikeOne], "a": "text"])
        let claims = try await holder.claims(card: holder.add(card: card))
        let found = claims.names().sorted().flatMap { fields(claims, $0) }.compactMap { block -> [String?]? in
            if case .field(let label, let value) = block { [label.args["text"], value.args["text"]] } else { nil }
        }
        XCTAssertEqual(found, [["a", "text"], ["b.x", looksLikeOne], ["b.y.z", "1"]])
    }
}
