/// The sentences of one language.
public struct Words: Sendable {
    public let language: Language
    private let template: @Sendable (_ name: String) -> String?

    /// - Parameter template: the sentence of this name in this language, where `{name}` stands for an argument; none
    ///   where the words have none.
    public init(_ language: Language, _ template: @escaping @Sendable (_ name: String) -> String?) {
        self.language = language
        self.template = template
    }

    public func text(_ word: Word) -> String { text(Say(word)) }

    /// A sentence, or a name that stands alone.
    public func text(_ say: Say) -> String {
        let text = filled(say)
        // What something is for also begins a line of its own.
        return say.id.hasPrefix("purpose_") ? text.prefix(1).uppercased() + text.dropFirst() : text
    }

    private func filled(_ say: Say) -> String {
        guard !say.id.isEmpty, let template = template(say.id) else { return cleaned(best(say, "text") ?? say.id) }
        return placed(template) { argument(say, $0) }
    }

    /// What a mark is called: it is read where its shape is not seen.
    public func text(_ mark: Mark) -> String {
        switch mark {
        case .good: text(.markGood)
        case .care: text(.markCare)
        case .bad: text(.markBad)
        case .note: text(.markNote)
        }
    }

    /// Everything that matters on a page, as one text to be spoken.
    public func aloud(_ page: Page) -> String {
        page.blocks.compactMap { block -> String? in
            switch block {
            case .text(let say, _): text(say)
            case .fact(.note, let say, _): text(say)
            case .fact(let mark, let say, _): "\(text(mark)). \(text(say))"
            case .choice(let choice): "\(text(choice.say)) \(text(choice.isChosen ? .chosen : .notChosen))."
            case .field(let label, let value): "\(text(label)): \(text(value))."
            default: nil
            }
        }.joined(separator: "\n")
    }

    private func argument(_ say: Say, _ name: String) -> String {
        let value = best(say, name) ?? "?"
        // What the core names by its code has a word of its own here, where we know it.
        guard let table = coded[name] else { return cleaned(value).replacingLines }
        return filled(Say(nameInWords(table, value), args: ["text": value])).replacingLines
    }

    /// A name in this language, else in English, else in any.
    private func best(_ say: Say, _ name: String) -> String? {
        let names = say.names[name] ?? [:]
        let any = names.min { $0.key < $1.key }?.value
        return names[language.rawValue] ?? names[Language.english.rawValue] ?? any ?? say.args[name]
    }
}

private let coded = ["claim": "field", "purpose": "purpose", "card": "card"]

/// The template with every `{name}` filled in.
private func placed(_ template: String, _ argument: (String) -> String) -> String {
    let isInNames: (Character) -> Bool = { ("a"..."z").contains($0) || $0 == "_" }
    var (out, rest) = ("", template[...])
    while let start = rest.firstIndex(of: "{") {
        out += rest[..<start]
        let name = rest[start...].dropFirst().prefix(while: isInNames)
        rest = rest[name.endIndex...]
        if rest.first == "}", !name.isEmpty {
            out += isolated(argument(String(name)))
            rest = rest.dropFirst()
        } else {
            out += "{\(name)"
        }
    }
    return out + rest
}

/// Apart from the sentence around it, by its own direction; numbers from left to right, as telephones have them.
private func isolated(_ text: String) -> String {
    (text.contains(where: \.isLetter) ? "\u{2068}" : "\u{2066}") + text + "\u{2069}"
}

/// Text from elsewhere as it may stand on a page: it cannot turn the line around.
private func cleaned(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0 != "\n" && isDeceptive($0) ? "\u{fffd}" : $0 }))
}

/// As the core has it (`is_deceptive`), and what nothing needs beside it. What joins and parts letters in Urdu stays.
private func isDeceptive(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x61c, 0x200b, 0x200e, 0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff: true
    default: scalar.properties.generalCategory == .control
    }
}

private extension String {
    /// In a sentence nothing poses as a line of its own.
    var replacingLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\u{fffd}")
    }
}
