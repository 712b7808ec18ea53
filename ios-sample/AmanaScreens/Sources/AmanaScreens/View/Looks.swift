/// How everything looks: change it here. Colours are red, green and blue, sizes in points before a person makes text
/// larger; a test holds every pair of colours to a contrast of at least 4.5 to 1.
public enum Looks {
    public typealias Colour = UInt32

    public static let paper: Colour = 0xFFFFFF
    public static let ink: Colour = 0x1B1B1B
    public static let quietInk: Colour = 0x5A5A5A
    public static let accent: Colour = 0x0B5C4B
    public static let onAccent: Colour = 0xFFFFFF
    public static let grave: Colour = 0x9B1C1C
    public static let field: Colour = 0xF1F3F2
    public static let line: Colour = 0x737B78

    public static let gap = 12.0
    public static let margin = 20.0
    /// What a finger finds: no target is smaller.
    public static let target = 56.0
    public static let mark = 32.0
    public static let mainMark = 56.0
    public static let corner = 12.0
    public static let lineWidth = 2.0
    public static let picture = 240.0

    public static let titleSize = 26.0
    public static let headingSize = 20.0
    public static let textSize = 17.0
    public static let quietSize = 15.0

    /// A fact's ground and its ink; the main one's are turned round.
    public static func fact(_ mark: Mark, isMain: Bool) -> (ground: Colour, ink: Colour) {
        isMain ? (ink(mark), paper) : (ground(mark), ink(mark))
    }

    private static func ink(_ mark: Mark) -> Colour {
        switch mark {
        case .good: 0x14603A
        case .care: 0x7A4B00
        case .bad: grave
        case .note: ink
        }
    }

    private static func ground(_ mark: Mark) -> Colour {
        switch mark {
        case .good: 0xE7F4EC
        case .care: 0xFDF3DF
        case .bad: 0xFBE9E9
        case .note: field
        }
    }

    public static func size(_ tone: Tone) -> Double {
        switch tone {
        case .heading: headingSize
        case .quiet: quietSize
        case .plain, .warning: textSize
        }
    }

    public static func ink(_ tone: Tone) -> Colour {
        switch tone {
        case .quiet: quietInk
        case .warning: grave
        case .plain, .heading: ink
        }
    }

    /// A button's ground and its ink.
    public static func button(_ weight: Weight) -> (ground: Colour, ink: Colour) {
        switch weight {
        case .main: (accent, onAccent)
        case .plain: (paper, accent)
        case .grave: (paper, grave)
        }
    }

    /// Every ink with the ground that it stands on.
    static var pairs: [(ground: Colour, ink: Colour)] {
        [(paper, ink), (paper, quietInk), (paper, grave), (field, ink), (field, quietInk)]
            + Mark.allCases.flatMap { [fact($0, isMain: false), fact($0, isMain: true)] }
            + Weight.allCases.map(button)
    }
}
