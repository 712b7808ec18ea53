import Amana
import Foundation
import XCTest

let issuer = "https://id.example"
let cardType = "ration-card"
let purpose = "food-ration"
let pin = "482913"

/// An issuing desk, a registrar and whoever runs the programme, all by the command, in files of their own.
final class Desk {
    let folder: URL
    private let amana: URL

    init() throws {
        let environment = ProcessInfo.processInfo.environment
        amana = URL(fileURLWithPath: try XCTUnwrap(environment["AMANA_CLI"], "AMANA_CLI names the command"))
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["anchor", "desk", "registrar", "point"] {
            try run("issuer", "keygen", "--kid", name, "--out", "\(name).jwk", "--public", "\(name).pub.jwk")
        }
        try write("bundle.json", """
            {"sequence": 1, "valid_from": "2020-01-01", "valid_until": "2099-12-31",
             "issuers": [{"id": "\(issuer)", "names": {"en": "Registry of Persons", "sw": "Wakala wa Usajili"},
                          "types": ["\(cardType)"], "keys": ["desk.pub.jwk"]}],
             "registrars": [{"names": {"en": "Data Protection Office"}, "keys": ["registrar.pub.jwk"]}]}
            """)
        try run("issuer", "bundle", "--key", "anchor.jwk", "--spec", "bundle.json", "--out", "trust.txt")
        try write("point.json", """
            {"names": {"en": "Kasulu Food Point", "sw": "Kituo cha Chakula Kasulu"},
             "purposes": {"\(purpose)": {"needed": ["household.family_size", "household.ration_card"],
                                         "optional": ["address.district"]}},
             "contact": "+255 800 110 110", "valid_until": "2099-06-30"}
            """)
        try run(
            "issuer", "register", "--key", "registrar.jwk", "--verifier", "point.pub.jwk",
            "--registration", "point.json", "--out", "point.reg")
        try write("card.json", """
            {"type": "\(cardType)", "valid_from": "2020-01-01", "valid_until": "2099-12-31",
             "claims": {"person": {"given_name": "Amina", "birth_date": {"$date": "1984-02-29"}},
                        "household": {"family_size": 5, "ration_card": "TZ-0041-7782"},
                        "address": {"district": "Kasulu"}}}
            """)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    var wallet: String { file("wallet.amana").path }

    func bundle() throws -> Data { try Data(contentsOf: file("trust.txt")) }

    func anchor() throws -> String { try text("anchor.pub.jwk") }

    /// The text of a paper ID's code, sealed under this key.
    func sealedPaper(under jwk: String) throws -> String {
        try write("seal.jwk", jwk)
        return try paper("--seal", "seal.jwk")
    }

    /// The text of a paper ID's code.
    func paper(_ more: String...) throws -> String {
        struct Sheet: Decodable { let text: String }
        try write("paper.json", """
            {"issuer_name": "Registry", "title": "ID", "contact": "+255", "valid_from": "2020-01-01",
             "valid_until": "2099-12-31", "claims": {"id": "3918592438", "full_name": "Amina Juma"}}
            """)
        let told = try run(
            ["issuer", "paper", "--key", "desk.jwk", "--issuer", issuer, "--spec", "paper.json", "--out", "paper.svg",
             "--json"] + more)
        return try JSONDecoder().decode(Sheet.self, from: Data(told.utf8)).text
    }

    func offer() throws -> String {
        try run("issuer", "offer", "--key", "desk.jwk", "--issuer", issuer, "--type", cardType, "--out", "offer.txt")
        return try text("offer.txt")
    }

    /// Issues the card to whoever made this enrolment.
    func issue(to enrolment: String) throws -> Data {
        try write("enrolment.txt", enrolment)
        try run(
            "issuer", "issue", "--key", "desk.jwk", "--issuer", issuer, "--draft", "card.json",
            "--enrolment", "enrolment.txt", "--out", "card.txt")
        return try Data(contentsOf: file("card.txt"))
    }

    /// The same, of a card that says this.
    func issue(to enrolment: String, claims: [String: Any]) throws -> Data {
        let card: [String: Any] =
            ["type": cardType, "valid_from": "2020-01-01", "valid_until": "2099-12-31", "claims": claims]
        try JSONSerialization.data(withJSONObject: card).write(to: file("card.json"))
        return try issue(to: enrolment)
    }

    /// A list of cancelled cards, which has none.
    func statusList() throws -> String {
        try run(
            "issuer", "status", "--key", "desk.jwk", "--uri", "\(issuer)/status/1", "--entries", "8",
            "--out", "list.txt")
        return try text("list.txt")
    }

    /// Gives a wallet trust in this desk, and its card. Returns the card's id.
    func supply(_ holder: Holder) async throws -> String {
        _ = try await holder.loadTrust(bundle: bundle(), anchor: anchor())
        return try await holder.add(card: issue(to: holder.enrol(offer: offer())))
    }

    func verifierKey() throws -> VerifierKey { try VerifierKey.parse(text: text("point.jwk")) }

    /// The file of the verifier's key.
    func pointKey() throws -> Data { try Data(contentsOf: file("point.jwk")) }

    func registration() throws -> Data { try Data(contentsOf: file("point.reg")) }

    /// The registered verifier.
    func verifier() throws -> Verifier {
        try Verifier(
            trust: bundle(), anchor: anchor(), key: verifierKey(), registration: registration(), policy: rationsPolicy(),
            clock: systemClock())
    }

    /// The registered verifier asks a wallet for the size of the household, and judges its answer.
    func serve(_ holder: Holder) async throws -> Decision {
        let open = try await verifier().request(purpose: purpose, claims: ["household.family_size"], keep: [])
        let request = try await holder.receive(scanned: open.text())
        let answer = try await request.consent(share: request.needed()).respond()
        guard case let .answered(verdict) = try await open.judge(scanned: answer.text()) else {
            throw AmanaError.Internal(problem: Problem(code: "declined", reason: nil, sentence: "", docs: ""))
        }
        return verdict.decision()
    }

    private func text(_ name: String) throws -> String { try String(contentsOf: file(name), encoding: .utf8) }

    private func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    private func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: file(name)) }

    @discardableResult
    private func run(_ arguments: String...) throws -> String { try run(arguments) }

    @discardableResult
    private func run(_ arguments: [String]) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = amana
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let told = String(decoding: said, as: UTF8.self)
        XCTAssertEqual(process.terminationStatus, 0, "amana \(arguments): \(told)")
        return told
    }
}
