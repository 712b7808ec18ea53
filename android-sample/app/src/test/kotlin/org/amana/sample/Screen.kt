package org.amana.sample

import android.graphics.Bitmap
import android.graphics.Canvas
import android.os.Bundle
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.CompoundButton
import android.widget.EditText
import android.widget.TextView
import java.util.concurrent.TimeUnit
import org.amana.sample.device.AndroidPhone
import org.amana.sample.device.Decoder
import org.amana.sample.model.Language
import org.amana.sample.page.Block
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Word
import org.amana.sample.view.CodeView
import org.amana.sample.view.Looks
import org.amana.sample.view.PageView
import org.amana.sample.view.Words
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** An app on a screen, as a person has it before them: what can be read there, and what can be touched. */
class Screen<A : ScreenActivity<*>>(private val kind: Class<A>) {
    private var controller: ActivityController<A> = Robolectric.buildActivity(kind)

    val activity: A get() = controller.get()
    val page: Page get() = checkNotNull(activity.shown)
    private val words get() = Words(activity, AndroidPhone(activity).language)
    private val root: View get() = activity.window.decorView

    fun open(): Screen<A> {
        controller.setup()
        return this
    }

    /** Waits until the model's page has this title and is drawn. */
    fun await(title: Word): Screen<A> = await { it.title.id == title.id }

    /** The same, where a page of this title has to say something besides. */
    fun await(title: Word, says: Word): Screen<A> = await { it.title.id == title.id && says(says.id) }

    fun await(is_: (Page) -> Boolean): Screen<A> {
        val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S)
        while (true) {
            shadowOf(Looper.getMainLooper()).idle()
            if (is_(page) && page.blocks.none { it is Block.Waiting && it.say.id in BUSY }) break
            check(System.nanoTime() < end) { "still on ${page.title.id}: " + texts().joinToString(" | ") }
            Thread.sleep(2)
        }
        shadowOf(Looper.getMainLooper()).idle()
        return this
    }

    /** Everything that stands there, line by line. */
    fun texts(): List<String> = views(root).filterIsInstance<TextView>().flatMap(::lines).filter { it.isNotEmpty() }

    fun sees(word: Word, vararg args: Pair<String, Any>) = sees(Say(word, *args))

    fun sees(say: Say): Boolean = words.text(say).let { text -> texts().any { it == text } }

    /** Whether a sentence with this id is on the page. */
    fun says(id: String) = page.blocks.any { block ->
        when (block) {
            is Block.Fact -> block.say.id == id
            is Block.Text -> block.say.id == id
            is Block.Choice -> block.say.id == id
            else -> false
        }
    }

    /** Touches whatever has this text: a button, a row, a choice. */
    fun tap(word: Word, vararg args: Pair<String, Any>) = tap(words.text(Say(word, *args)))

    fun tap(text: String): Screen<A> {
        val view = views(root).filterIsInstance<TextView>().firstOrNull { text in lines(it) }
        checkNotNull(view) { "nothing says \"$text\": " + texts().joinToString(" | ") }
        val touched = generateSequence<View>(view) { it.parent as? View }.first { it.isClickable }
        check(touched.isEnabled) { "\"$text\" does nothing" }
        touched.performClick()
        return this
    }

    /** Types into the fields of a page, from top to bottom. */
    fun type(vararg texts: String): Screen<A> {
        val fields = views(root).filterIsInstance<EditText>()
        check(fields.size >= texts.size) { "${fields.size} fields" }
        fields.zip(texts).forEach { (field, text) -> field.setText(text) }
        return this
    }

    fun touchRow(index: Int): Screen<A> {
        page.blocks.filterIsInstance<Block.Row>()[index].act()
        return this
    }

    fun check(index: Int): Screen<A> {
        val choice = views(root).filterIsInstance<CompoundButton>().filter { it.javaClass.simpleName == "CheckBox" }[index]
        choice.performClick()
        return this
    }

    /** What the camera of this phone reads. */
    fun scan(text: String): Screen<A> {
        page.blocks.filterIsInstance<Block.Camera>().first().onText(text)
        return this
    }

    fun openFile(bytes: ByteArray): Screen<A> {
        page.blocks.filterIsInstance<Block.OpenFile>().first().onBytes(bytes)
        return this
    }

    /**
     * The pixels of this screen, as another phone's camera would have them: how light each point is, from a hand that
     * moves.
     */
    fun readCode(): String {
        val bitmap = picture()
        val (width, height) = bitmap.width to bitmap.height
        val pixels = IntArray(width * height).also { bitmap.getPixels(it, 0, width, 0, 0, width, height) }
        val read = MOVES.firstNotNullOfOrNull { (right, down) ->
            val luma = ByteArray((width - right) * (height - down)) { index ->
                val (x, y) = right + index % (width - right) to down + index / (width - right)
                (pixels[y * width + x] shr 8 and 0xFF).toByte()
            }
            Decoder().read(luma, width - right, height - down, width - right)
        }
        return checkNotNull(read) { "no code on the screen" }
    }

    /** The codes that this screen shows one after the other, without end. */
    fun codes(): Sequence<String> = generateSequence {
        readCode().also { shadowOf(Looper.getMainLooper()).idleFor(200, TimeUnit.MILLISECONDS) }
    }

    /** The whole page as it is drawn, beyond the end of the screen as well. */
    fun picture(): Bitmap = picture(views(root).filterIsInstance<PageView>().first())

    /** Another page, in other words, as this screen would draw it. */
    fun draw(page: Page, words: Words, look: (PageView) -> Unit = {}): Bitmap {
        val view = PageView(activity, activity).apply { show(page, words) }
        return picture(view).also { look(view) }
    }

    private fun picture(view: PageView): Bitmap {
        val metrics = activity.resources.displayMetrics
        val column = view.getChildAt(0)
        val exactly = View.MeasureSpec.makeMeasureSpec(metrics.widthPixels, View.MeasureSpec.EXACTLY)
        view.measure(exactly, View.MeasureSpec.makeMeasureSpec(metrics.heightPixels, View.MeasureSpec.EXACTLY))
        column.measure(exactly, View.MeasureSpec.makeMeasureSpec(0, View.MeasureSpec.UNSPECIFIED))
        val height = maxOf(column.measuredHeight, metrics.heightPixels)
        view.layout(0, 0, metrics.widthPixels, metrics.heightPixels)
        column.layout(0, 0, metrics.widthPixels, height)
        // As it is at rest, not on its way there.
        column.jumpDrawablesToCurrentState()
        return Bitmap.createBitmap(metrics.widthPixels, height, Bitmap.Config.ARGB_8888).also { bitmap ->
            val canvas = Canvas(bitmap)
            canvas.drawColor(Looks.PAPER)
            column.draw(canvas)
        }
    }

    /** Measures and lays out what is drawn, as the phone does before each picture. */
    fun layOut() {
        val metrics = activity.resources.displayMetrics
        val exactly = { size: Int -> View.MeasureSpec.makeMeasureSpec(size, View.MeasureSpec.EXACTLY) }
        root.measure(exactly(metrics.widthPixels), exactly(metrics.heightPixels))
        root.layout(0, 0, metrics.widthPixels, metrics.heightPixels)
    }

    fun codeView(): CodeView = views(root).filterIsInstance<CodeView>().first()

    fun all(): List<View> = views(root)

    /** The phone is turned, or its language changed. */
    fun turn(qualifiers: String): Screen<A> {
        org.robolectric.RuntimeEnvironment.setQualifiers(qualifiers)
        controller.configurationChange()
        return this
    }

    /** Another life of this app, begun with what the system had saved of this one. */
    fun reborn(): Screen<A> {
        val state = Bundle()
        controller.saveInstanceState(state)
        return Screen(kind).also { it.controller.setup(state) }
    }

    fun end() {
        controller.pause().stop().destroy()
    }

    /** The system ends the app and brings it back with what it had saved. */
    fun die(): Screen<A> {
        val state = Bundle()
        controller.saveInstanceState(state).pause().stop().destroy()
        controller = Robolectric.buildActivity(kind)
        controller.setup(state)
        return this
    }

    fun leave(): Screen<A> {
        controller.pause().stop()
        return this
    }

    fun comeBack(): Screen<A> {
        controller.restart().resume()
        return this
    }

    fun back(): Screen<A> {
        @Suppress("DEPRECATION")
        activity.onBackPressed()
        return this
    }

    fun speak(language: Language): Screen<A> {
        AndroidPhone(activity).language = language
        return this
    }

    private fun lines(view: TextView) = view.text.lines().map { it.trim('\u2066', '\u2068', '\u2069') }

    private fun views(view: View): List<View> = walk(view).toList()

    private fun walk(view: View): Sequence<View> = sequence {
        yield(view)
        if (view is ViewGroup) for (index in 0 until view.childCount) yieldAll(walk(view.getChildAt(index)))
    }

    private companion object {
        const val PATIENCE_S = 60L
        val MOVES = listOf(0 to 0, 3 to 5, 7 to 2, 4 to 9, 11 to 6)
        val BUSY = setOf(Word.WAIT, Word.CREATING, Word.UNLOCKING, Word.CLOSING).map { it.id }
    }
}
