import AmanaScreens
import Foundation
import UIKit

/// This phone, as the models see it.
final class ApplePhone: Phone {
    private static let kept = "language"

    let codePixels: Int

    @MainActor
    init() {
        let screen = UIScreen.main
        let width = min(screen.bounds.width, screen.bounds.height) - 2 * Looks.margin
        codePixels = Int(width * screen.scale)
    }

    var language: Language {
        get { Language.of(UserDefaults.standard.string(forKey: Self.kept) ?? Locale.preferredLanguages.first) }
        set { UserDefaults.standard.set(newValue.rawValue, forKey: Self.kept) }
    }

    func today() -> String {
        let format = DateFormatter()
        format.calendar = Calendar(identifier: .gregorian)
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "yyyy-MM-dd"
        return format.string(from: Date())
    }
}
