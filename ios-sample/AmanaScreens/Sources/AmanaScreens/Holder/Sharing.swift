import Amana

private let needs: Set = ["claim-needed", "claim-optional", "claim-beyond"]

/// A claim that can be chosen, and its choice on the page.
private struct Asked: Sendable {
    let path: String
    let isBeyond: Bool
    let choice: Block.Choice
}

extension HolderModel {
    /// Who asks what, and why; each claim is chosen by itself.
    func asked(_ request: String) async throws { try asked(request, await holder.receive(scanned: request)) }

    private func asked(_ text: String, _ request: IncomingRequest) throws {
        let needed = Set(try request.needed())
        let items = Dictionary(try request.items().map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let (name, registrar) = names(try request.asker())
        var claims: [Asked] = []
        let blocks: [Block] = try request.explain().map { message in
            let say = Say.of(message, ["name": name, "registrar": registrar])
            let item = message.args()["claim"].flatMap { items[$0] }
            guard let item, needs.contains(message.id()) else { return fact(say) }
            guard item.held else { return .text(Say(.askedNotHeld, ["claim": item.path]), .quiet) }
            let isBeyond = item.need == .beyond
            let choice = Block.Choice(say, isChosen: needed.contains(item.path), isGrave: isBeyond)
            claims.append(Asked(path: item.path, isBeyond: isBeyond, choice: choice))
            return .choice(choice)
        }
        let all = claims
        show(Page(Say(.askedTitle), back: act { [self] in try await cards() }, aloud: true) {
            blocks
            Block.button(Say(.askedGoOn), .main, act: act(back: { [self] in try await asked(text) }) { [self] in
                let chosen = all.filter { !$0.isBeyond && $0.choice.isChosen }.map(\.path)
                let beyond = all.filter { $0.isBeyond && $0.choice.isChosen }.map(\.path)
                // What is beyond the registration takes an act of its own, never the one that shares the rest.
                if !beyond.isEmpty { return sure(text, request, chosen, beyond) }
                try consent(text, request.consent(share: chosen))
            })
            Block.button(Say(.askedDecline), act: act(.wait) { [self] in
                try answered(await request.decline(), .declinedWhat)
            })
        })
    }

    private func sure(_ text: String, _ request: IncomingRequest, _ chosen: [String], _ beyond: [String]) {
        let back: Work = { [self] in try await asked(text) }
        show(Page(Say(.beyondTitle), back: act(doing: back), aloud: true) {
            for path in beyond { fact(Say(Say.explained("claim-beyond"), args: ["claim": path])) }
            Block.text(Say(.beyondWhat))
            Block.button(Say(.beyondWithout), .main, act: act(back: back) { [self] in
                try consent(text, request.consent(share: chosen))
            })
            Block.button(Say(.beyondShare), .grave, act: act(back: back) { [self] in
                try consent(text, request.consentBeyondRegistration(share: chosen, beyond: beyond))
            })
        })
    }

    /// What will be shown and what not, before the last tap.
    private func consent(_ text: String, _ consent: Consent) throws {
        let told = try consent.explain()
        show(Page(Say(.consentTitle), back: act { [self] in try await asked(text) }, aloud: true) {
            for message in told { fact(Say.of(message)) }
            Block.button(Say(.consentShow), .main, act: act(.wait) { [self] in
                try answered(await consent.respond(), .answerWhat)
            })
        })
    }

    /// The answer, for the verifier's camera. It is in the history already, or says why not.
    private func answered(_ answer: Answer, _ what: Word) throws {
        show(try Page(Say(.answerTitle), back: act { [self] in try await cards() }) {
            try code(answer.text(), .answerCode)
            Block.text(Say(what))
            for message in answer.explain() { fact(Say.of(message)) }
            Block.button(Say(.done), .main, act: act { [self] in try await cards() })
        })
    }
}

/// The asker's name and the registrar's, by language, as far as the wallet believes them.
private func names(_ asker: Asker) -> ([String: String], [String: String]) {
    switch asker {
    case .registered(let names, let registrar, _): (names, registrar)
    case .lapsed(let names, _, _): (names, [:])
    case .unregistered: ([:], [:])
    }
}
