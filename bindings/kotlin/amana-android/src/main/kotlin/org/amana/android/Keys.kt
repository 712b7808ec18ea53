package org.amana.android

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.security.InvalidKeyException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.PrivateKey
import java.security.ProviderException
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactory
import org.amana.HostException
import org.amana.Protection

/** The entries of one wallet in the phone's Keystore. Its failures are the ports' own. */
internal class Keys(private val name: String) {
    private val store: KeyStore by lazy { KeyStore.getInstance(STORE).apply { load(null) } }

    /** The ends of the names of the entries that start with this. */
    fun endings(start: String): List<String> = told {
        store.aliases().toList().filter { it.startsWith(alias(start)) }.map { it.removePrefix(alias(start)) }
    }

    fun has(entry: String): Boolean = told { store.containsAlias(alias(entry)) }

    fun secret(entry: String): SecretKey? = told { store.getKey(alias(entry), null) as SecretKey? }

    fun private(entry: String): PrivateKey = told { store.getKey(alias(entry), null) as PrivateKey? } ?: throw HostException.Missing()

    fun certificate(entry: String): Certificate = told { store.getCertificate(alias(entry)) } ?: throw HostException.Missing()

    fun delete(entry: String) = told { if (store.containsAlias(alias(entry))) store.deleteEntry(alias(entry)) }

    /** Makes a key for HMAC-SHA-256. */
    fun makeSecret(entry: String, presence: Presence = Presence.PIN_ALONE): SecretKey = told {
        strongest { strong ->
            val spec = spec(entry, KeyProperties.PURPOSE_SIGN, presence, strong)
            KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_HMAC_SHA256, STORE).apply { init(spec.build()) }.generateKey()
        }
    }

    /** Makes a pair of keys on P-256 for this purpose alone, and returns the certificate that has its public half. */
    fun makePair(entry: String, purpose: Int, presence: Presence): Certificate = told {
        strongest { strong ->
            val spec = spec(entry, purpose, presence, strong).setDigests(KeyProperties.DIGEST_SHA256)
            KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, STORE).apply { initialize(spec.build()) }.generateKeyPair()
        }
        certificate(entry)
    }

    /** What the phone says of this key, not what one hopes. */
    fun protection(key: SecretKey): Protection = told {
        val info = SecretKeyFactory.getInstance(key.algorithm, STORE).getKeySpec(key, KeyInfo::class.java) as KeyInfo
        val isInside = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) isInsideByLevel(info) else isInsideByFlag(info)
        if (isInside) Protection.HARDWARE else Protection.SOFTWARE
    }

    @Suppress("DEPRECATION") // All that there is before API 31.
    private fun isInsideByFlag(info: KeyInfo) = info.isInsideSecureHardware

    @SinceApi(31)
    private fun isInsideByLevel(info: KeyInfo) = info.securityLevel in setOf(
        KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT,
        KeyProperties.SECURITY_LEVEL_STRONGBOX,
        KeyProperties.SECURITY_LEVEL_UNKNOWN_SECURE,
    )

    private fun spec(entry: String, purpose: Int, presence: Presence, strong: Boolean): KeyGenParameterSpec.Builder {
        val spec = KeyGenParameterSpec.Builder(alias(entry), purpose)
        if (presence == Presence.SCREEN_LOCK) askForLock(spec)
        if (strong) inStrongBox(spec)
        return spec
    }

    private fun askForLock(spec: KeyGenParameterSpec.Builder) {
        spec.setUserAuthenticationRequired(true)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) askForLockByParameters(spec) else askForLockByDuration(spec)
    }

    @Suppress("DEPRECATION") // All that there is before API 30.
    private fun askForLockByDuration(spec: KeyGenParameterSpec.Builder) {
        spec.setUserAuthenticationValidityDurationSeconds(PRESENT_SECONDS)
    }

    @SinceApi(30)
    private fun askForLockByParameters(spec: KeyGenParameterSpec.Builder) {
        val kinds = KeyProperties.AUTH_BIOMETRIC_STRONG or KeyProperties.AUTH_DEVICE_CREDENTIAL
        spec.setUserAuthenticationParameters(PRESENT_SECONDS, kinds)
    }

    @SinceApi(28)
    private fun inStrongBox(spec: KeyGenParameterSpec.Builder) {
        spec.setIsStrongBoxBacked(true)
    }

    /** In the StrongBox where there is one that takes such a key, else in the phone's trusted environment. */
    private fun <T> strongest(make: (strong: Boolean) -> T): T {
        val mayHaveOne = Build.VERSION.SDK_INT >= Build.VERSION_CODES.P
        return if (mayHaveOne) inStrongBoxOrNot(make) else make(false)
    }

    @SinceApi(28)
    private fun <T> inStrongBoxOrNot(make: (strong: Boolean) -> T): T =
        try { make(true) } catch (_: StrongBoxUnavailableException) { make(false) }

    private fun alias(entry: String) = "$name.$entry"

    companion object {
        private const val STORE = "AndroidKeyStore"
        private const val PRESENT_SECONDS = 30

        /** Does what may fail in the Keystore, and says why in the ports' own words. */
        fun <T> told(work: () -> T): T = try {
            work()
        } catch (error: HostException) {
            throw error
        } catch (error: Exception) {
            throw why(error)
        }

        private fun why(error: Throwable): HostException {
            val causes = generateSequence(error) { it.cause }.take(8).toList()
            return when {
                causes.any { it is UserNotAuthenticatedException } -> HostException.Locked()
                causes.any { it is KeyPermanentlyInvalidatedException } -> HostException.Invalidated()
                causes.any { it is UnrecoverableKeyException || it is InvalidKeyException } -> HostException.Invalidated()
                else -> HostException.Unavailable()
            }
        }
    }
}
