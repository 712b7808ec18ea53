import Amana

/// A sentence to show: which one, and what stands in it. The words are a language's; `args` come from elsewhere and are
/// shown as they are.
public struct Say: Hashable, Sendable {
    /// The sentence's name in the words: `explain_…`, `app_…`, `field_…`, `purpose_…`, `card_…`; empty for text that is
    /// shown as it is.
    let id: String
    let args: [String: String]
    /// Arguments that have a text for each language, such as an issuer's name.
    let names: [String: [String: String]]

    init(_ id: String, args: [String: String] = [:], names: [String: [String: String]] = [:]) {
        self.id = id
        self.args = args
        self.names = names
    }

    init(_ word: Word, _ args: [String: any CustomStringConvertible] = [:]) {
        self.init(word.rawValue, args: args.mapValues(\.description))
    }

    /// A sentence of the core's.
    static func of(_ message: Message, _ names: [String: [String: String]] = [:]) -> Say {
        Say(explained(message.id()), args: message.args(), names: names)
    }

    /// The name of one of the core's sentences.
    static func explained(_ id: String) -> String { nameInWords("explain", id) }

    /// A text from a card or a person, shown as it is.
    static func text(_ text: String) -> Say { Say("", args: ["text": text]) }

    /// A name that has a text for each language.
    static func name(_ names: [String: String], _ otherwise: String) -> Say {
        Say("", args: ["text": otherwise], names: ["text": names])
    }

    /// What a claim is called, such as `household.family_size`; its path where the words have none.
    static func field(_ path: String) -> Say { Say(nameInWords("field", path), args: ["text": path]) }

    static func purpose(_ code: String) -> Say { Say(nameInWords("purpose", code), args: ["text": code]) }

    static func card(_ type: String) -> Say { Say(nameInWords("card", type), args: ["text": type]) }
}

/// What a key of one of the words' tables is called there: the names have small letters, digits and `_` alone.
func nameInWords(_ table: String, _ key: String) -> String {
    let isInNames: (Unicode.Scalar) -> Bool = { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
    return "\(table)_" + String(String.UnicodeScalarView(key.unicodeScalars.map { isInNames($0) ? $0 : "_" }))
}
