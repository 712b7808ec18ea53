import Amana
import Foundation

/// Where the models do everything, so that nothing of the core runs on the thread that draws.
@globalActor
public actor ModelActor {
    public static let shared = ModelActor()
}

/// What is done there.
typealias Work = @ModelActor @Sendable () async throws -> Void

/// What both apps' models have in common: one act at a time, away from the thread that draws; a page for everything
/// that can fail.
@ModelActor
public class Model {
    let phone: any Phone
    /// How long a second takes while seconds are counted down: tests do not wait for it.
    var second: UInt64 = 1_000_000_000
    private var current: Task<Void, Never>?
    private var isOver = false
    private nonisolated let shown: Guarded<Page>
    private nonisolated let listener = Guarded<(@Sendable (Page) -> Void)?>(nil)

    nonisolated init(_ phone: any Phone) {
        self.phone = phone
        shown = Guarded(Page(Say(.appName)) { Block.waiting(Say(.wait)) })
    }

    /// The page to show.
    public nonisolated var page: Page { shown.value }

    /// Told of every new page, on no particular thread.
    public nonisolated var onPage: (@Sendable (Page) -> Void)? {
        get { listener.value }
        set { listener.value = newValue }
    }

    /// Shows the first page.
    public nonisolated func begin() { act { [self] in try await start() }() }

    /// Ends it. What is being done is finished, and shows nothing any more.
    public nonisolated func end() { Task { await stop() } }

    /// Shows the first page; each app has its own.
    func start() async throws { preconditionFailure("each app begins somewhere") }

    /// Where to go on after a failure; each app has its own.
    func home() async throws { preconditionFailure("each app has a home") }

    /// Whether something is being done.
    var isBusy: Bool { current != nil }

    func show(_ page: Page) {
        // What was interrupted goes on in the core, to its end, and in sight of nobody.
        guard !Task.isCancelled, !isOver else { return }
        shown.value = page
        onPage?(page)
    }

    /// Something to do when a person or the camera says so: dropped where something is being done already. What fails
    /// has its page, with the way on that `back` is.
    nonisolated func act(_ waiting: Word? = nil, back: Work? = nil, doing work: @escaping Work) -> Act {
        { [self] in Task { await perform(waiting, back, work) } }
    }

    private func perform(_ waiting: Word?, _ back: Work?, _ work: @escaping Work) async {
        guard !isBusy, !isOver else { return }
        await run(back) { [self] in
            if let waiting { show(Page(page.title) { Block.waiting(Say(waiting)) }) }
            try await work()
        }
    }

    /// Something that is done at once. What was being done shows nothing any more; what the core has begun of it is
    /// finished, and `then` comes after that.
    func interrupt(_ first: @escaping Work, then: @escaping Work) async {
        let before = current
        before?.cancel()
        await run(nil) {
            try await first()
            await before?.value
            try await then()
        }
    }

    private func run(_ back: Work?, _ work: @escaping Work) async {
        let task = Task { [self] in
            do {
                try await work()
            } catch {
                // Also what no app expects: a person is told, never left waiting.
                if !Task.isCancelled { await failed(error, back ?? { [self] in try await home() }) }
            }
        }
        current = task
        await task.value
        if current == task { current = nil }
    }

    private func stop() {
        current?.cancel()
        isOver = true
        onPage = nil
        // A page holds on to the model, and to what is open.
        shown.value = Page(Say(.appName)) {}
    }

    /// The page of a failure: what happened, and what to do next.
    func failed(_ error: Error, _ back: @escaping Work) async { tell(Problems.say(error), back) }

    func tell(_ say: Say, _ back: @escaping Work) {
        show(Page(Say(.problemTitle), back: act(doing: back)) {
            Block.fact(.care, say)
            Block.button(Say(.goOn), .main, act: act(doing: back))
        })
    }

    /// Shows a page for each second that is left, and then the last one.
    func countDown(_ seconds: UInt64, _ pageAt: @escaping @ModelActor @Sendable (_ left: UInt64) -> Page) {
        guard !Task.isCancelled else { return }
        var page = pageAt(seconds)
        show(page)
        Task {
            for left in (0..<seconds).reversed() {
                try? await Task.sleep(nanoseconds: second)
                // Something else is shown meanwhile.
                if self.page !== page { return }
                page = pageAt(left)
                show(page)
            }
        }
    }

    /// The code of a text: one, or several to cycle where one would be too fine for this screen.
    func code(_ text: String, _ say: Word) throws -> Block {
        let pixels = UInt32(phone.codePixels)
        if let one = try? Symbol.of(text: text), one.fits(pixels: pixels) {
            return .code(Block.Code(symbols: [Modules(one)], say: Say(say)))
        }
        return .code(Block.Code(symbols: try frames(text, pixels), say: Say(say)))
    }

    private func frames(_ text: String, _ pixels: UInt32) throws -> [Modules] {
        let frames = try Frames.of(text: text, pixels: pixels)
        // Those beyond the first round repair what a camera missed.
        let count = frames.symbols() * 3 / 2 + 2
        return try (0..<count).map { Modules(try frames.symbol(index: $0)) }
    }

    /// The page that scans, for everything that a camera or a file can bring.
    func scanPage(
        _ why: Word, _ seen: Seen, hasCamera: Bool = true, back: @escaping Work, onText: @escaping Taking<String>,
        onBytes: @escaping Taking<Data>
    ) -> Page {
        Page(Say(.scanTitle), back: act(doing: back)) {
            Block.text(Say(why))
            if hasCamera {
                Block.camera(Block.Camera(
                    onText: { [self] text in act { try await onText(text) }() },
                    onNone: { [self] isRefused in
                        let none = Seen(hint: Say(isRefused ? .cameraRefused : .cameraAbsent), progress: seen.progress)
                        act { [self] in
                            show(scanPage(why, none, hasCamera: false, back: back, onText: onText, onBytes: onBytes))
                        }()
                    }))
            }
            if let progress = seen.progress { Block.progress(progress) }
            if let hint = seen.hint { Block.fact(.care, hint) }
            Block.openFile(Block.OpenFile(
                say: Say(.openFile),
                onBytes: { [self] bytes in act { try await onBytes(bytes) }() },
                onFail: act { [self] in tell(Say(.fileUnreadable), back) }))
            Block.text(Say(.scanHelp), .quiet)
        }
    }

    /// The pick of a language: each by its own name.
    func languages() -> Block {
        let all = Language.allCases
        let chosen = all.firstIndex(of: phone.language) ?? 0
        return .pick(Block.Pick(Say(.language), all.map { Say.text($0.ownName) }, chosen: chosen) { [self] chosen in
            Task { await speak(all[chosen]) }
        })
    }

    private func speak(_ language: Language) {
        phone.language = language
        show(page)
    }
}

/// Takes in what a camera or a file brings.
typealias Taking<What> = @ModelActor @Sendable (What) async throws -> Void

/// What the camera has seen so far, for the page that scans: what was wrong with the last code, and how much is there.
struct Seen: Sendable {
    var hint: Say?
    var progress: Block.Progress?

    static let nothing = Seen()

    /// A code that does not help; the camera goes on.
    static func wrong(_ error: Error) -> Seen { Seen(hint: Problems.say(error)) }

    /// Some of the codes of a transfer.
    static func some(_ seen: UInt32, of: UInt32, isDisturbed: Bool) -> Seen {
        let say = Say(.scanProgress, ["seen": seen, "of": of])
        return Seen(
            hint: isDisturbed ? Say(.scanDisturbed) : nil,
            progress: Block.Progress(seen: Int(seen), of: Int(of), say: say))
    }
}

extension Modules {
    init(_ symbol: Symbol) {
        self.init(width: Int(symbol.width()), dark: symbol.modules().map { $0 == 1 })
    }
}
