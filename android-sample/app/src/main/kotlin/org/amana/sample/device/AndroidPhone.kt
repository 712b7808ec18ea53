package org.amana.sample.device

import android.content.Context
import java.time.LocalDate
import java.util.Locale
import org.amana.sample.model.Language
import org.amana.sample.model.Phone
import org.amana.sample.model.of
import org.amana.sample.view.Looks

/** This phone, as the models see it. */
class AndroidPhone(private val context: Context) : Phone {
    private val settings = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    override val codePixels: Int
        get() = context.resources.displayMetrics.run { minOf(widthPixels, heightPixels) } - 2 * Looks.dp(context, Looks.MARGIN)

    override var language: Language
        get() = Language.of(settings.getString(LANGUAGE, null) ?: systemLanguage())
        set(language) = settings.edit().putString(LANGUAGE, language.tag).apply()

    override fun today(): String = LocalDate.now().toString()

    // Java still calls Indonesian by its old name on some phones.
    private fun systemLanguage() = Locale.getDefault().toLanguageTag().substringBefore('-').let { if (it == "in") "id" else it }

    private companion object {
        const val LANGUAGE = "language"
    }
}
