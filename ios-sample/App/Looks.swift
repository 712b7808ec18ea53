import AmanaScreens
import SwiftUI

// The values are in AmanaScreens, where a test looks at them; here they become SwiftUI's.

extension Looks.Colour {
    var color: Color {
        func part(_ shift: UInt32) -> Double { Double(self >> shift & 0xFF) / 255 }
        return Color(.sRGB, red: part(16), green: part(8), blue: part(0))
    }
}

extension View {
    /// Text of this size, larger where a person has made text larger.
    func sized(_ size: Double, _ weight: Font.Weight = .regular) -> some View {
        modifier(Sized(size: size, weight: weight))
    }

    /// A block's ground.
    func ground(_ colour: Looks.Colour, line: Looks.Colour? = nil) -> some View {
        let shape = RoundedRectangle(cornerRadius: Looks.corner)
        return background(shape.fill(colour.color))
            .overlay(shape.strokeBorder((line ?? colour).color, lineWidth: line == nil ? 0 : Looks.lineWidth))
            .contentShape(shape)
    }

    /// As wide as the page, from where its lines begin.
    func wide() -> some View { frame(maxWidth: .infinity, alignment: .leading) }

    /// Read by a screen reader as one thing.
    func asOne(_ said: String) -> some View {
        accessibilityElement(children: .ignore).accessibilityLabel(Text(verbatim: said))
    }
}

private struct Sized: ViewModifier {
    @ScaledMetric(relativeTo: .body) private var scale = 1.0

    let size: Double
    let weight: Font.Weight

    func body(content: Content) -> some View { content.font(.system(size: size * scale, weight: weight)) }
}
