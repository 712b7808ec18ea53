import Amana
import XCTest

/// The samples in the documentation, line for line, in the order of the pages: a test of the Rust side compares them.
final class SamplesTests: XCTestCase {
    private final class View {
        private(set) var shown: [Any] = []

        func show(_ what: Any) { shown.append(what) }
    }

    private let codeView = View()
    private let explainView = View()
    private let historyView = View()

    func testTheVerifier() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        _ = try await desk.supply(holder)
        let (bundle, anchorKey, key) = try (desk.bundle(), desk.anchor(), desk.verifierKey())
        let (registration, clock) = try (desk.registration(), systemClock())
        var served: Int64?
        func serve(_ size: Int64?) { served = size }
        func showDeclined() { XCTFail("declined") }
        func scan(_ request: OpenRequest) async throws -> String {
            let incoming = try await holder.receive(scanned: request.text())
            return try await incoming.consent(share: incoming.needed()).respond().text()
        }

        let verifier = try Verifier(trust: bundle, anchor: anchorKey, key: key, registration: registration, policy: rationsPolicy(), clock: clock)
        let request = try await verifier.request(purpose: "food-ration", claims: ["household.family_size"], keep: [])
        codeView.show(try request.symbol())
        let scannedText = try await scan(request)
        switch try await request.judge(scanned: scannedText) {
        case .declined: showDeclined()
        case .answered(let verdict):
            explainView.show(verdict.explain())
            if verdict.isAccept() { serve(verdict.claims().integer(path: "household.family_size")) }
        }

        XCTAssertEqual(served, 5)
        XCTAssertEqual([codeView.shown.count, explainView.shown.count], [1, 1])
    }

    func testTheHistory() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        _ = try await desk.supply(holder)
        for _ in 0..<2 { _ = try await desk.serve(holder) }
        var shared = ""
        func share(_ text: String) { shared = text }

        let history = try await holder.history()
        for entry in history.entries { historyView.show(entry.explain()) }
        try await holder.forget(entry: history.entries[0].id())
        try await holder.keepHistory(keep: false)
        try await share(holder.exportHistory())

        XCTAssertEqual(historyView.shown.count, 2)
        XCTAssertTrue(shared.contains("household.family_size"))
    }

    func testTheBackup() async throws {
        let desk = try Desk()
        let holder = try await unlocked(desk.wallet)
        _ = try await desk.supply(holder)
        let newHolder = try await unlocked(walletFile())
        var typedOrScanned: [String] = []
        func showOnce(_ passphrase: String) { XCTAssertEqual(passphrase.split(separator: "-").count, 8) }
        func printOut(_ words: String, _ symbol: Symbol) { typedOrScanned.append(words) }

        let plan = try await holder.planBackup(keys: .stayBehind)
        explainView.show(plan.explain())
        let passphrase = try makePassphrase()
        showOnce(passphrase)
        let file = try await plan.seal(passphrase: passphrase)
        let rehearsed = try await Backup.open(file: file, passphrase: passphrase).contents()

        let shared = try await plan.sealForShares(threshold: 2, count: 3)
        for share in shared.shares { printOut(share.words(), try share.symbol()) }

        let shares = try typedOrScanned.map { try PaperShare.read(text: $0) }
        let backup = try await Backup.openWithShares(file: shared.file, shares: shares)
        let restored = try await newHolder.restore(backup: backup)

        XCTAssertEqual(restored.added, rehearsed)
        XCTAssertEqual(rehearsed.cards, 1)
    }

    func testSeveralCodes() throws {
        final class Progress { var shown: [UInt32] = []; func show(_ seen: UInt32, _ of: UInt32) { shown += [seen, of] } }
        let (progressView, collector) = (Progress(), Collector())
        let text = "AM1C:" + String(repeating: "000", count: 400)
        let frames = try Frames.of(text: text, pixels: 300)
        var judged: String?
        func judge(_ text: String) { judged = text }

        for index in 0..<frames.symbols() {
            let scannedText = frames.text(index: index)
            switch try collector.add(scanned: scannedText) {
            case .needMore(let seen, let of, _): progressView.show(seen, of)
            case .whole(_, let text): judge(text)
            }
        }

        XCTAssertEqual(judged, text)
        XCTAssertEqual(progressView.shown, (1..<frames.symbols()).flatMap { [$0, frames.symbols()] })
    }
}
