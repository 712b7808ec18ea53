import AmanaScreens
import Foundation

extension Words {
    /// The sentences of a language, from the app's string catalog; `AmanaScreens` says what is made of them.
    static func of(_ language: Language) -> Words {
        let path = Bundle.main.path(forResource: language.rawValue, ofType: "lproj")
        let bundle = path.flatMap { Bundle(path: $0) } ?? .main
        return Words(language) { name in
            // What is not there comes back as this.
            let none = "\u{0}"
            let found = bundle.localizedString(forKey: name, value: none, table: nil)
            return found == none ? nil : found
        }
    }
}
