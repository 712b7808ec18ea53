import Amana
import AmanaScreens
import SwiftUI

/// *Amana Check*, the field worker's app.
@main
struct AmanaCheckApp: App {
    @UIApplicationDelegateAdaptor(Delegate.self) private var delegate
    @StateObject private var screen = Screen.check()

    var body: some Scene {
        WindowGroup { ScreenView(screen: screen) }
    }
}

private extension Screen {
    static func check() -> Screen {
        let phone = ApplePhone()
        let shelf = FileShelf(Folders.own("check"), service: "amana.check")
        return Screen(CheckModel(phone, shelf: shelf, anchor: anchor(), clock: AppleClock()), phone, onLeave: {})
    }
}
