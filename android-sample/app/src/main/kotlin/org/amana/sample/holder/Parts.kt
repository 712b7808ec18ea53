package org.amana.sample.holder

import org.amana.sample.model.Slip
import org.amana.sample.page.Block
import org.amana.sample.page.EntryKind
import org.amana.sample.page.Say
import org.amana.sample.page.Word

/** What several of the holder's pages have. */

internal fun doorPick(chosen: Int) = Block.Pick(Say(Word.DOOR), (1..4).map { Say(Word.DOOR_NUMBER, "number" to it) }, chosen)

internal fun number(door: Block.Pick): UByte = (door.chosen + 1).toUByte()

internal fun pinTwice() = Block.Entry(Say(Word.PIN_NEW), EntryKind.PIN) to Block.Entry(Say(Word.PIN_AGAIN), EntryKind.PIN)

internal fun same(pin: Block.Entry, again: Block.Entry) {
    if (pin.text != again.text) throw Slip(Word.PROBLEM_PINS_DIFFER)
}
