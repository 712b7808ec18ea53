import Amana
import Foundation

/// The field worker's app: ask, scan, see what is known and what is not. It holds no wallet.
public final class CheckModel: Model {
    private let kit: Kit
    private let tally: Tally
    private let clock: any Clock

    public nonisolated init(_ phone: any Phone, shelf: any Shelf, anchor: String, clock: any Clock) {
        kit = Kit(shelf, anchor, clock)
        tally = Tally(shelf)
        self.clock = clock
        super.init(phone)
    }

    override func start() async throws { try await home() }

    override func home() async throws {
        do {
            guard let verifier = try await kit.verifier() else { return load() }
            purposes(verifier)
        } catch {
            // What is here does not go together, such as another key's registration: what does is loaded in its place.
            load(.fact(.care, Problems.say(error)))
        }
    }

    private func purposes(_ verifier: Verifier) {
        let purposes = verifier.purposes()
        let names = verifier.names()
        show(Page(names.isEmpty ? Say(.checkTitle) : Say.name(names, "")) {
            Block.text(Say(.checkWhat))
            if purposes.isEmpty { Block.fact(.care, Say(.checkUnregistered)) }
            for purpose in purposes {
                let asks = (purpose.needed + purpose.optional).map(Say.field)
                let open = act { [self] in try await ask(verifier, purpose) }
                Block.row(Say.purpose(purpose.code), detail: asks, act: open)
            }
            Block.button(Say(.checkCard), act: act { [self] in scanCard(verifier, Collector(), .nothing) })
            Block.button(Say(.tallyTitle), act: act { [self] in try today() })
            Block.button(Say(.knownTitle), act: act { [self] in try known(verifier) })
            Block.button(Say(.loadTitle), act: act { [self] in load() })
            languages()
        })
    }

    // Asking.

    private func ask(_ verifier: Verifier, _ purpose: Purpose) async throws {
        let claims = purpose.needed + purpose.optional
        let open = try await verifier.request(purpose: purpose.code, claims: claims, keep: [])
        show(try Page(Say.purpose(purpose.code), back: act(doing: leave(open))) {
            try code(open.text(), .askCode)
            Block.text(Say(.askWhat))
            Block.button(Say(.askScan), .main, act: act { [self] in scanAnswer(open, Collector(), .nothing) })
            for claim in claims { Block.text(Say.field(claim), .quiet) }
        })
    }

    private func leave(_ open: OpenRequest) -> Work {
        { [self] in
            open.cancel()
            try await home()
        }
    }

    private func scanAnswer(_ open: OpenRequest, _ collector: Collector, _ seen: Seen) {
        show(scanPage(
            .scanWhyAnswer, seen,
            back: leave(open),
            onText: { [self] text in
                let again: Again = { [self] in scanAnswer(open, collector, $0) }
                try await gather(collector, text, again) { _, whole in try await judge(open, whole) }
            },
            onBytes: { [self] in try await judge(open, trimmed($0)) }))
    }

    private func judge(_ open: OpenRequest, _ answer: String) async throws {
        switch try await open.judge(scanned: answer) {
        case .answered(let verdict): self.verdict(verdict)
        case .declined: found(Say(.declinedTitle), .declined, [.fact(.note, Say(.declinedTold))])
        }
    }

    // A card that is shown by itself.

    private func scanCard(_ verifier: Verifier, _ collector: Collector, _ seen: Seen) {
        show(scanPage(
            .scanWhyCard, seen,
            back: { [self] in try await home() },
            onText: { [self] text in
                let again: Again = { [self] in scanCard(verifier, collector, $0) }
                let judge: Taking<String> = { [self] in verdict(try await verifier.judgeCard(card: Data($0.utf8))) }
                try await gather(collector, text, again, other: judge) { kind, whole in
                    // A request in view is the other app's: no card, and nothing wrong with it either.
                    guard kind == .card else { throw Slip(.problemNoCard) }
                    try await judge(whole)
                }
            },
            onBytes: { [self] in verdict(try await verifier.judgeCard(card: $0)) }))
    }

    // What was found.

    private func verdict(_ verdict: Verdict) {
        let claims = verdict.claims()
        var issuer: [String: String] = [:]
        if case .genuine(let names) = verdict.authenticity() { issuer = names }
        let facts = verdict.explain().map { fact(Say.of($0, ["issuer": issuer])) }
        let shown = claims.names().sorted().flatMap { fields(claims, $0) }
        found(Say(.verdictTitle), kind(verdict.decision()), facts + shown)
    }

    /// Shown first and counted then: a phone that is full keeps no verdict from anybody.
    private func found(_ title: Say, _ kind: Tally.Kind, _ blocks: [Block]) {
        let next = act { [self] in try await home() }
        func tell(_ blocks: [Block]) {
            show(Page(title, back: next, aloud: true) {
                blocks
                Block.button(Say(.next), .main, act: next)
            })
        }
        tell(blocks)
        do { try tally.count(phone.today(), kind) } catch { tell(blocks + [.fact(.care, Say(.tallyMissed))]) }
    }

    private func kind(_ decision: Decision) -> Tally.Kind {
        switch decision {
        case .accept: .accepted
        case .acceptWithException: .exception
        case .refuse: .refused
        }
    }

    private func today() throws {
        let day = phone.today()
        let counts = try tally.of(day)
        let words: [(Tally.Kind, Word)] = [
            (.accepted, .tallyAccepted), (.exception, .tallyException), (.refused, .tallyRefused),
            (.declined, .tallyDeclined),
        ]
        show(Page(Say(.tallyTitle), back: act { [self] in try await home() }) {
            Block.text(Say(.tallyDay, ["day": day]), .heading)
            for (kind, word) in words {
                Block.field(label: Say(word), value: Say.text(String(counts[kind, default: 0])))
            }
            Block.text(Say(.tallyWhat), .quiet)
        })
    }

    // What it goes by, and how old that is.

    private func known(_ verifier: Verifier) throws {
        let known = verifier.knowledge()
        let isOver = phone.today() > known.trustUntil || phone.today() < known.trustFrom
        let edition: [String: any CustomStringConvertible] =
            ["edition": known.trustSequence, "from": known.trustFrom, "until": known.trustUntil]
        let (now, isStrict) = try (clock.now(), kit.isStrict())
        show(Page(Say(.knownTitle), back: act { [self] in try await home() }) {
            Block.fact(isOver ? .care : .good, Say(.knownTrust, edition))
            for list in known.lists {
                let isOld = list.staleFrom.map { $0 <= now } ?? false
                let say = Say(isOld ? .knownListOld : .knownList, ["name": list.uri, "day": day(list.asOf)])
                Block.fact(isOld ? .care : .good, say)
            }
            if known.lists.isEmpty { Block.fact(.care, Say(.knownNoLists)) }
            Block.choice(Block.Choice(Say(.knownStrict), isChosen: isStrict) { [self] strict in
                act { [self] in
                    try kit.setStrict(strict)
                    if let verifier = try await kit.verifier() { try self.known(verifier) } else { load() }
                }()
            })
            Block.button(Say(.loadTitle), .main, act: act { [self] in load() })
        })
    }

    private func load(_ hint: Block? = nil) {
        let parts: [(Bool, Word)] =
            [(kit.hasKey, .loadKey), (kit.hasTrust, .loadTrust), (kit.hasRegistration, .loadRegistration)]
        let done = kit.hasKey && kit.hasTrust ? act { [self] in try await home() } : nil
        show(Page(Say(.loadTitle), back: done) {
            if let hint { hint }
            Block.text(Say(.loadWhat))
            for (isThere, word) in parts { Block.fact(isThere ? .good : .note, Say(word)) }
            Block.openFile(Block.OpenFile(
                say: Say(.openFile),
                onBytes: { [self] bytes in act(back: { [self] in load() }) { [self] in try await take(bytes) }() },
                onFail: act { [self] in tell(Say(.fileUnreadable)) { [self] in load() } }))
            Block.button(Say(.loadScan), act: act { [self] in scanKit(Collector(), .nothing) })
            if let done { Block.button(Say(.done), .main, act: done) }
            languages()
        })
    }

    private func scanKit(_ collector: Collector, _ seen: Seen) {
        show(scanPage(
            .scanWhyKit, seen,
            back: { [self] in load() },
            onText: { [self] text in
                let again: Again = { [self] in scanKit(collector, $0) }
                let other: Taking<String> = { [self] in try await take(Data($0.utf8)) }
                try await gather(collector, text, again, other: other) { kind, whole in
                    try await take(kind, Data(whole.utf8))
                }
            },
            onBytes: { [self] in try await take($0) }))
    }

    private func take(_ kind: Kind, _ bytes: Data) async throws {
        switch kind {
        case .bundle: try kit.takeTrust(bytes)
        case .statusList: try await kit.takeList(bytes)
        default: throw Slip(.problemNotForKit)
        }
        load(.fact(.good, Say(.loadTaken)))
    }

    /// A file: it says itself what it is, by what can be made of it.
    private func take(_ bytes: Data) async throws {
        let text = trimmed(bytes)
        if case .whole(let kind, let whole) = try? Collector().add(scanned: text) {
            return try await take(kind, Data(whole.utf8))
        }
        let ways: [Work] = [
            { [self] in try kit.takeKey(text) }, { [self] in try kit.takeRegistration(bytes) },
            { [self] in try await kit.takeList(bytes) },
        ]
        var errors: [Error] = []
        for way in ways {
            do {
                try await way()
                return load(.fact(.good, Say(.loadTaken)))
            } catch where error is AmanaError || error is Slip {
                errors.append(error)
            }
        }
        // The one that tells most: it was recognised, and something else is wrong with it.
        throw errors.first(where: isTelling) ?? Slip(.problemNotForKit)
    }

    private func isTelling(_ error: Error) -> Bool {
        switch error {
        case AmanaError.Untrusted: true
        case AmanaError.Invalid(let problem): problem.reason == "registration"
        default: error is Slip
        }
    }

    private func day(_ seconds: Int64) -> String {
        let format = ISO8601DateFormatter()
        format.formatOptions = .withFullDate
        return format.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }
}
