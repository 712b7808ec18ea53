import AmanaScreens
import SwiftUI
import UIKit

/// Shows a model's pages, and lends it the phone's hands: files, voice, a bright screen.
@MainActor
final class Screen: ObservableObject {
    @Published private(set) var page: Page
    @Published private(set) var words: Words
    @Published var isOpening = false
    @Published var isSaving = false
    private(set) var opened: Block.OpenFile?
    private(set) var saved: Block.SaveFile?

    private let model: Model
    private let phone: ApplePhone
    private let onLeave: () -> Void
    private let aloud = Aloud()
    private let light = Light()

    /// - Parameter onLeave: what is done when the app goes out of sight.
    init(_ model: Model, _ phone: ApplePhone, onLeave: @escaping () -> Void) {
        self.model = model
        self.phone = phone
        self.onLeave = onLeave
        page = model.page
        words = .of(phone.language)
        // Page after page, in their order.
        model.onPage = { [weak self] page in
            DispatchQueue.main.async { [weak self] in self?.show(page) }
        }
        model.begin()
    }

    private func show(_ page: Page) {
        let isAnother = page.title != self.page.title
        if page !== self.page { aloud.stop() }
        self.page = page
        words = .of(phone.language)
        light.shine(page.isBright)
        if isAnother { UIAccessibility.post(notification: .screenChanged, argument: nil) }
    }

    /// The app goes out of sight.
    func leave() {
        aloud.stop()
        light.shine(false)
        onLeave()
    }

    /// The app is in sight again.
    func comeBack() { light.shine(page.isBright) }

    func readAloud() { aloud.say(words.aloud(page), words.language) }

    func open(_ block: Block.OpenFile) {
        opened = block
        isOpening = true
    }

    func save(_ block: Block.SaveFile) {
        saved = block
        isSaving = true
    }
}

/// A screen at its brightest that stays on, while a code is shown.
@MainActor
private final class Light {
    private var before: CGFloat?

    func shine(_ isBright: Bool) {
        UIApplication.shared.isIdleTimerDisabled = isBright
        if isBright, before == nil {
            before = UIScreen.main.brightness
            UIScreen.main.brightness = 1
        } else if !isBright, let before {
            UIScreen.main.brightness = before
            self.before = nil
        }
    }
}
