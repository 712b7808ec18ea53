import Amana
@testable import AmanaScreens
import Foundation
import XCTest

/// Somebody with an app before them: what can be read there, and what can be touched. On the main thread, as views are.
@MainActor
final class Person<App: Model> {
    nonisolated let app: App
    private nonisolated let words: Words
    private nonisolated let seen: Seeing

    /// Begins the app.
    init(_ app: App) throws {
        self.app = app
        words = try Catalog.read().words(.english)
        let seen = Seeing()
        self.seen = seen
        app.onPage = { seen.pages.value.append($0) }
        app.begin()
    }

    nonisolated var page: Page { app.page }

    /// Every page that was shown.
    nonisolated var pages: [Page] { seen.pages.value }

    /// Waits until the page has this title.
    @discardableResult
    func sees(_ title: Word, line: UInt = #line) async throws -> Person {
        try await sees(line: line) { $0.title.id == title.rawValue }
    }

    /// Waits until the page is such a one, and can be touched unless it waits for something itself.
    @discardableResult
    func sees(line: UInt = #line, _ isIt: (Page) -> Bool) async throws -> Person {
        let end = Date() + 30
        while true {
            let seen = page
            // Asked after the page was seen: what showed it is over then, and the next touch is not dropped.
            let isFree = await !app.isBusy
            if isIt(seen), isFree || seen.isWaiting, seen === page { return self }
            guard Date() < end else { throw Lost("line \(line): still on \(page.title.id): \(texts())") }
            try await Task.sleep(nanoseconds: 2_000_000)
        }
    }

    /// Everything that stands there.
    nonisolated func texts() -> [String] { page.says.map { words.text($0) } }

    /// Whether this stands there.
    nonisolated func reads(_ text: String) -> Bool {
        texts().contains { $0.filter { !"\u{2066}\u{2068}\u{2069}".contains($0) } == text }
    }

    /// Whether sentences of these names are on the page.
    nonisolated func says(_ ids: String...) -> Bool { ids.allSatisfy { id in page.says.contains { $0.id == id } } }

    nonisolated func says(_ word: Word) -> Bool { says(word.rawValue) }

    /// Touches the button or the row that has this text.
    @discardableResult
    func taps(_ word: Word, line: UInt = #line) throws -> Person { try taps(line: line) { $0.id == word.rawValue } }

    /// Touches the row or button that says this.
    @discardableResult
    func taps(_ say: Say, line: UInt = #line) throws -> Person { try taps(line: line) { $0.id == say.id } }

    private func taps(line: UInt, _ isIt: (Say) -> Bool) throws -> Person {
        for block in page.blocks {
            switch block {
            case .button(let say, _, let act) where isIt(say): act()
            case .row(let say, _, let act) where isIt(say): act()
            default: continue
            }
            return self
        }
        throw Lost("line \(line): nothing to touch on \(page.title.id): \(texts())")
    }

    /// Opens the row of this number.
    @discardableResult
    func opens(_ index: Int) throws -> Person {
        let acts = page.blocks.compactMap { block -> Act? in if case .row(_, _, let act) = block { act } else { nil } }
        guard acts.indices.contains(index) else { throw Lost("\(acts.count) rows") }
        acts[index]()
        return self
    }

    /// What can be typed into, from top to bottom.
    nonisolated var entries: [Block.Entry] {
        page.blocks.compactMap { block -> Block.Entry? in
            if case .entry(let entry) = block { entry } else { nil }
        }
    }

    /// Types into the fields of a page, from top to bottom.
    @discardableResult
    func types(_ texts: String...) throws -> Person {
        guard entries.count >= texts.count else { throw Lost("\(entries.count) fields") }
        for (entry, text) in zip(entries, texts) { entry.text = text }
        return self
    }

    nonisolated var choices: [Block.Choice] {
        page.blocks.compactMap { block in if case .choice(let choice) = block { choice } else { nil } }
    }

    nonisolated var picks: [Block.Pick] {
        page.blocks.compactMap { block in if case .pick(let pick) = block { pick } else { nil } }
    }

    /// Allows a thing, or does not.
    @discardableResult
    func chooses(_ index: Int, _ isChosen: Bool = true) throws -> Person {
        guard choices.indices.contains(index) else { throw Lost("\(choices.count) choices") }
        choices[index].choose(isChosen)
        return self
    }

    func back() throws {
        guard let back = page.back else { throw Lost("no way back") }
        back()
    }

    /// What the camera of this phone reads.
    @discardableResult
    func scans(_ text: String) throws -> Person {
        for case .camera(let camera) in page.blocks {
            camera.onText(text)
            return self
        }
        throw Lost("no camera on \(page.title.id)")
    }

    @discardableResult
    func opensFile(_ bytes: Data) throws -> Person {
        for case .openFile(let open) in page.blocks {
            open.onBytes(bytes)
            return self
        }
        throw Lost("no file to open on \(page.title.id)")
    }

    /// The file that is handed out, as it is where it was saved.
    func savesFile(_ isSaved: Bool = true) throws -> Data {
        for case .saveFile(let save) in page.blocks {
            save.onSaved(isSaved)
            return save.bytes
        }
        throw Lost("no file to save on \(page.title.id)")
    }

    nonisolated var code: Block.Code? {
        for case .code(let code) in page.blocks { return code }
        return nil
    }

    /// What another phone reads of this screen: its codes as pictures, and from the pictures their text.
    nonisolated func shows() throws -> String {
        guard let code else { throw Lost("no code on \(page.title.id)") }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (index, symbol) in code.symbols.enumerated() {
            try png(symbol).write(to: folder.appendingPathComponent(String(format: "%04d.png", index)))
        }
        let picture = code.symbols.count == 1 ? folder.appendingPathComponent("0000.png") : folder
        return try amana("scan", picture.path).trimmed
    }
}

extension Person<HolderModel> {
    /// The app goes out of sight.
    func leaves() { app.closeNow() }
}

/// The pages that an app has shown.
final class Seeing: Sendable {
    let pages = Guarded<[Page]>([])
}

/// Where a person does not find what a test looks for.
struct Lost: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What the command says.
func amana(_ arguments: String...) throws -> String {
    let (process, output) = (Process(), Pipe())
    let command = try XCTUnwrap(ProcessInfo.processInfo.environment["AMANA_CLI"], "AMANA_CLI names the command")
    process.executableURL = URL(fileURLWithPath: command)
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Lost("amana \(arguments): \(said)") }
    return said
}

extension Page {
    var isWaiting: Bool { blocks.contains { if case .waiting = $0 { true } else { false } } }

    /// Every sentence on it.
    var says: [Say] {
        [title] + blocks.flatMap { block -> [Say] in
            switch block {
            case .text(let say, _), .fact(_, let say, _), .picture(_, let say), .waiting(let say): [say]
            case .button(let say, _, _): [say]
            case .field(let label, let value): [label, value]
            case .row(let say, let detail, _): [say] + detail
            case .choice(let choice): [choice.say]
            case .pick(let pick): [pick.label] + pick.options
            case .entry(let entry): [entry.label]
            case .code(let code): [code.say]
            case .camera: []
            case .progress(let progress): [progress.say]
            case .openFile(let open): [open.say]
            case .saveFile(let save): [save.say]
            }
        }
    }
}
