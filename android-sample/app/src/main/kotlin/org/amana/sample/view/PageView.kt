package org.amana.sample.view

import android.content.Context
import android.graphics.BitmapFactory
import android.graphics.Typeface
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.content.res.ColorStateList
import android.text.Editable
import android.text.InputType
import android.text.SpannableStringBuilder
import android.text.Spanned
import android.text.TextWatcher
import android.text.style.TextAppearanceSpan
import android.view.ActionMode
import android.view.Gravity
import android.view.Menu
import android.view.MenuItem
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.view.inputmethod.EditorInfo
import android.widget.Button
import android.widget.CheckBox
import android.widget.EditText
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.ProgressBar
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.ScrollView
import android.widget.TextView
import org.amana.sample.page.Block
import org.amana.sample.page.EntryKind
import org.amana.sample.page.Mark
import org.amana.sample.page.Page
import org.amana.sample.page.Say
import org.amana.sample.page.Tone
import org.amana.sample.page.Weight
import org.amana.sample.page.Word

/** What a page may ask of the phone. */
interface Hands {
    fun openFile(block: Block.OpenFile)

    fun saveFile(block: Block.SaveFile)

    /** A view that shows what the camera sees and gives its codes to the page that is shown. */
    fun camera(): View

    fun readAloud(text: String)
}

/** Draws a page: each kind of block as one kind of view, in the words of one language. */
class PageView(context: Context, private val hands: Hands) : ScrollView(context) {
    private val column = LinearLayout(context).apply { orientation = LinearLayout.VERTICAL }
    private var camera: View? = null
    private lateinit var words: Words

    init {
        isFillViewport = true
        setBackgroundColor(Looks.PAPER)
        // Nothing of a person's goes to autofill, which may keep it elsewhere.
        importantForAutofill = View.IMPORTANT_FOR_AUTOFILL_NO_EXCLUDE_DESCENDANTS
        val margin = dp(Looks.MARGIN)
        column.setPadding(margin, margin, margin, margin)
        addView(column, LayoutParams(MATCH_PARENT, WRAP_CONTENT))
    }

    fun show(page: Page, words: Words) {
        this.words = words
        layoutDirection = words.direction
        // The language's own way, whatever a name in a sentence begins with.
        column.textDirection = if (words.direction == View.LAYOUT_DIRECTION_RTL) View.TEXT_DIRECTION_RTL else View.TEXT_DIRECTION_LTR
        // The camera's view stays where it is while what stands around it changes: taken away, it would start anew.
        val seeing = camera.takeIf { page.blocks.any { block -> block is Block.Camera } }
        for (index in column.childCount - 1 downTo 0) if (column.getChildAt(index) !== seeing) column.removeViewAt(index)
        camera = seeing
        var at = 0
        fun add(view: View) = column.addView(view, at++, spaced())
        page.back?.let { back -> column.addView(button(text(Word.BACK), Weight.PLAIN, back), at++, spaced().apply { width = WRAP_CONTENT }) }
        add(title(words.text(page.title)))
        for (block in page.blocks) {
            if (block is Block.Camera) {
                if (seeing != null) at++ else add(hands.camera().also { camera = it })
            } else {
                add(view(block))
            }
        }
        if (page.aloud) add(button(text(Word.READ_ALOUD), Weight.PLAIN) { hands.readAloud(aloud(page)) })
        if (seeing == null) scrollTo(0, 0)
    }

    private fun view(block: Block): View = when (block) {
        is Block.Text -> text(words.text(block.say), block.tone)
        is Block.Fact -> fact(block)
        is Block.Field -> field(block)
        is Block.Picture -> picture(block)
        is Block.Row -> row(block)
        is Block.Button -> button(words.text(block.say), block.weight, block.act)
        is Block.Choice -> choice(block)
        is Block.Pick -> pick(block)
        is Block.Entry -> entry(block)
        is Block.Code -> CodeView(context, block).apply { contentDescription = words.text(block.say) }
        is Block.Camera -> hands.camera()
        is Block.Progress -> progress(block)
        is Block.Waiting -> waiting(block)
        is Block.OpenFile -> button(words.text(block.say), Weight.PLAIN) { hands.openFile(block) }
        is Block.SaveFile -> button(words.text(block.say), Weight.MAIN) { hands.saveFile(block) }
    }

    private fun title(title: String) = text(title, Tone.HEADING).apply {
        textSize = Looks.TITLE_SIZE
        setTypeface(typeface, Typeface.BOLD)
        if (android.os.Build.VERSION.SDK_INT >= android.os.Build.VERSION_CODES.P) markAsHeading(this)
    }

    @org.amana.android.SinceApi(28)
    private fun markAsHeading(view: View) {
        view.isAccessibilityHeading = true
    }

    private fun text(text: String, tone: Tone) = TextView(context).apply {
        this.text = text
        textSize = Looks.size(tone)
        setTextColor(Looks.ink(tone))
        textAlignment = View.TEXT_ALIGNMENT_VIEW_START
        if (tone == Tone.HEADING) setTypeface(typeface, Typeface.BOLD)
    }

    private fun fact(block: Block.Fact): View {
        val word = text(markWord(block.mark))
        val said = words.text(block.say)
        val isTold = block.mark != Mark.NOTE && !block.isMain
        val (ground, ink) = Looks.fact(block.mark, block.isMain)
        val lines = listOfNotNull((word to Tone.QUIET).takeIf { isTold }, said to if (block.isMain) Tone.HEADING else Tone.PLAIN)
        return lines(lines, ink).apply {
            background = ground(ground)
            gravity = Gravity.CENTER_VERTICAL
            padded()
            val mark = MarkDrawable(block.mark, block.isMain, dp(if (block.isMain) Looks.MAIN_MARK else Looks.MARK))
            setCompoundDrawablesRelativeWithIntrinsicBounds(mark, null, null, null)
            compoundDrawablePadding = dp(Looks.GAP)
            contentDescription = if (block.mark == Mark.NOTE) said else "$word: $said"
        }
    }

    private fun field(block: Block.Field): View {
        val (label, value) = words.text(block.label) to words.text(block.value)
        // What keeps text apart ends with its line.
        val shown = value.lines().joinToString("\n", transform = words::isolated)
        return lines(listOf(label to Tone.QUIET, shown to Tone.HEADING)).apply {
            contentDescription = "$label: $value"
        }
    }

    private fun picture(block: Block.Picture): View {
        val label = words.text(block.say)
        val bitmap = BitmapFactory.decodeByteArray(block.bytes, 0, block.bytes.size) ?: return text(label, Tone.QUIET)
        return ImageView(context).apply {
            setImageBitmap(bitmap)
            adjustViewBounds = true
            maxHeight = dp(PICTURE)
            contentDescription = label
        }
    }

    private fun row(block: Block.Row): View {
        val lines = (listOf(block.say) + block.detail).map(words::text)
        return lines(lines.mapIndexed { index, line -> line to if (index == 0) Tone.HEADING else Tone.QUIET }).apply {
            background = pressed(Looks.FIELD)
            minimumHeight = dp(Looks.TARGET)
            padded()
            contentDescription = lines.joinToString(". ")
            isClickable = true
            setOnClickListener { block.act() }
            accessibilityDelegate = AsButton
        }
    }

    /** What belongs together, line under line and read as one: a single view, for pages of many facts on slow phones. */
    private fun lines(lines: List<Pair<String, Tone>>, ink: Int? = null) = TextView(context).apply {
        text = SpannableStringBuilder().also { all ->
            for ((line, tone) in lines) {
                if (all.isNotEmpty()) all.append('\n')
                val style = if (tone == Tone.HEADING) Typeface.BOLD else Typeface.NORMAL
                val colour = ColorStateList.valueOf(ink ?: Looks.ink(tone))
                val look = TextAppearanceSpan(null, style, Looks.sp(context, Looks.size(tone)), colour, null)
                all.append(line, look, Spanned.SPAN_EXCLUSIVE_EXCLUSIVE)
            }
        }
        textAlignment = View.TEXT_ALIGNMENT_VIEW_START
        isFocusable = true
    }

    private fun button(label: String, weight: Weight, act: () -> Unit) = Button(context).apply {
        val (ground, ink) = Looks.button(weight)
        text = label
        isAllCaps = false
        textSize = Looks.TEXT_SIZE
        setTextColor(ink)
        background = pressed(ground, if (weight == Weight.MAIN) null else ink)
        minHeight = dp(Looks.TARGET)
        stateListAnimator = null
        padded()
        setOnClickListener { act() }
    }

    private fun choice(block: Block.Choice) = CheckBox(context).apply {
        textAlignment = View.TEXT_ALIGNMENT_VIEW_START
        text = words.text(block.say)
        textSize = Looks.TEXT_SIZE
        setTextColor(if (block.isGrave) Looks.GRAVE else Looks.INK)
        buttonTintList = ColorStateList.valueOf(if (block.isGrave) Looks.GRAVE else Looks.ACCENT)
        minHeight = dp(Looks.TARGET)
        isChecked = block.isChosen
        setOnCheckedChangeListener { _, isChosen ->
            block.isChosen = isChosen
            block.onChange(isChosen)
        }
    }

    private fun pick(block: Block.Pick) = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        val label = words.text(block.label)
        addView(text(label, Tone.QUIET))
        addView(RadioGroup(context).apply {
            contentDescription = label
            block.options.forEachIndexed { index, option ->
                addView(RadioButton(context).apply {
                    id = index + 1
                    text = words.text(option)
                    textAlignment = View.TEXT_ALIGNMENT_VIEW_START
                    textSize = Looks.TEXT_SIZE
                    setTextColor(Looks.INK)
                    buttonTintList = ColorStateList.valueOf(Looks.ACCENT)
                    minHeight = dp(Looks.TARGET)
                }, MATCH_PARENT, WRAP_CONTENT)
            }
            check(block.chosen + 1)
            setOnCheckedChangeListener { _, id ->
                block.chosen = id - 1
                block.onChange(id - 1)
            }
        })
    }

    private fun entry(block: Block.Entry) = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        val label = words.text(block.label)
        val line = EditText(context).apply {
            id = View.generateViewId()
            setText(block.text)
            textSize = Looks.TEXT_SIZE
            setTextColor(Looks.INK)
            backgroundTintList = ColorStateList.valueOf(Looks.LINE)
            // The label is another view's, for screen readers too: while it is empty this says what belongs here.
            contentDescription = label.takeIf { block.kind == EntryKind.PIN }
            hint = null
            inputType = InputType.TYPE_CLASS_TEXT or when (block.kind) {
                EntryKind.PIN -> InputType.TYPE_TEXT_VARIATION_PASSWORD
                else -> InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
            }
            isSingleLine = block.kind == EntryKind.PIN
            // After the above, which would take it back.
            minHeight = dp(Looks.TARGET)
            // Keyboards learn nothing from it, nothing of it is saved with the screen, and nothing goes to the
            // clipboard.
            imeOptions = EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING or EditorInfo.IME_ACTION_DONE
            isSaveEnabled = false
            isLongClickable = false
            customSelectionActionModeCallback = NoMenu
            customInsertionActionModeCallback = NoMenu
            addTextChangedListener(object : TextWatcher {
                override fun afterTextChanged(text: Editable) {
                    block.text = text.toString()
                }

                override fun beforeTextChanged(text: CharSequence, start: Int, count: Int, after: Int) = Unit

                override fun onTextChanged(text: CharSequence, start: Int, before: Int, count: Int) = Unit
            })
        }
        addView(text(label, Tone.QUIET).apply { labelFor = line.id })
        addView(line, MATCH_PARENT, WRAP_CONTENT)
    }

    private fun progress(block: Block.Progress) = LinearLayout(context).apply {
        orientation = LinearLayout.VERTICAL
        val said = words.text(block.say)
        addView(ProgressBar(context, null, android.R.attr.progressBarStyleHorizontal).apply {
            max = block.of
            progress = block.seen
            progressTintList = ColorStateList.valueOf(Looks.ACCENT)
        }, MATCH_PARENT, dp(Looks.MARGIN))
        addView(text(said, Tone.QUIET))
        asOne(said)
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }

    private fun waiting(block: Block.Waiting) = LinearLayout(context).apply {
        gravity = Gravity.CENTER_VERTICAL
        val said = words.text(block.say)
        addView(ProgressBar(context).apply { indeterminateTintList = ColorStateList.valueOf(Looks.ACCENT) }, dp(Looks.TARGET), dp(Looks.TARGET))
        addView(text(said, Tone.PLAIN), LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f).apply { marginStart = dp(Looks.GAP) })
        asOne(said)
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }

    /** Everything that matters on a page, as one text to be spoken. */
    private fun aloud(page: Page): String = page.blocks.mapNotNull { block ->
        when (block) {
            is Block.Text -> words.text(block.say)
            is Block.Fact -> if (block.mark == Mark.NOTE) words.text(block.say) else "${text(markWord(block.mark))}. ${words.text(block.say)}"
            is Block.Choice -> "${words.text(block.say)} ${text(if (block.isChosen) Word.CHOSEN else Word.NOT_CHOSEN)}."
            is Block.Field -> "${words.text(block.label)}: ${words.text(block.value)}."
            else -> null
        }
    }.joinToString("\n")

    private fun text(word: Word) = words.text(Say(word))

    private fun markWord(mark: Mark) = when (mark) {
        Mark.GOOD -> Word.MARK_GOOD
        Mark.CARE -> Word.MARK_CARE
        Mark.BAD -> Word.MARK_BAD
        Mark.NOTE -> Word.MARK_NOTE
    }

    /** Read by a screen reader as one thing. */
    private fun LinearLayout.asOne(said: String) {
        contentDescription = said
        isFocusable = true
        for (index in 0 until childCount) getChildAt(index).importantForAccessibility = View.IMPORTANT_FOR_ACCESSIBILITY_NO_HIDE_DESCENDANTS
    }

    private fun View.padded() = dp(Looks.GAP).let { setPadding(it, it, it, it) }

    private fun spaced() = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { bottomMargin = dp(Looks.GAP) }

    private fun ground(colour: Int, line: Int? = null) = GradientDrawable().apply {
        setColor(colour)
        cornerRadius = dp(Looks.CORNER).toFloat()
        line?.let { setStroke(dp(Looks.LINE_WIDTH), it) }
    }

    private fun pressed(colour: Int, line: Int? = null) =
        RippleDrawable(ColorStateList.valueOf(RIPPLE), ground(colour, line), ground(colour))

    private fun dp(size: Int) = Looks.dp(context, size)

    private object NoMenu : ActionMode.Callback {
        override fun onCreateActionMode(mode: ActionMode, menu: Menu) = false

        override fun onPrepareActionMode(mode: ActionMode, menu: Menu) = false

        override fun onActionItemClicked(mode: ActionMode, item: MenuItem) = false

        override fun onDestroyActionMode(mode: ActionMode) = Unit
    }

    private object AsButton : View.AccessibilityDelegate() {
        override fun onInitializeAccessibilityNodeInfo(host: View, info: android.view.accessibility.AccessibilityNodeInfo) {
            super.onInitializeAccessibilityNodeInfo(host, info)
            info.className = Button::class.java.name
        }
    }

    private companion object {
        const val PICTURE = 240
        const val RIPPLE = 0x33000000
    }
}
