package org.amana.sample.holder

import org.amana.KeyPlace
import org.amana.sample.page.Block
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Weight
import org.amana.sample.page.Word

/** A desk offers a card: where is its key to lie? */
internal fun HolderModel.offered(offer: String) {
    val inDevice = Block.Choice(Say(Word.OFFER_IN_DEVICE), isChosen = false)
    show(
        Page(
            Say(Word.OFFER_TITLE),
            listOfNotNull(
                Block.Text(Say(Word.OFFER_WHAT)),
                inDevice.takeIf { hasDeviceKeys },
                Block.Button(Say(Word.OFFER_TAKE), Weight.MAIN, act(Word.WAIT) {
                    enrolled(holder.enrolWith(offer, if (inDevice.isChosen) KeyPlace.DEVICE else KeyPlace.VAULT))
                }),
            ),
            back = act { cards() },
        ),
    )
}

/** The desk scans this, and shows the card. */
private fun HolderModel.enrolled(enrolment: String) = show(
    Page(
        Say(Word.ENROL_TITLE),
        listOf(
            code(enrolment, Word.ENROL_CODE),
            Block.Text(Say(Word.ENROL_WHAT)),
            Block.Button(Say(Word.ENROL_SCAN), Weight.MAIN, act { scan() }),
        ),
        back = act { cards() },
    ),
)
