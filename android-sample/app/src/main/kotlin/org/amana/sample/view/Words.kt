package org.amana.sample.view

import android.annotation.SuppressLint
import android.content.Context
import android.content.res.Configuration
import android.view.View
import java.util.Locale
import org.amana.sample.model.Language
import org.amana.sample.page.Say

/** The sentences of one language. */
class Words(context: Context, val language: Language) {
    private val locale = Locale.forLanguageTag(language.tag)
    private val resources = Configuration(context.resources.configuration)
        .also { it.setLocale(locale) }
        .let { context.createConfigurationContext(it).resources }
    private val templates = HashMap<String, String>()

    /** From right to left, or from left to right: `View.LAYOUT_DIRECTION_…`. */
    val direction: Int get() = if (language.isRightToLeft) View.LAYOUT_DIRECTION_RTL else View.LAYOUT_DIRECTION_LTR

    /** A sentence, or a name that stands alone. */
    fun text(say: Say): String = filled(say).replaceFirstChar { if (say.id.startsWith(PURPOSE)) it.titlecase(locale) else it.toString() }

    private fun filled(say: Say): String {
        val template = template(say.id) ?: return cleaned(best(say, TEXT) ?: say.id)
        return PLACE.replace(template) { place -> isolated(argument(say, place.groupValues[1]).replace('\n', ' ')) }
    }

    private fun argument(say: Say, name: String): String {
        val value = best(say, name) ?: "?"
        val table = CODED[name] ?: return cleaned(value)
        // What the core names by its code has a word of its own here, where we know it.
        return filled(Say("${table}_" + value.replace(NOT_IN_NAMES, "_"), mapOf(TEXT to value)))
    }

    private fun best(say: Say, name: String): String? {
        val names = say.names[name].orEmpty()
        return names[language.tag] ?: names[Language.ENGLISH.tag] ?: names.values.firstOrNull() ?: say.args[name]
    }

    private fun template(id: String): String? = templates.getOrPut(id) { named(id) }.ifEmpty { null }

    // By its name: which sentence it is, the core says while the app runs.
    @SuppressLint("DiscouragedApi")
    private fun named(id: String): String {
        val found = if (id.isEmpty()) 0 else resources.getIdentifier(id, "string", SPACE)
        return if (found == 0) "" else resources.getString(found)
    }

    /**
     * Text from elsewhere as it may stand in a sentence: it cannot turn the line around, nor pose as a line of its
     * own.
     */
    private fun cleaned(text: String) = text.replace(DECEPTIVE, "\uFFFD")

    /** Apart from the sentence around it, by its own direction; numbers from left to right, as telephones have them. */
    fun isolated(text: String) = (if (text.codePoints().anyMatch(Character::isLetter)) "\u2068" else "\u2066") + text + "\u2069"

    private companion object {
        /** The name that the resources are under, whatever the app is called. */
        const val SPACE = "org.amana.sample"
        const val TEXT = "text"
        const val PURPOSE = "purpose_"
        val PLACE = Regex("\\{([a-z_]+)\\}")
        val CODED = mapOf("claim" to "field", "purpose" to "purpose", "card" to "card")
        val NOT_IN_NAMES = Regex("[^a-z0-9]")
        // Not the joiners, which Urdu is written with.
        val DECEPTIVE = Regex("[[\\p{Cc}\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]&&[^\\n]]")
    }
}
