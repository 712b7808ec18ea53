package org.amana.sample.check

import java.security.MessageDigest
import org.amana.AmanaException
import org.amana.Clock
import org.amana.Verifier
import org.amana.VerifierKey
import org.amana.rationsPolicy
import org.amana.sample.model.Slip
import org.amana.sample.page.Word
import org.amana.strictPolicy

/** What a field worker's phone keeps: nothing of anybody whose card was checked, but how many there were. */
interface Shelf {
    /** What is kept under this name; `isSecret` where only this phone may be able to read it. */
    fun read(name: String, isSecret: Boolean = false): ByteArray?

    /** Keeps it whole or not at all. */
    fun write(name: String, bytes: ByteArray, isSecret: Boolean = false)

    /** The names that start with this. */
    fun names(start: String): List<String>
}

/**
 * What checking takes: the bundle that says whom to believe, the verifier's own key, what it is registered for, lists
 * of cancelled cards.
 */
internal class Kit(private val shelf: Shelf, private val anchor: String, private val clock: Clock) {
    // A part that cannot be read is as good as none: it is loaded again.
    val hasKey get() = runCatching { shelf.read(KEY, isSecret = true) }.getOrNull() != null
    val hasTrust get() = runCatching { shelf.read(TRUST) }.getOrNull() != null
    val hasRegistration get() = runCatching { shelf.read(REGISTRATION) }.getOrNull() != null

    /** Whether to refuse where a check cannot be made. */
    var isStrict: Boolean
        get() = shelf.read(STRICT)?.size == 1
        set(strict) = shelf.write(STRICT, ByteArray(if (strict) 1 else 0))

    /** The verifier, with the lists that are there; none where the key or the bundle is missing. */
    suspend fun verifier(): Verifier? {
        if (!hasKey || !hasTrust) return null
        val verifier = try {
            make(trust(), shelf.read(REGISTRATION))
        } catch (error: AmanaException.Invalid) {
            // It was another key's, which was here before: kept for when that comes back.
            if (error.problem.reason == OTHER_KEY) make(trust(), null) else throw error
        }
        // One that has become invalid says nothing, and the others do: how old each is stands on a page of its own.
        shelf.names(LIST).forEach { name -> shelf.read(name)?.let { list -> runCatching { verifier.loadStatus(list) } } }
        return verifier
    }

    fun takeKey(text: String) {
        VerifierKey.parse(text)
        shelf.write(KEY, text.encodeToByteArray(), isSecret = true)
    }

    /** Keeps a bundle if it is one to be believed. */
    fun takeTrust(bundle: ByteArray) {
        make(bundle, null)
        shelf.write(TRUST, bundle)
    }

    /** Keeps a registration if it is this key's. */
    fun takeRegistration(registration: ByteArray) {
        make(trust(), registration)
        shelf.write(REGISTRATION, registration)
    }

    /** Keeps a list if an issuer in the bundle signed it; an older edition of it goes. */
    suspend fun takeList(list: ByteArray) {
        // Beside those that are kept: an older edition takes no newer one's place.
        val loaded = (verifier() ?: make(trust(), null)).loadStatus(list)
        shelf.write(LIST + digest(loaded.uri), list)
    }

    private fun digest(uri: String) =
        MessageDigest.getInstance("SHA-256").digest(uri.encodeToByteArray()).take(DIGEST).joinToString("") { "%02x".format(it) }

    private fun trust(): ByteArray {
        if (!hasKey) throw Slip(Word.PROBLEM_KEY_FIRST)
        return shelf.read(TRUST) ?: throw Slip(Word.PROBLEM_TRUST_FIRST)
    }

    private fun make(trust: ByteArray, registration: ByteArray?): Verifier {
        val key = shelf.read(KEY, isSecret = true) ?: throw Slip(Word.PROBLEM_KEY_FIRST)
        val policy = if (isStrict) strictPolicy() else rationsPolicy()
        return Verifier(trust, anchor, VerifierKey.parse(key.decodeToString()), registration, policy, clock)
    }

    private companion object {
        const val KEY = "key"
        const val TRUST = "trust"
        const val REGISTRATION = "registration"
        const val STRICT = "strict"
        const val LIST = "list-"
        const val DIGEST = 16
        const val OTHER_KEY = "registration"
    }
}
