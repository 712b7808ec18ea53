@testable import AmanaScreens
import Foundation
import XCTest

/// The words as the apps have them: Apple's string catalog.
struct Catalog: Sendable {
    /// By name, then by language.
    let sentences: [String: [String: String]]

    static func read() throws -> Catalog {
        typealias Sentences = [String: [String: [String: String]]]
        let file = URL(fileURLWithPath: #filePath + "/../../../../App/Generated/Localizable.xcstrings")
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file.standardizedFileURL)) as? [String: Any]
        let strings = try XCTUnwrap(json?["strings"] as? [String: [String: Any]])
        return Catalog(sentences: try strings.mapValues { entry in
            let sentences = try XCTUnwrap(entry["localizations"] as? Sentences)
            return sentences.compactMapValues { $0["stringUnit"]?["value"] }
        })
    }

    func words(_ language: Language) -> Words { Words(language) { sentences[$0]?[language.rawValue] } }
}
