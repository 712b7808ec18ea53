import Amana

extension HolderModel {
    /// A desk offers a card: where is its key to lie?
    func offered(_ offer: String) {
        let inDevice = Block.Choice(Say(.offerInDevice), isChosen: false)
        show(Page(Say(.offerTitle), back: act { [self] in try await cards() }) {
            Block.text(Say(.offerWhat))
            if hasDeviceKeys { Block.choice(inDevice) }
            Block.button(Say(.offerTake), .main, act: act(.wait) { [self] in
                try await enrolled(holder.enrolWith(offer: offer, place: inDevice.isChosen ? .device : .vault))
            })
        })
    }

    /// The desk scans this, and shows the card.
    private func enrolled(_ enrolment: String) throws {
        show(try Page(Say(.enrolTitle), back: act { [self] in try await cards() }) {
            try code(enrolment, .enrolCode)
            Block.text(Say(.enrolWhat))
            Block.button(Say(.enrolScan), .main, act: act { [self] in scan() })
        })
    }
}
