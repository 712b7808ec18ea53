import Amana
import Foundation

/// The holder's app: its doors and its cards. The other pages are extensions of it, in files beside this one.
public final class HolderModel: Model {
    let anchor: String
    private let file: URL
    private let host: WalletHost
    private var wallet: Wallet?
    private var open: Holder?

    /// - Parameters:
    ///   - file: where the wallet lies, or will.
    ///   - anchor: the one key that the app is built with: whoever has its other half says whom to believe.
    public nonisolated init(_ phone: any Phone, file: URL, host: WalletHost, anchor: String) {
        self.file = file
        self.host = host
        self.anchor = anchor
        super.init(phone)
    }

    /// The open wallet; a page that needs it is never shown without it.
    var holder: Holder {
        get throws {
            guard let open else { throw Closed() }
            return open
        }
    }

    /// Whether cards' keys can lie in the device itself.
    var hasDeviceKeys: Bool { host.holderKeys != nil }

    override func start() async throws {
        do {
            let found = try await Wallet.open(file: file.path, host: host)
            wallet = found
            try await found.checkDevice()
        } catch AmanaError.NotFound {
            return try welcome()
        } catch AmanaError.NotAVault {
            return lost(Say(.problemNotAVault))
        } catch AmanaError.Host(_, let failure) {
            return deviceSays(failure)
        }
        doors()
    }

    override func home() async throws {
        if let open, open.isOpen() { try await cards() } else { try await start() }
    }

    override func failed(_ error: Error, _ back: @escaping Work) async {
        // It was closed meanwhile: nothing of what was shown may be shown again.
        guard isClosed(error) else { return await super.failed(error, back) }
        do {
            try await start()
        } catch {
            await super.failed(error) { [self] in try await home() }
        }
    }

    private func isClosed(_ error: Error) -> Bool {
        if case AmanaError.Locked = error { return true }
        return error is Closed
    }

    /// The app went out of sight, or its holder closes it: at once, whatever is being done. Also what is just being
    /// opened is closed.
    public nonisolated func closeNow() { Task { await close() } }

    private func close() async {
        guard open != nil || isBusy else { return }
        await interrupt({ [self] in
            let closing = open
            open = nil
            show(Page(Say(.appName)) { Block.waiting(Say(.closing)) })
            try await closing?.closeNow()
        }, then: { [self] in try await start() })
    }

    // First start.

    private func welcome() throws {
        show(try Page(Say(.welcomeTitle)) {
            Block.text(Say(.welcomeWhat))
            languages()
            try protection()
            Block.button(Say(.welcomeStart), .main, act: act { [self] in chooseDoor() })
        })
    }

    func protection() throws -> Block {
        switch try host.deviceKey.protection() {
        case .hardware: fact(Say(Say.explained("protection-hardware")))
        case .software: fact(Say(Say.explained("protection-software")))
        case .none: fact(Say(Say.explained("protection-none")))
        }
    }

    private func chooseDoor() {
        let door = doorPick(0)
        let (pin, again) = pinTwice()
        show(Page(Say(.doorChooseTitle), back: act { [self] in try welcome() }) {
            Block.text(Say(.doorsWhat))
            Block.pick(door)
            Block.entry(pin)
            Block.entry(again)
            Block.text(Say(.pinHelp), .quiet)
            Block.button(Say(.doorCreate), .main, act: act(.creating, back: { [self] in chooseDoor() }) { [self] in
                try same(pin, again)
                wallet = try await make(number(door), pin.text)
                try await enter(number(door), pin.text)
            })
        })
    }

    private func make(_ door: UInt8, _ pin: String) async throws -> Wallet {
        let doors = [DeviceKeyName.door1, .door2, .door3, .door4]
        for key in [.header, doors[Int(door) - 1]] {
            do {
                return try await Wallet.create(file: file.path, door: door, pin: pin, host: host)
            } catch AmanaError.Host(_, let failure) where failure == .Missing || failure == .Invalidated {
                // A device that has lost a key says so until it is told to make another. There is no wallet here that
                // still needs the old one.
                try host.deviceKey.replace(key: key)
            }
        }
        return try await Wallet.create(file: file.path, door: door, pin: pin, host: host)
    }

    // The doors.

    private func doors(_ door: Int = 0) { show(doors(doorPick(door), Block.Entry(Say(.pin), .pin), nil, 0)) }

    private func doors(_ door: Block.Pick, _ pin: Block.Entry, _ hint: Say?, _ wait: UInt64) -> Page {
        let unlock = act(.unlocking, back: { [self] in doors(door.chosen) }) { [self] in
            try await enter(number(door), pin.text)
        }
        return Page(Say(.doorsTitle)) {
            if let hint { Block.fact(.care, hint) }
            Block.pick(door)
            Block.entry(pin)
            if wait > 0 {
                Block.waiting(Say(.problemWait, ["seconds": wait]))
            } else {
                Block.button(Say(.unlock), .main, act: unlock)
            }
            languages()
        }
    }

    private func enter(_ door: UInt8, _ pin: String) async throws {
        try Task.checkCancellation()
        guard let wallet else { return try await start() }
        do {
            let opened = try await wallet.unlock(door: door, pin: pin)
            // The app went out of sight while it opened: nobody is there to have it open.
            if Task.isCancelled { return try await opened.closeNow() }
            open = opened
        } catch AmanaError.WrongPin(_, let seconds) {
            return refused(door, Say(.problemWrongPin), seconds)
        } catch AmanaError.TooSoon(_, let seconds) {
            // This PIN was not looked at: nothing is known of it.
            return refused(door, nil, seconds)
        } catch AmanaError.Host(_, let failure) {
            return deviceSays(failure)
        }
        try await cards()
    }

    private func refused(_ door: UInt8, _ hint: Say?, _ seconds: UInt64) {
        // The same all the time that is counted down: what is chosen and typed meanwhile stays.
        let (pick, pin) = (doorPick(Int(door) - 1), Block.Entry(Say(.pin), .pin))
        countDown(seconds) { [self] left in doors(pick, pin, hint, left) }
    }

    /// Another door, for whoever types this PIN there from now on.
    func takeDoor() {
        let door = doorPick(1)
        let (pin, again) = pinTwice()
        let sure = Block.Choice(Say(.doorTakeSure), isChosen: false, isGrave: true)
        show(Page(Say(.doorTakeTitle), back: act { [self] in try settings() }) {
            Block.fact(.care, Say(.doorTakeWhat))
            Block.pick(door)
            Block.entry(pin)
            Block.entry(again)
            Block.choice(sure)
            Block.button(Say(.doorTake), .grave, act: act(.creating, back: { [self] in takeDoor() }) { [self] in
                try same(pin, again)
                guard sure.isChosen else { throw Slip(.problemUnsure) }
                guard let wallet else { throw Closed() }
                try await wallet.takeDoorAndDestroyWhatIsBehind(door: number(door), pin: pin.text)
                tell(Say(.doorTaken)) { [self] in try settings() }
            })
        })
    }

    // The device has no key for this wallet, or not now.

    private func deviceSays(_ failure: HostError) {
        let say = Problems.say(failure)
        switch failure {
        case .Missing, .Invalidated: lost(say)
        case .Locked, .Cancelled, .Unavailable: tell(say) { [self] in try await start() }
        }
    }

    /// Nothing opens this file any more, or it is none of ours. It is set aside, never deleted: a new one takes its
    /// place.
    private func lost(_ why: Say) {
        show(Page(Say(.lostTitle)) {
            Block.fact(.bad, why)
            Block.text(Say(.lostWhat))
            Block.button(Say(.tryAgain), .main, act: act { [self] in try await start() })
            Block.button(Say(.lostSetAside), .grave, act: act { [self] in
                try setAside()
                try await start()
            })
        })
    }

    private func setAside() throws {
        wallet = nil
        let files = FileManager.default
        var number = 1
        func aside() -> String { "\(file.path).aside-\(number)" }
        while files.fileExists(atPath: aside()) { number += 1 }
        // With what SQLite keeps beside it: a piece without the others is of no use to anybody.
        for end in ["-wal", "-shm", "-journal", ""] where files.fileExists(atPath: file.path + end) {
            try files.moveItem(atPath: file.path + end, toPath: aside() + end)
        }
    }

    // The cards.

    func cards() async throws {
        let holder = try holder
        let state = try await holder.state()
        let cards = try await holder.cards()
        let unreadable = try await holder.unreadableCards().count
        show(Page(Say(.cardsTitle), back: { [self] in closeNow() }) {
            for message in state.explain { fact(Say.of(message)) }
            if state.file != .newest || !state.recordsIntact {
                Block.button(Say(.cardsSeen), act: act { [self] in
                    try await self.holder.acknowledge()
                    try await self.cards()
                })
            }
            if unreadable > 0 { Block.fact(.care, Say(.cardsUnreadable, ["count": unreadable])) }
            if cards.isEmpty { Block.text(Say(.cardsNone)) }
            for card in cards { row(card) }
            Block.button(Say(.scan), .main, act: act { [self] in scan() })
            Block.button(Say(.historyTitle), act: act { [self] in try await history() })
            Block.button(Say(.backupTitle), act: act { [self] in try await backup() })
            Block.button(Say(.settingsTitle), act: act { [self] in try settings() })
            Block.button(Say(.close), act: { [self] in closeNow() })
        })
    }

    private func row(_ card: CardSummary) -> Block {
        var detail = [Say.name(card.issuerNames, card.issuer)]
        if let day = card.validUntil { detail.append(Say(.cardUntil, ["day": day])) }
        if card.needsReissue { detail.append(Say(.cardReissue)) }
        return .row(Say.card(card.cardType), detail: detail, act: act { [self] in try await self.card(card.id) })
    }

    func card(_ id: String) async throws {
        let holder = try holder
        guard let card = try await holder.cards().first(where: { $0.id == id }) else { return try await cards() }
        let claims = try await holder.claims(card: id)
        show(Page(Say.card(card.cardType), back: act { [self] in try await cards() }) {
            Block.field(label: Say(.cardIssuer), value: Say.name(card.issuerNames, card.issuer))
            if let day = card.validUntil { Block.text(Say(.cardUntil, ["day": day])) }
            if card.needsReissue { Block.fact(.care, Say(.cardReissue)) }
            if !card.hasHolderKey { Block.fact(.care, Say(.cardBearer)) }
            for name in claims.names().sorted() { fields(claims, name) }
            Block.button(Say(.cardDelete), .grave, act: act { [self] in confirmDelete(id) })
        })
    }

    private func confirmDelete(_ id: String) {
        show(Page(Say(.cardDelete), back: act { [self] in try await card(id) }) {
            Block.fact(.care, Say(.cardDeleteWhat))
            Block.button(Say(.cardKeep), .main, act: act { [self] in try await card(id) })
            Block.button(Say(.cardDelete), .grave, act: act { [self] in
                try await holder.delete(card: id)
                try await cards()
            })
        })
    }
}

/// The wallet was closed before this could be done.
struct Closed: Error {}
