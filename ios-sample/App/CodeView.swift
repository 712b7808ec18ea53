import AmanaScreens
import SwiftUI

/// Draws a code black on white with whole pixels a module; several one after the other, without end.
struct CodeView: View {
    /// Five a second: cheap cameras see each at least once.
    private static let seconds = 0.2

    let code: Block.Code
    let label: String
    @Environment(\.displayScale) private var scale
    @State private var start = Date()

    var body: some View {
        TimelineView(.periodic(from: start, by: Self.seconds)) { time in
            Canvas { context, size in context.fill(dark(symbol(time.date), size), with: .color(.black)) }
        }
        .aspectRatio(1, contentMode: .fit)
        .background(Color.white)
        // A code is never mirrored.
        .environment(\.layoutDirection, .leftToRight)
        .accessibilityElement(children: .ignore)
        .accessibilityLabel(Text(verbatim: label))
        .accessibilityAddTraits(.isImage)
    }

    private func symbol(_ date: Date) -> Modules {
        let round = Int((date.timeIntervalSince(start) / Self.seconds).rounded())
        return code.symbols[max(round, 0) % code.symbols.count]
    }

    private func dark(_ symbol: Modules, _ size: CGSize) -> Path {
        let side = Int(min(size.width, size.height) * scale)
        let pixels = max(side / symbol.fullWidth, 1)
        let start = (side - pixels * symbol.fullWidth) / 2
        let module = CGFloat(pixels) / scale
        var path = Path()
        for y in 0..<symbol.fullWidth {
            for x in 0..<symbol.fullWidth where symbol.isDark(x, y) {
                let left = CGFloat(start + x * pixels) / scale
                let top = CGFloat(start + y * pixels) / scale
                path.addRect(CGRect(x: left, y: top, width: module, height: module))
            }
        }
        return path
    }
}
