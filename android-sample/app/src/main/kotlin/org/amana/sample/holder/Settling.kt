package org.amana.sample.holder

import org.amana.sample.model.Slip
import org.amana.sample.page.Block
import org.amana.sample.page.EntryKind
import org.amana.sample.page.Mark
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Tone
import org.amana.sample.page.Weight
import org.amana.sample.page.Word

/** What is chosen once. */
internal fun HolderModel.settings() = show(
    Page(
        Say(Word.SETTINGS_TITLE),
        listOf(
            languages(),
            protection(),
            Block.Button(Say(Word.PIN_CHANGE), act = act { changePin() }),
            Block.Button(Say(Word.PANIC_TITLE), act = act { panicPin() }),
            Block.Button(Say(Word.DOOR_TAKE_TITLE), act = act { takeDoor() }),
            Block.Button(Say(Word.TRUST_LOAD), act = act { scan() }),
            Block.Text(Say(Word.SETTINGS_OFFLINE), Tone.QUIET),
        ),
        back = act { cards() },
    ),
)

private fun HolderModel.changePin() {
    val current = Block.Entry(Say(Word.PIN_CURRENT), EntryKind.PIN)
    val (new, again) = pinTwice()
    show(
        Page(
            Say(Word.PIN_CHANGE),
            listOf(
                current,
                new,
                again,
                Block.Text(Say(Word.PIN_HELP), Tone.QUIET),
                Block.Button(Say(Word.PIN_CHANGE), Weight.MAIN, act(Word.WAIT, { changePin() }) {
                    same(new, again)
                    holder.changePin(current.text, new.text)
                    tell(Say(Word.PIN_CHANGED)) { settings() }
                }),
            ),
            back = act { settings() },
        ),
    )
}

/** A PIN that destroys what is behind this door. Nobody can be shown whether there is one. */
private fun HolderModel.panicPin() {
    val current = Block.Entry(Say(Word.PIN_CURRENT), EntryKind.PIN)
    val (panic, again) = pinTwice()
    val sure = Block.Choice(Say(Word.PANIC_SURE), isChosen = false, isGrave = true)
    show(
        Page(
            Say(Word.PANIC_TITLE),
            listOf(
                Block.Fact(Mark.CARE, Say(Word.PANIC_WHAT)),
                current,
                panic,
                again,
                sure,
                Block.Button(Say(Word.PANIC_SET), Weight.GRAVE, act(Word.WAIT, { panicPin() }) {
                    same(panic, again)
                    if (!sure.isChosen) throw Slip(Word.PROBLEM_UNSURE)
                    holder.setPanicPin(current.text, panic.text, null)
                    tell(Say(Word.PANIC_DONE)) { settings() }
                }),
                Block.Button(Say(Word.PANIC_UNSET), act = act(Word.WAIT, { panicPin() }) {
                    holder.unsetPanicPin(current.text)
                    tell(Say(Word.PANIC_DONE)) { settings() }
                }),
            ),
            back = act { settings() },
        ),
    )
}
