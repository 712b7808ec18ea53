import Foundation

/// Something to do when a person or the camera says so. It returns at once; the work is done where the models work.
public typealias Act = @Sendable () -> Void

/// What a screen shows, from top to bottom, and what can be done there. Models make pages and views draw them: a view
/// decides nothing, and knows no sentence.
public final class Page: Identifiable, Sendable {
    public let id = UUID()
    public let title: Say
    public let blocks: [Block]
    /// What the way back does; none where there is no way back.
    public let back: Act?
    /// Whether it matters enough to be read aloud: consent and verdicts.
    public let aloud: Bool

    init(_ title: Say, back: Act? = nil, aloud: Bool = false, @Blocks _ blocks: () throws -> [Block]) rethrows {
        self.title = title
        self.blocks = try blocks()
        self.back = back
        self.aloud = aloud
    }

    /// Whether there is a code to show: the screen is then at its brightest, and stays on.
    public var isBright: Bool {
        blocks.contains { if case .code = $0 { true } else { false } }
    }
}

/// One thing on a page. What changes while it is shown is an object, and what is handed on to the phone a type of its
/// own.
public enum Block: Sendable {
    case text(Say, Tone = .plain)
    /// One thing that was found out: a mark of a shape of its own, in words, and never by colour alone. The main one is
    /// to be seen at arm's length in the sun.
    case fact(Mark, Say, isMain: Bool = false)
    /// A field and what stands in it.
    case field(label: Say, value: Say)
    /// A picture from a card, such as a portrait: JPEG, PNG or WebP.
    case picture(Data, Say)
    /// Something to open: a card, an entry.
    case row(Say, detail: [Say], act: Act)
    case button(Say, Weight = .plain, act: Act)
    case choice(Choice)
    case pick(Pick)
    case entry(Entry)
    case code(Code)
    case camera(Camera)
    case progress(Progress)
    /// Work that takes a while.
    case waiting(Say)
    case openFile(OpenFile)
    case saveFile(SaveFile)

    /// A thing to allow or not.
    public final class Choice: Identifiable, Sendable {
        public let id = UUID()
        public let say: Say
        public let isGrave: Bool
        private let chosen: Guarded<Bool>
        private let onChange: @Sendable (Bool) -> Void

        init(
            _ say: Say, isChosen: Bool, isGrave: Bool = false,
            onChange: @escaping @Sendable (Bool) -> Void = { _ in }
        ) {
            self.say = say
            self.isGrave = isGrave
            chosen = Guarded(isChosen)
            self.onChange = onChange
        }

        public var isChosen: Bool { chosen.value }

        public func choose(_ isChosen: Bool) {
            chosen.value = isChosen
            onChange(isChosen)
        }
    }

    /// One of several.
    public final class Pick: Identifiable, Sendable {
        public let id = UUID()
        public let label: Say
        public let options: [Say]
        private let index: Guarded<Int>
        private let onChange: @Sendable (Int) -> Void

        init(_ label: Say, _ options: [Say], chosen: Int, onChange: @escaping @Sendable (Int) -> Void = { _ in }) {
            self.label = label
            self.options = options
            index = Guarded(chosen)
            self.onChange = onChange
        }

        public var chosen: Int { index.value }

        public func choose(_ chosen: Int) {
            index.value = chosen
            onChange(chosen)
        }
    }

    /// Something to type. Kept here while it is on the screen, and nowhere else.
    public final class Entry: Identifiable, Sendable {
        public let id = UUID()
        public let label: Say
        public let kind: EntryKind
        private let typed = Guarded("")

        init(_ label: Say, _ kind: EntryKind) {
            self.label = label
            self.kind = kind
        }

        public var text: String {
            get { typed.value }
            set { typed.value = newValue }
        }
    }

    /// A code to show, or several to cycle.
    public struct Code: Sendable {
        public let symbols: [Modules]
        public let say: Say
    }

    /// The camera, whose codes go to `onText`.
    public struct Camera: Sendable {
        public let onText: @Sendable (String) -> Void
        public let onNone: @Sendable (_ isRefused: Bool) -> Void
    }

    /// How much of a transfer is there.
    public struct Progress: Sendable {
        public let seen: Int
        public let of: Int
        public let say: Say
    }

    /// Takes a file in.
    public struct OpenFile: Sendable {
        public let say: Say
        public let onBytes: @Sendable (Data) -> Void
        public let onFail: Act
    }

    /// Hands a file out.
    public struct SaveFile: Sendable {
        public let say: Say
        public let name: String
        public let bytes: Data
        public let onSaved: @Sendable (_ isSaved: Bool) -> Void
    }
}

public enum Tone: Sendable { case plain, quiet, heading, warning }

/// How a fact stands: each has a shape, a word and a colour.
public enum Mark: CaseIterable, Sendable { case good, care, bad, note }

public enum Weight: CaseIterable, Sendable { case main, plain, grave }

public enum EntryKind: Sendable { case pin, passphrase, words }

/// The modules of a code, row by row, without the quiet zone.
public struct Modules: Sendable {
    /// Light modules on each side (ISO/IEC 18004).
    private static let quiet = 4

    let width: Int
    let dark: [Bool]

    public var fullWidth: Int { width + 2 * Self.quiet }

    /// Whether this module, counted with the quiet zone, is dark.
    public func isDark(_ x: Int, _ y: Int) -> Bool {
        let (column, row) = (x - Self.quiet, y - Self.quiet)
        return (0..<width).contains(column) && (0..<width).contains(row) && dark[row * width + column]
    }
}

/// Writes a page's blocks one below the other, with those left out that are not there.
@resultBuilder
enum Blocks {
    static func buildExpression(_ block: Block) -> [Block] { [block] }

    static func buildExpression(_ blocks: [Block]) -> [Block] { blocks }

    static func buildBlock(_ parts: [Block]...) -> [Block] { parts.flatMap { $0 } }

    static func buildOptional(_ part: [Block]?) -> [Block] { part ?? [] }

    static func buildEither(first part: [Block]) -> [Block] { part }

    static func buildEither(second part: [Block]) -> [Block] { part }

    static func buildArray(_ parts: [[Block]]) -> [Block] { parts.flatMap { $0 } }
}
