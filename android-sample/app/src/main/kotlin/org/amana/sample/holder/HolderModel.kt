package org.amana.sample.holder

import java.io.File
import org.amana.AmanaException
import org.amana.DeviceKeyName
import org.amana.FileAge
import org.amana.Holder
import org.amana.HostException
import org.amana.Protection
import org.amana.Wallet
import org.amana.WalletHost
import org.amana.sample.model.Model
import org.amana.sample.model.Phone
import org.amana.sample.model.Problems
import org.amana.sample.model.Slip
import org.amana.sample.page.Block
import org.amana.sample.page.EntryKind
import org.amana.sample.page.Mark
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Tone
import org.amana.sample.page.Weight
import org.amana.sample.page.Word
import org.amana.sample.page.fact
import org.amana.sample.page.fields

/** The holder's app: its doors and its cards. The other pages are extensions of it, in files beside this one. */
class HolderModel(phone: Phone, private val file: File, private val host: WalletHost, internal val anchor: String) : Model(phone) {
    private var wallet: Wallet? = null
    private var open: Holder? = null

    /** The open wallet; a page that needs it is never shown without it. */
    internal val holder: Holder get() = open ?: throw Closed()

    /** Whether cards' keys can lie in the device itself. */
    internal val hasDeviceKeys get() = host.holderKeys != null

    override suspend fun start() {
        val found = try {
            Wallet.open(file.path, host)
        } catch (_: AmanaException.NotFound) {
            return welcome()
        } catch (_: AmanaException.NotAVault) {
            return lost(Say(Word.PROBLEM_NOT_A_VAULT))
        }
        wallet = found
        try {
            found.checkDevice()
        } catch (error: AmanaException.Host) {
            return deviceSays(error)
        } catch (_: AmanaException.NotAVault) {
            return lost(Say(Word.PROBLEM_NOT_A_VAULT))
        }
        doors()
    }

    override suspend fun home() = if (open?.isOpen() == true) cards() else start()

    override suspend fun failed(error: Throwable, back: suspend () -> Unit) = when {
        // It was closed meanwhile: nothing of what was shown may be shown again.
        error is Closed || error is AmanaException.Locked -> start()
        else -> super.failed(error, back)
    }

    /** The app went out of sight, or its holder closes it: at once, whatever is being done. */
    fun closeNow() = interrupt(
        // Also while a door is being opened: it must not come open out of sight.
        need = { open != null || isBusy },
        first = {
            val holder = open
            open = null
            show(waiting(Word.CLOSING))
            holder?.closeNow()
        },
        then = { start() },
    )

    // First start.

    private fun welcome() = show(
        Page(
            Say(Word.WELCOME_TITLE),
            listOf(
                Block.Text(Say(Word.WELCOME_WHAT)),
                languages(),
                protection(),
                Block.Button(Say(Word.WELCOME_START), Weight.MAIN, act { chooseDoor() }),
            ),
        ),
    )

    internal fun protection(): Block.Fact = when (host.deviceKey.protection()) {
        Protection.HARDWARE -> fact(Say(Say.explained("protection-hardware")))
        Protection.SOFTWARE -> fact(Say(Say.explained("protection-software")))
        Protection.NONE -> fact(Say(Say.explained("protection-none")))
    }

    private fun chooseDoor() {
        val door = doorPick(0)
        val (pin, again) = pinTwice()
        show(
            Page(
                Say(Word.DOOR_CHOOSE_TITLE),
                listOf(
                    Block.Text(Say(Word.DOORS_WHAT)),
                    door,
                    pin,
                    again,
                    Block.Text(Say(Word.PIN_HELP), Tone.QUIET),
                    Block.Button(Say(Word.DOOR_CREATE), Weight.MAIN, act(Word.CREATING, ::chooseDoor) {
                        same(pin, again)
                        wallet = create(number(door), pin.text)
                        enter(number(door), pin.text)
                    }),
                ),
                back = act { welcome() },
            ),
        )
    }

    /** A wallet anew. Where the phone has lost the key of one before, that one is opened by nobody: a new key takes its place. */
    private suspend fun create(door: UByte, pin: String): Wallet = try {
        Wallet.create(file.path, door, pin, host)
    } catch (error: AmanaException.Host) {
        if (error.failure !is HostException.Missing) throw error
        host.deviceKey.replace(DeviceKeyName.HEADER)
        Wallet.create(file.path, door, pin, host)
    }

    // The doors.

    private fun doors() = show(doors(doorPick(0), Block.Entry(Say(Word.PIN), EntryKind.PIN), null, 0uL))

    private fun doors(door: Block.Pick, pin: Block.Entry, hint: Say?, wait: ULong): Page {
        val unlock = act(Word.UNLOCKING, { doors() }) { enter(number(door), pin.text) }
        return Page(
            Say(Word.DOORS_TITLE),
            listOfNotNull(
                hint?.let { Block.Fact(Mark.CARE, it) },
                door,
                pin,
                if (wait > 0uL) {
                    Block.Waiting(Say(Word.PROBLEM_WAIT, "seconds" to wait))
                } else {
                    Block.Button(Say(Word.UNLOCK), Weight.MAIN, unlock)
                },
                languages(),
            ),
        )
    }

    private suspend fun enter(door: UByte, pin: String) {
        val wallet = this.wallet ?: return start()
        try {
            open = wallet.unlock(door, pin)
        } catch (error: AmanaException.WrongPin) {
            return again(door, Say(Word.PROBLEM_WRONG_PIN), error.retryAfter)
        } catch (error: AmanaException.TooSoon) {
            // That PIN was not even looked at.
            return again(door, null, error.retryAfter)
        } catch (error: AmanaException.Host) {
            return deviceSays(error)
        }
        cards()
    }

    /** The doors again, after so many seconds; what is typed meanwhile stays. */
    private fun again(door: UByte, hint: Say?, seconds: ULong) {
        val (pick, pin) = doorPick(door.toInt() - 1) to Block.Entry(Say(Word.PIN), EntryKind.PIN)
        countDown(seconds) { left -> doors(pick, pin, hint, left) }
    }

    /** Another door, for whoever types this PIN there from now on. */
    internal fun takeDoor() {
        val door = doorPick(1)
        val (pin, again) = pinTwice()
        val sure = Block.Choice(Say(Word.DOOR_TAKE_SURE), isChosen = false, isGrave = true)
        show(
            Page(
                Say(Word.DOOR_TAKE_TITLE),
                listOf(
                    Block.Fact(Mark.CARE, Say(Word.DOOR_TAKE_WHAT)),
                    door,
                    pin,
                    again,
                    sure,
                    Block.Button(Say(Word.DOOR_TAKE), Weight.GRAVE, act(Word.CREATING, { takeDoor() }) {
                        same(pin, again)
                        if (!sure.isChosen) throw Slip(Word.PROBLEM_UNSURE)
                        checkNotNull(wallet).takeDoorAndDestroyWhatIsBehind(number(door), pin.text)
                        tell(Say(Word.DOOR_TAKEN)) { settings() }
                    }),
                ),
                back = act { settings() },
            ),
        )
    }

    // The device has no key for this wallet, or not now.

    private fun deviceSays(error: AmanaException.Host) = when (error.failure) {
        is HostException.Missing, is HostException.Invalidated -> lost(Problems.say(error))
        else -> tell(Problems.say(error)) { start() }
    }

    /**
     * Nothing opens this file any more, or it is none of ours. It is set aside, never deleted: a new one takes its
     * place.
     */
    private fun lost(why: Say) = show(
        Page(
            Say(Word.LOST_TITLE),
            listOf(
                Block.Fact(Mark.BAD, why),
                Block.Text(Say(Word.LOST_WHAT)),
                Block.Button(Say(Word.TRY_AGAIN), Weight.MAIN, act { start() }),
                Block.Button(Say(Word.LOST_SET_ASIDE), Weight.GRAVE, act {
                    setAside()
                    start()
                }),
            ),
        ),
    )

    private fun setAside() {
        wallet = null
        val aside = generateSequence(1) { it + 1 }.map { File(file.parentFile, "${file.name}.aside-$it") }.first { !it.exists() }
        // With what SQLite keeps beside it: a piece without the others is of no use to anybody.
        for (end in listOf("-wal", "-shm", "-journal", "")) {
            val part = File(file.path + end)
            if (part.exists() && !part.renameTo(File(aside.path + end))) throw java.io.IOException("rename")
        }
    }

    // The cards.

    internal suspend fun cards() {
        val state = holder.state()
        val cards = holder.cards()
        val unreadable = holder.unreadableCards().size
        val isUnseen = state.file != FileAge.Newest || !state.recordsIntact
        val rows = cards.map { card ->
            val issuer = Say.name(card.issuerNames, card.issuer)
            val days = listOfNotNull(
                card.validUntil?.let { Say(Word.CARD_UNTIL, "day" to it) },
                Say(Word.CARD_REISSUE).takeIf { card.needsReissue },
            )
            Block.Row(Say.card(card.cardType), listOf(issuer) + days, act { card(card.id) })
        }
        show(
            Page(
                Say(Word.CARDS_TITLE),
                state.explain.map { fact(Say.of(it)) } +
                    listOfNotNull(
                        Block.Button(Say(Word.CARDS_SEEN), act = act { holder.acknowledge(); cards() }).takeIf { isUnseen },
                        Block.Fact(Mark.CARE, Say(Word.CARDS_UNREADABLE, "count" to unreadable)).takeIf { unreadable > 0 },
                        Block.Text(Say(Word.CARDS_NONE)).takeIf { cards.isEmpty() },
                    ) + rows + listOf(
                        Block.Button(Say(Word.SCAN), Weight.MAIN, act { scan() }),
                        Block.Button(Say(Word.HISTORY_TITLE), act = act { history() }),
                        Block.Button(Say(Word.BACKUP_TITLE), act = act { backup() }),
                        Block.Button(Say(Word.SETTINGS_TITLE), act = act { settings() }),
                        Block.Button(Say(Word.CLOSE), act = { closeNow() }),
                    ),
                back = { closeNow() },
            ),
        )
    }

    internal suspend fun card(id: String) {
        val card = holder.cards().first { it.id == id }
        val claims = holder.claims(id)
        val fields = fields(claims)
        show(
            Page(
                Say.card(card.cardType),
                listOfNotNull(
                    Block.Field(Say(Word.CARD_ISSUER), Say.name(card.issuerNames, card.issuer)),
                    card.validUntil?.let { Block.Text(Say(Word.CARD_UNTIL, "day" to it)) },
                    Block.Fact(Mark.CARE, Say(Word.CARD_REISSUE)).takeIf { card.needsReissue },
                    Block.Fact(Mark.CARE, Say(Word.CARD_BEARER)).takeIf { !card.hasHolderKey },
                ) + fields + Block.Button(Say(Word.CARD_DELETE), Weight.GRAVE, act { confirmDelete(id) }),
                back = act { cards() },
            ),
        )
    }

    private fun confirmDelete(id: String) = show(
        Page(
            Say(Word.CARD_DELETE),
            listOf(
                Block.Fact(Mark.CARE, Say(Word.CARD_DELETE_WHAT)),
                Block.Button(Say(Word.CARD_KEEP), Weight.MAIN, act { card(id) }),
                Block.Button(Say(Word.CARD_DELETE), Weight.GRAVE, act { holder.delete(id); cards() }),
            ),
            back = act { card(id) },
        ),
    )

    private fun waiting(word: Word) = Page(Say(Word.APP_NAME), listOf(Block.Waiting(Say(word))))
}

/** The wallet was closed before this could be done. */
internal class Closed : Exception()
