package org.amana.sample.model

/** What both models need of the phone beside the core's ports. */
interface Phone {
    /** The pixels that a code's square may take on the screen. */
    val codePixels: Int

    /** The language that people read; kept. */
    var language: Language

    /** The day here, such as `2026-11-24`. */
    fun today(): String
}

/** The languages that the words are there in. */
enum class Language(val tag: String, val ownName: String) {
    ENGLISH("en", "English"),
    URDU("ur", "اردو"),
    INDONESIAN("id", "Bahasa Indonesia"),
    SWAHILI("sw", "Kiswahili"),
    LUGANDA("lg", "Luganda"),
    ;

    companion object {
        /** The one with this tag, else English. */
        fun of(tag: String?) = entries.find { it.tag == tag } ?: ENGLISH
    }
}
