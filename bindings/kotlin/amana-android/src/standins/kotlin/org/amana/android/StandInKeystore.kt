package org.amana.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import java.io.InputStream
import java.io.OutputStream
import java.math.BigInteger
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.ECGenParameterSpec
import java.security.spec.KeySpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.SecretKeyFactorySpi
import javax.crypto.spec.SecretKeySpec
import org.robolectric.util.ReflectionHelpers

/**
 * Stands in for the phone's Keystore, which no desktop has: the same provider name and the same calls, with keys in memory. What
 * the adapters do with it is tested; that a phone's own does the same is not.
 */
object StandInKeystore {
    /** The entries, by alias. */
    val entries: MutableMap<String, Any> = Collections.synchronizedMap(LinkedHashMap())

    /** What was asked for when each was made. */
    val specs: MutableMap<String, KeyGenParameterSpec> = Collections.synchronizedMap(LinkedHashMap())

    /** Thrown by the next look at any entry, where set. */
    @Volatile var failure: Exception? = null

    @Volatile var hasStrongBox = false

    /** Puts it in the system's place, empty. */
    fun install() {
        entries.clear()
        specs.clear()
        failure = null
        hasStrongBox = false
        Security.removeProvider(NAME)
        Security.addProvider(StandInProvider)
    }

    internal fun made(spec: KeyGenParameterSpec, entry: Any) {
        if (spec.isStrongBoxBacked && !hasStrongBox) throw StrongBoxUnavailableException()
        entries[spec.keystoreAlias] = entry
        specs[spec.keystoreAlias] = spec
    }

    internal fun look(alias: String): Any? {
        failure?.let { throw it }
        return entries[alias]
    }

    internal const val NAME = "AndroidKeyStore"
}

/** Says that nobody has unlocked the phone of late. */
fun notAuthenticated(): Exception = UserNotAuthenticatedException()

private object StandInProvider : Provider(StandInKeystore.NAME, "1", "stands in for a phone's") {
    private fun readResolve(): Any = StandInProvider

    init {
        put("KeyStore.AndroidKeyStore", StandInStore::class.java.name)
        put("KeyGenerator.HmacSHA256", StandInSecretMaker::class.java.name)
        put("KeyGenerator.AES", StandInSecretMaker::class.java.name)
        put("KeyPairGenerator.EC", StandInPairMaker::class.java.name)
        put("SecretKeyFactory.HmacSHA256", StandInKeyInfo::class.java.name)
        put("SecretKeyFactory.AES", StandInKeyInfo::class.java.name)
    }
}

class StandInSecretMaker : KeyGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun engineInit(params: AlgorithmParameterSpec, random: SecureRandom?) { spec = params as KeyGenParameterSpec }

    override fun engineInit(random: SecureRandom?) = error("needs its parameters")

    override fun engineInit(size: Int, random: SecureRandom?) = error("needs its parameters")

    override fun engineGenerateKey(): SecretKey {
        val isCipher = spec.purposes and KeyProperties.PURPOSE_ENCRYPT != 0
        val bytes = ByteArray(32).also { SecureRandom().nextBytes(it) }
        return SecretKeySpec(bytes, if (isCipher) "AES" else "HmacSHA256").also { StandInKeystore.made(spec, it) }
    }
}

class StandInPairMaker : KeyPairGeneratorSpi() {
    private lateinit var spec: KeyGenParameterSpec

    override fun initialize(params: AlgorithmParameterSpec, random: SecureRandom?) { spec = params as KeyGenParameterSpec }

    override fun initialize(size: Int, random: SecureRandom?) = error("needs its parameters")

    override fun generateKeyPair(): KeyPair {
        val maker = KeyPairGenerator.getInstance("EC", "BC").apply { initialize(ECGenParameterSpec("secp256r1")) }
        return maker.generateKeyPair().also { StandInKeystore.made(spec, it) }
    }
}

class StandInKeyInfo : SecretKeyFactorySpi() {
    override fun engineGetKeySpec(key: SecretKey, kind: Class<*>): KeySpec {
        val alias = StandInKeystore.entries.entries.first { it.value === key }.key
        val level = if (StandInKeystore.specs.getValue(alias).isStrongBoxBacked) 2 else KeyProperties.SECURITY_LEVEL_SOFTWARE
        val maker = KeyInfo::class.java.declaredConstructors.maxBy { it.parameterCount }.apply { isAccessible = true }
        val info = maker.newInstance(*maker.parameterTypes.map(::nothing).toTypedArray()) as KeyInfo
        ReflectionHelpers.setField(info, "mSecurityLevel", level)
        return info
    }

    private fun nothing(kind: Class<*>): Any? = when (kind) {
        Boolean::class.javaPrimitiveType -> false
        Int::class.javaPrimitiveType -> 0
        Long::class.javaPrimitiveType -> 0L
        else -> null
    }

    override fun engineGenerateSecret(spec: KeySpec?): SecretKey = error("imports nothing")

    override fun engineTranslateKey(key: SecretKey?): SecretKey = error("imports nothing")
}

class StandInStore : KeyStoreSpi() {
    override fun engineGetKey(alias: String, password: CharArray?): Key? = when (val entry = StandInKeystore.look(alias)) {
        is KeyPair -> entry.private
        else -> entry as Key?
    }

    override fun engineGetCertificate(alias: String): Certificate? =
        (StandInKeystore.look(alias) as? KeyPair)?.let { Bare(it.public) }

    override fun engineAliases(): Enumeration<String> = Collections.enumeration(StandInKeystore.entries.keys.toList())

    override fun engineContainsAlias(alias: String) = alias in StandInKeystore.entries

    override fun engineDeleteEntry(alias: String) {
        StandInKeystore.entries.remove(alias)
    }

    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit

    override fun engineSize() = StandInKeystore.entries.size

    override fun engineIsKeyEntry(alias: String) = engineContainsAlias(alias)

    override fun engineIsCertificateEntry(alias: String) = false

    override fun engineGetCertificateChain(alias: String) = engineGetCertificate(alias)?.let { arrayOf(it) }

    override fun engineGetCertificateAlias(certificate: Certificate?): String? = null

    override fun engineGetCreationDate(alias: String): Date? = null

    override fun engineSetKeyEntry(alias: String, key: Key, password: CharArray?, chain: Array<Certificate>?) = error("read only")

    override fun engineSetKeyEntry(alias: String, key: ByteArray, chain: Array<Certificate>?) = error("read only")

    override fun engineSetCertificateEntry(alias: String, certificate: Certificate) = error("read only")

    override fun engineStore(stream: OutputStream?, password: CharArray?) = error("read only")
}

/** A certificate that is nothing but its key. */
private class Bare(private val key: PublicKey) : Certificate("X.509") {
    override fun getEncoded(): ByteArray = key.encoded

    override fun getPublicKey(): PublicKey = key

    override fun toString() = "Bare(${BigInteger(1, key.encoded).bitLength()} bits)"

    override fun verify(key: PublicKey) = Unit

    override fun verify(key: PublicKey, provider: String) = Unit
}
