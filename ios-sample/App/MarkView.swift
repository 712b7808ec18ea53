import AmanaScreens
import SwiftUI

/// The shape of a fact, told apart without colour: a tick in a disc, a triangle, a cross in an octagon, a bar.
struct MarkView: View {
    let mark: Mark
    let isMain: Bool

    var body: some View {
        let (ground, ink) = Looks.fact(mark, isMain: isMain)
        Canvas { context, size in
            let side = min(size.width, size.height)
            context.fill(form(side), with: .color(ink.color))
            let style = StrokeStyle(lineWidth: side / 8, lineCap: .round)
            context.stroke(sign(side), with: .color(ground.color), style: style)
        }
        // A tick is the same from right to left.
        .environment(\.layoutDirection, .leftToRight)
    }

    private func form(_ side: CGFloat) -> Path {
        switch mark {
        case .good: Path(ellipseIn: CGRect(x: 0.02 * side, y: 0.02 * side, width: 0.96 * side, height: 0.96 * side))
        case .care: lines(side, [[(0.5, 0.04), (0.98, 0.94), (0.02, 0.94)]], isClosed: true)
        case .bad:
            lines(
                side,
                [[(0.3, 0), (0.7, 0), (1, 0.3), (1, 0.7), (0.7, 1), (0.3, 1), (0, 0.7), (0, 0.3)]],
                isClosed: true)
        case .note: Path(CGRect(x: 0.15 * side, y: 0.42 * side, width: 0.7 * side, height: 0.16 * side))
        }
    }

    private func sign(_ side: CGFloat) -> Path {
        switch mark {
        case .good: lines(side, [[(0.28, 0.52), (0.44, 0.68), (0.72, 0.34)]])
        // The second is a point.
        case .care: lines(side, [[(0.5, 0.36), (0.5, 0.62)], [(0.5, 0.8), (0.5, 0.801)]])
        case .bad: lines(side, [[(0.32, 0.32), (0.68, 0.68)], [(0.68, 0.32), (0.32, 0.68)]])
        case .note: Path()
        }
    }

    private func lines(_ side: CGFloat, _ lines: [[(CGFloat, CGFloat)]], isClosed: Bool = false) -> Path {
        var path = Path()
        for line in lines {
            path.addLines(line.map { CGPoint(x: $0.0 * side, y: $0.1 * side) })
            if isClosed { path.closeSubpath() }
        }
        return path
    }
}
