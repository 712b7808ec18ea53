package org.amana.sample.page

import org.amana.Message

/**
 * A sentence to show: which one, and what stands in it. The words are a language's; `args` come from elsewhere and are shown
 * as they are.
 */
class Say(
    /**
     * The sentence's name in the words: `explain_…`, `app_…`, `field_…`, `purpose_…`, `card_…`; empty for text that is
     * shown as it is.
     */
    val id: String,
    val args: Map<String, String> = emptyMap(),
    /** Arguments that have a text for each language, such as an issuer's name. */
    val names: Map<String, Map<String, String>> = emptyMap(),
) {
    companion object {
        operator fun invoke(word: Word, vararg args: Pair<String, Any>) =
            Say(word.id, args.associate { (name, value) -> name to value.toString() })

        /** A sentence of the core's. */
        fun of(message: Message, vararg names: Pair<String, Map<String, String>>) =
            Say(explained(message.id()), message.args(), names.toMap())

        /** The name of one of the core's sentences. */
        fun explained(id: String) = id("explain", id)

        /** A text from a card or a person, shown as it is. */
        fun text(text: String) = Say("", mapOf("text" to text))

        /** A name that has a text for each language. */
        fun name(names: Map<String, String>, otherwise: String) =
            Say("", mapOf("text" to otherwise), mapOf("text" to names))

        /** What a claim is called, such as `household.family_size`; its path where the words have none. */
        fun field(path: String) = Say(id("field", path), mapOf("text" to path))

        fun purpose(code: String) = Say(id("purpose", code), mapOf("text" to code))

        fun card(type: String) = Say(id("card", type), mapOf("text" to type))

        private fun id(table: String, key: String) = buildString {
            append(table).append('_')
            for (char in key) append(if (char in 'a'..'z' || char in '0'..'9') char else '_')
        }
    }
}
