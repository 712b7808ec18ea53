import Amana

extension HolderModel {
    /// What is chosen once.
    func settings() throws {
        show(try Page(Say(.settingsTitle), back: act { [self] in try await cards() }) {
            languages()
            try protection()
            Block.button(Say(.pinChange), act: act { [self] in changePin() })
            Block.button(Say(.panicTitle), act: act { [self] in panicPin() })
            Block.button(Say(.doorTakeTitle), act: act { [self] in takeDoor() })
            Block.button(Say(.trustLoad), act: act { [self] in scan() })
            // Not `settingsOffline`: there is no permission for a network here that an app could do without.
        })
    }

    private func changePin() {
        let current = Block.Entry(Say(.pinCurrent), .pin)
        let (new, again) = pinTwice()
        show(Page(Say(.pinChange), back: act { [self] in try settings() }) {
            Block.entry(current)
            Block.entry(new)
            Block.entry(again)
            Block.text(Say(.pinHelp), .quiet)
            Block.button(Say(.pinChange), .main, act: act(.wait, back: { [self] in changePin() }) { [self] in
                try same(new, again)
                try await holder.changePin(current: current.text, new: new.text)
                tell(Say(.pinChanged)) { [self] in try settings() }
            })
        })
    }

    /// A PIN that destroys what is behind this door. Nobody can be shown whether there is one.
    private func panicPin() {
        let current = Block.Entry(Say(.pinCurrent), .pin)
        let (panic, again) = pinTwice()
        let sure = Block.Choice(Say(.panicSure), isChosen: false, isGrave: true)
        show(Page(Say(.panicTitle), back: act { [self] in try settings() }) {
            Block.fact(.care, Say(.panicWhat))
            Block.entry(current)
            Block.entry(panic)
            Block.entry(again)
            Block.choice(sure)
            Block.button(Say(.panicSet), .grave, act: act(.wait, back: { [self] in panicPin() }) { [self] in
                try same(panic, again)
                guard sure.isChosen else { throw Slip(.problemUnsure) }
                try await holder.setPanicPin(current: current.text, panic: panic.text, opens: nil)
                tell(Say(.panicDone)) { [self] in try settings() }
            })
            Block.button(Say(.panicUnset), act: act(.wait, back: { [self] in panicPin() }) { [self] in
                try await holder.unsetPanicPin(current: current.text)
                tell(Say(.panicDone)) { [self] in try settings() }
            })
        })
    }
}
