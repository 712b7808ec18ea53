package org.amana.sample.model

import java.util.concurrent.Executors
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import org.amana.Frames
import org.amana.Symbol
import org.amana.sample.page.Block
import org.amana.sample.page.Mark
import org.amana.sample.page.Modules
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Weight
import org.amana.sample.page.Word

/**
 * What both apps' models have in common: one thread of their own on which everything happens, so that nothing of the core runs
 * on the thread that draws; one act at a time; a page for everything that can fail.
 */
abstract class Model(protected val phone: Phone) {
    private val thread = Executors.newSingleThreadExecutor { Thread(it, "model").apply { isDaemon = true } }
    private val scope = CoroutineScope(SupervisorJob() + thread.asCoroutineDispatcher())
    private val busy = Mutex()
    @Volatile private var current: Job? = null

    /** How many milliseconds a second takes while seconds are counted down: tests do not wait for it. */
    internal var second = 1000L

    /** The page to show. */
    @Volatile var page = Page(Say(Word.APP_NAME), listOf(Block.Waiting(Say(Word.WAIT))))
        private set

    /** Told of every new page, on the model's thread. */
    @Volatile var onPage: ((Page) -> Unit)? = null

    /** Shows the first page. */
    fun begin() = act { start() }()

    protected abstract suspend fun start()

    /** Where to go on after a failure. */
    protected abstract suspend fun home()

    /** Ends its thread. What is being done is finished. */
    fun end() {
        scope.cancel()
        thread.shutdown()
    }

    internal fun show(page: Page) {
        this.page = page
        onPage?.invoke(page)
    }

    /**
     * Something to do when a person or the camera says so: on the model's thread, and dropped where something is being done
     * already. What fails has its page, with the way on that `back` is.
     */
    internal fun act(waiting: Word? = null, back: (suspend () -> Unit)? = null, work: suspend () -> Unit): () -> Unit = {
        scope.launch {
            if (!busy.tryLock()) return@launch
            current = coroutineContext[Job]
            try {
                if (waiting != null) show(Page(page.title, listOf(Block.Waiting(Say(waiting)))))
                guarded(back ?: ::home, work)
            } finally {
                busy.unlock()
            }
        }
    }

    /** Whether something is being done. */
    protected val isBusy get() = busy.isLocked

    /**
     * Something that is done at once, where there is `need` of it. What was being done shows nothing any more; what the core has
     * begun of it it finishes, and `then` comes after that.
     */
    internal fun interrupt(need: () -> Boolean, first: suspend () -> Unit, then: suspend () -> Unit) {
        // On the model's thread from here: what was touched a moment before has begun by now.
        scope.launch {
            if (!need()) return@launch
            val before = current
            before?.cancel()
            guarded(::home) {
                first()
                before?.join()
                then()
            }
        }
    }

    /** Also what no app expects, such as a library that is not there: a person is told, never left waiting. */
    private suspend fun guarded(back: suspend () -> Unit, work: suspend () -> Unit) {
        try {
            work()
        } catch (error: CancellationException) {
            throw error
        } catch (error: Throwable) {
            try {
                failed(error, back)
            } catch (error: CancellationException) {
                throw error
            } catch (error: Throwable) {
                tell(Problems.say(error), back)
            }
        }
    }

    /** The page of a failure: what happened, and what to do next. */
    protected open suspend fun failed(error: Throwable, back: suspend () -> Unit): Unit = tell(Problems.say(error), back)

    internal fun tell(say: Say, back: suspend () -> Unit) = show(
        Page(
            Say(Word.PROBLEM_TITLE),
            listOf(Block.Fact(Mark.CARE, say), Block.Button(Say(Word.GO_ON), Weight.MAIN, act { back() })),
            back = act { back() },
        ),
    )

    /** Shows a page for each second that is left, and then the last one. */
    internal fun countDown(seconds: ULong, pageAt: (left: ULong) -> Page) {
        scope.launch {
            for (left in seconds downTo 0uL) {
                val shown = pageAt(left)
                show(shown)
                if (left > 0uL) delay(second)
                if (page !== shown) return@launch
            }
        }
    }

    /** The code of a text: one, or several to cycle where one would be too fine for this screen. */
    internal fun code(text: String, say: Word): Block.Code {
        val one = runCatching { Symbol.of(text) }.getOrNull()?.takeIf { it.fits(phone.codePixels.toUInt()) }
        return Block.Code(if (one != null) listOf(modules(one)) else frames(text), Say(say))
    }

    private fun frames(text: String): List<Modules> {
        val frames = Frames.of(text, phone.codePixels.toUInt())
        // Those beyond the first round repair what a camera missed.
        val count = frames.symbols() * 3u / 2u + 2u
        return (0u until count).map { modules(frames.symbol(it)) }
    }

    private fun modules(symbol: Symbol): Modules {
        val modules = symbol.modules()
        return Modules(symbol.width().toInt(), BooleanArray(modules.size) { modules[it].toInt() == 1 })
    }

    /** The pick of a language: each by its own name. */
    internal fun languages() = Block.Pick(
        Say(Word.LANGUAGE),
        Language.entries.map { Say.text(it.ownName) },
        Language.entries.indexOf(phone.language),
    ) { chosen ->
        phone.language = Language.entries[chosen]
        // The same page in other words.
        scope.launch { onPage?.invoke(page) }
    }
}
