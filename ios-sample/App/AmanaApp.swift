import Amana
import AmanaScreens
import SwiftUI

/// *Amana*, the holder's app.
@main
struct AmanaApp: App {
    @UIApplicationDelegateAdaptor(Delegate.self) private var delegate
    @StateObject private var screen = Screen.holder()

    var body: some Scene {
        WindowGroup { ScreenView(screen: screen) }
    }
}

private extension Screen {
    static func holder() -> Screen {
        let phone = ApplePhone()
        let file = Folders.own("wallet").appendingPathComponent("wallet.amana")
        let model = HolderModel(phone, file: file, host: appleHost(), anchor: anchor())
        // Out of sight is closed.
        return Screen(model, phone, onLeave: { model.closeNow() })
    }
}
