import AmanaScreens
import SwiftUI

/// An app's one screen: its page, in the chosen language and its direction; covered while it is not in front.
struct ScreenView: View {
    @ObservedObject var screen: Screen
    @Environment(\.scenePhase) private var phase

    var body: some View {
        PageView(page: screen.page, words: screen.words, screen: screen)
            .environment(\.layoutDirection, screen.words.language.isRightToLeft ? .rightToLeft : .leftToRight)
            .environment(\.locale, Locale(identifier: screen.words.language.rawValue))
            .overlay {
                // Nothing to see among the recent apps.
                if phase != .active { Looks.paper.color.ignoresSafeArea() }
            }
            .preferredColorScheme(.light)
            .onChange(of: phase) { phase in
                switch phase {
                case .background: screen.leave()
                case .active: screen.comeBack()
                default: break
                }
            }
            .fileImporter(isPresented: $screen.isOpening, allowedContentTypes: [.item]) { result in
                guard let block = screen.opened else { return }
                Files.read(result, block)
            }
            .fileExporter(
                isPresented: $screen.isSaving, document: screen.saved.map { Handed(bytes: $0.bytes) },
                contentType: .data, defaultFilename: screen.saved?.name
            ) { result in
                if case .success = result { screen.saved?.onSaved(true) } else { screen.saved?.onSaved(false) }
            }
    }
}
