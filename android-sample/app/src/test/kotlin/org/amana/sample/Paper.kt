package org.amana.sample

import java.io.ByteArrayInputStream
import java.util.zip.InflaterInputStream

/** Paper IDs under a forger's pen. */
internal object Paper {
    /**
     * What is in a paper ID's code (base45, RFC 9285; deflated), with one word of the same length in another's place.
     */
    fun altered(code: String, word: String, by: String): ByteArray {
        val token = InflaterInputStream(ByteArrayInputStream(base45(code))).readBytes()
        val text = String(token, Charsets.ISO_8859_1)
        check(word in text && word.length == by.length)
        return text.replace(word, by).toByteArray(Charsets.ISO_8859_1)
    }

    private fun base45(text: String): ByteArray = text.chunked(3).flatMap { part ->
        val number = part.map { ALPHABET.indexOf(it) }.foldRight(0) { digit, sum -> sum * ALPHABET.length + digit }
        if (part.length == 3) listOf((number shr 8).toByte(), number.toByte()) else listOf(number.toByte())
    }.toByteArray()

    private const val ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
}
