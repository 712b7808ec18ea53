package org.amana.sample.device

import android.content.Context
import android.speech.tts.TextToSpeech
import java.util.Locale

/** The phone's own voice, where it has one for the language. */
class Aloud(private val context: Context) {
    private var voice: TextToSpeech? = null
    private var waiting: (() -> Unit)? = null

    fun say(text: String, locale: Locale) {
        waiting = {
            voice?.language = locale
            voice?.speak(text, TextToSpeech.QUEUE_FLUSH, null, "page")
        }
        if (voice == null) voice = TextToSpeech(context) { status -> if (status == TextToSpeech.SUCCESS) speak() } else speak()
    }

    /** Silent at once: nobody beside may go on listening to a page that is gone. */
    fun stop() {
        waiting = null
        voice?.stop()
    }

    fun end() {
        stop()
        voice?.shutdown()
        voice = null
    }

    private fun speak() {
        waiting?.invoke()
        waiting = null
    }
}
