import AmanaScreens
import SwiftUI
import UIKit

/// Draws a page: each kind of block as one kind of view, in the words of one language.
struct PageView: View {
    let page: Page
    let words: Words
    let screen: Screen

    var body: some View {
        ScrollView {
            VStack(alignment: .leading, spacing: Looks.gap) {
                if let back = page.back {
                    ActButton(label: words.text(.back), weight: .plain, act: back)
                        .fixedSize(horizontal: true, vertical: false)
                }
                Text(verbatim: words.text(page.title))
                    .sized(Looks.titleSize, .bold)
                    .foregroundColor(Looks.ink.color)
                    .accessibilityAddTraits(.isHeader)
                ForEach(placed) { BlockView(block: $0.block, words: words, screen: screen) }
                if page.aloud {
                    ActButton(label: words.text(.readAloud), weight: .plain, act: { screen.readAloud() })
                }
            }
            .wide()
            .padding(Looks.margin)
        }
        // Another page begins at its top; the same one, with more on it, stays where it is.
        .id(page.title)
        .background(Looks.paper.color.ignoresSafeArea())
    }

    /// What is typed and chosen, and the camera, stay while a page changes around them; all else is drawn anew.
    private var placed: [Placed] {
        page.blocks.enumerated().map { index, block in
            switch block {
            case .camera: Placed(id: "camera", block: block)
            case .choice(let choice): Placed(id: choice.id, block: block)
            case .pick(let pick): Placed(id: pick.id, block: block)
            case .entry(let entry): Placed(id: entry.id, block: block)
            default: Placed(id: [AnyHashable(page.id), AnyHashable(index)], block: block)
            }
        }
    }
}

private struct Placed: Identifiable {
    let id: AnyHashable
    let block: Block
}

private struct BlockView: View {
    let block: Block
    let words: Words
    let screen: Screen

    var body: some View {
        switch block {
        case .text(let say, let tone): line(words.text(say), tone)
        case .fact(let mark, let say, let isMain): fact(mark, words.text(say), isMain)
        case .field(let label, let value): field(words.text(label), words.text(value))
        case .picture(let bytes, let say): picture(bytes, words.text(say))
        case .row(let say, let detail, let act): row(([say] + detail).map { words.text($0) }, act)
        case .button(let say, let weight, let act): ActButton(label: words.text(say), weight: weight, act: act)
        case .choice(let choice): ChoiceView(choice: choice, label: words.text(choice.say))
        case .pick(let pick):
            PickView(pick: pick, label: words.text(pick.label), options: pick.options.map { words.text($0) })
        case .entry(let entry): EntryView(entry: entry, label: words.text(entry.label))
        case .code(let code): CodeView(code: code, label: words.text(code.say))
        case .camera(let camera): LensView(camera: camera).aspectRatio(1, contentMode: .fit)
        case .progress(let progress): self.progress(progress, words.text(progress.say))
        case .waiting(let say): waiting(words.text(say))
        case .openFile(let open): ActButton(label: words.text(open.say), weight: .plain, act: { screen.open(open) })
        case .saveFile(let save): ActButton(label: words.text(save.say), weight: .main, act: { screen.save(save) })
        }
    }

    private func line(_ text: String, _ tone: Tone) -> some View {
        Text(verbatim: text)
            .sized(Looks.size(tone), tone == .heading ? .bold : .regular)
            .foregroundColor(Looks.ink(tone).color)
            .fixedSize(horizontal: false, vertical: true)
            .wide()
    }

    private func fact(_ mark: Mark, _ said: String, _ isMain: Bool) -> some View {
        let word = words.text(mark)
        let (ground, ink) = Looks.fact(mark, isMain: isMain)
        let side = isMain ? Looks.mainMark : Looks.mark
        return HStack(spacing: Looks.gap) {
            MarkView(mark: mark, isMain: isMain).frame(width: side, height: side)
            VStack(alignment: .leading) {
                if mark != .note, !isMain { Text(verbatim: word).sized(Looks.quietSize) }
                Text(verbatim: said)
                    .sized(isMain ? Looks.headingSize : Looks.textSize, isMain ? .bold : .regular)
                    .fixedSize(horizontal: false, vertical: true)
            }
            .foregroundColor(ink.color)
        }
        .wide()
        .padding(Looks.gap)
        .ground(ground)
        .asOne(mark == .note ? said : "\(word): \(said)")
    }

    private func field(_ label: String, _ value: String) -> some View {
        VStack(alignment: .leading) {
            line(label, .quiet)
            line(value, .heading)
        }
        .asOne("\(label): \(value)")
    }

    @ViewBuilder
    private func picture(_ bytes: Data, _ label: String) -> some View {
        if let image = UIImage(data: bytes) {
            Image(uiImage: image)
                .resizable()
                .scaledToFit()
                .frame(maxHeight: Looks.picture)
                .accessibilityLabel(Text(verbatim: label))
        } else {
            line(label, .quiet)
        }
    }

    private func row(_ lines: [String], _ act: @escaping Act) -> some View {
        Button(action: act) {
            VStack(alignment: .leading) {
                ForEach(Array(lines.enumerated()), id: \.offset) {
                    line($0.element, $0.offset == 0 ? .heading : .quiet)
                }
            }
            .multilineTextAlignment(.leading)
            .padding(Looks.gap)
            .frame(minHeight: Looks.target)
            .ground(Looks.field)
        }
        .buttonStyle(.plain)
        .accessibilityLabel(Text(verbatim: lines.joined(separator: ". ")))
    }

    private func progress(_ progress: Block.Progress, _ said: String) -> some View {
        VStack(alignment: .leading) {
            ProgressView(value: Double(min(progress.seen, progress.of)), total: Double(max(progress.of, 1)))
                .tint(Looks.accent.color)
            line(said, .quiet)
        }
        .asOne(said)
        .accessibilityAddTraits(.updatesFrequently)
    }

    private func waiting(_ said: String) -> some View {
        HStack(spacing: Looks.gap) {
            ProgressView().tint(Looks.accent.color).frame(width: Looks.target, height: Looks.target)
            line(said, .plain)
        }
        .asOne(said)
        .accessibilityAddTraits(.updatesFrequently)
    }
}

private struct ActButton: View {
    let label: String
    let weight: Weight
    let act: () -> Void

    var body: some View {
        let (ground, ink) = Looks.button(weight)
        Button(action: act) {
            Text(verbatim: label)
                .sized(Looks.textSize)
                .foregroundColor(ink.color)
                .multilineTextAlignment(.center)
                .padding(Looks.gap)
                .frame(maxWidth: .infinity, minHeight: Looks.target)
                .ground(ground, line: weight == .main ? nil : ink)
        }
        .buttonStyle(.plain)
    }
}

/// A box to tick, on a line of its own that is touched as a whole.
private struct ChoiceView: View {
    let choice: Block.Choice
    let label: String
    @State private var isChosen: Bool

    init(choice: Block.Choice, label: String) {
        self.choice = choice
        self.label = label
        _isChosen = State(initialValue: choice.isChosen)
    }

    var body: some View {
        Toggle(isOn: $isChosen) {
            Text(verbatim: label)
                .sized(Looks.textSize)
                .foregroundColor((choice.isGrave ? Looks.grave : Looks.ink).color)
                .fixedSize(horizontal: false, vertical: true)
        }
        .tint((choice.isGrave ? Looks.grave : Looks.accent).color)
        .frame(minHeight: Looks.target)
        .onChange(of: isChosen) { choice.choose($0) }
    }
}

/// One of several: a line for each.
private struct PickView: View {
    let pick: Block.Pick
    let label: String
    let options: [String]
    @State private var chosen: Int

    init(pick: Block.Pick, label: String, options: [String]) {
        self.pick = pick
        self.label = label
        self.options = options
        _chosen = State(initialValue: pick.chosen)
    }

    var body: some View {
        VStack(alignment: .leading, spacing: 0) {
            Text(verbatim: label).sized(Looks.quietSize).foregroundColor(Looks.quietInk.color)
            ForEach(Array(options.enumerated()), id: \.offset) { option($0.offset, $0.element) }
        }
        .accessibilityElement(children: .contain)
        .accessibilityLabel(Text(verbatim: label))
    }

    private func option(_ index: Int, _ text: String) -> some View {
        let isChosen = index == chosen
        return Button(action: { choose(index) }) {
            HStack(spacing: Looks.gap) {
                Image(systemName: isChosen ? "largecircle.fill.circle" : "circle").foregroundColor(Looks.accent.color)
                Text(verbatim: text).foregroundColor(Looks.ink.color)
            }
            .sized(Looks.textSize)
            .frame(maxWidth: .infinity, minHeight: Looks.target, alignment: .leading)
            .contentShape(Rectangle())
        }
        .buttonStyle(.plain)
        .accessibilityLabel(Text(verbatim: text))
        .accessibilityAddTraits(isChosen ? .isSelected : [])
    }

    private func choose(_ index: Int) {
        chosen = index
        pick.choose(index)
    }
}

/// Something to type. Nothing corrects it or learns from it; a PIN is not seen.
private struct EntryView: View {
    let entry: Block.Entry
    let label: String
    @State private var text: String

    init(entry: Block.Entry, label: String) {
        self.entry = entry
        self.label = label
        _text = State(initialValue: entry.text)
    }

    var body: some View {
        VStack(alignment: .leading) {
            Text(verbatim: label)
                .sized(Looks.quietSize)
                .foregroundColor(Looks.quietInk.color)
                .accessibilityHidden(true)
            line
                .sized(Looks.textSize)
                .foregroundColor(Looks.ink.color)
                .disableAutocorrection(true)
                .textInputAutocapitalization(.never)
                .privacySensitive()
                .padding(.horizontal, Looks.gap)
                .ground(Looks.paper, line: Looks.line)
                .accessibilityLabel(Text(verbatim: label))
                .onChange(of: text) { entry.text = $0 }
        }
    }

    @ViewBuilder
    private var line: some View {
        switch entry.kind {
        case .pin: SecureField("", text: $text).frame(minHeight: Looks.target)
        case .passphrase, .words: TextEditor(text: $text).keyboardType(.asciiCapable).frame(minHeight: 2 * Looks.target)
        }
    }
}
