import Foundation
import UIKit

/// What an app says once, to the system.
final class Delegate: NSObject, UIApplicationDelegate {
    /// No keyboards of others': they would read PINs and the words of backups.
    func application(
        _ application: UIApplication,
        shouldAllowExtensionPointIdentifier point: UIApplication.ExtensionPointIdentifier
    ) -> Bool {
        point != .keyboard
    }
}

/// The one key that the app is built with: whoever has its other half says whom to believe.
func anchor() -> String {
    guard let file = Bundle.main.url(forResource: "anchor", withExtension: "jwk"),
        let key = try? String(contentsOf: file, encoding: .utf8)
    else { preconditionFailure("the app is built with App/Generated/anchor.jwk") }
    return key
}
