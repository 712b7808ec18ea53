import Amana
import XCTest

/// Frames, keys inside the device, and cards of every format.
final class FormatsTests: XCTestCase {
    func testWhatOneCodeDoesNotHoldGoesAsFramesInAnyOrderAndWithLosses() throws {
        let text = "AM1C:" + String(repeating: "000", count: 5_000)
        let frames = try Frames.of(text: text, pixels: 720)
        let collector = Collector()
        var gathered: String?
        for index in (0..<frames.symbols() * 2).reversed() where gathered == nil && index % 3 != 0 {
            if case let .whole(_, text) = try collector.add(scanned: frames.text(index: index)) { gathered = text }
        }
        XCTAssertEqual(gathered, text)
        XCTAssertTrue(try frames.symbol(index: 0).fits(pixels: 720))
        let first = try collector.add(scanned: frames.text(index: 1))
        XCTAssertEqual(first, .needMore(seen: 1, of: frames.symbols(), disturbed: false))
        XCTAssertEqual(try collector.add(scanned: "AM1Q:BB8"), .whole(kind: .request, text: "AM1Q:BB8"))
    }

    func testASealedPaperIDIsReadByWhoeverHasItsKey() async throws {
        let desk = try Desk()
        let key = #"{"kty":"oct","alg":"A128GCM","kid":"clinic","k":"AAECAwQFBgcICQoLDA0ODw"}"#
        let code = Data(try desk.sealedPaper(under: key).utf8)
        let verifier = try desk.verifier()
        do {
            _ = try await verifier.judgeCard(card: code)
            XCTFail("read without its key")
        } catch AmanaError.NotForMe {}
        try verifier.loadKey(jwk: key)
        let verdict = try await verifier.judgeCard(card: code)
        XCTAssertEqual(verdict.holder(), .bearer)
    }

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
