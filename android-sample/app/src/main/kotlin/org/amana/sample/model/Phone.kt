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

/** The one with this tag, else English. */
fun Language.Companion.of(tag: String?) = Language.entries.find { it.tag == tag } ?: Language.ENGLISH
