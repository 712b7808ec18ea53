/// What both models need of the phone beside the core's ports.
public protocol Phone: AnyObject, Sendable {
    /// The pixels that a code's square may take on the screen.
    var codePixels: Int { get }

    /// The language that people read; kept.
    var language: Language { get set }

    /// The day here, such as `2026-11-24`.
    func today() -> String
}

extension Language {
    /// The one with this tag, such as `sw` or `sw-TZ`, else English.
    public static func of(_ tag: String?) -> Language {
        let language = tag?.split(whereSeparator: { "-_".contains($0) }).first ?? ""
        return Language(rawValue: String(language)) ?? .english
    }
}
