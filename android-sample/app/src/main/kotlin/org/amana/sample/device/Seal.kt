package org.amana.sample.device

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import java.security.GeneralSecurityException
import java.security.KeyStore
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec
import org.amana.HostException

/** AES-256-GCM under a key of the Keystore: a nonce of 12 bytes, then what is sealed. */
class Seal(private val name: String) {
    fun close(bytes: ByteArray): ByteArray = cipher { init(Cipher.ENCRYPT_MODE, key() ?: makeKey()); iv + doFinal(bytes) }

    fun open(bytes: ByteArray): ByteArray = cipher {
        val key = key() ?: throw HostException.Missing()
        if (bytes.size < NONCE) throw HostException.Invalidated()
        init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, bytes, 0, NONCE))
        doFinal(bytes, NONCE, bytes.size - NONCE)
    }

    private fun <T> cipher(work: Cipher.() -> T): T = try {
        Cipher.getInstance("AES/GCM/NoPadding").work()
    } catch (_: GeneralSecurityException) {
        throw HostException.Invalidated()
    }

    private fun key() = KeyStore.getInstance(STORE).apply { load(null) }.getKey(name, null) as SecretKey?

    private fun makeKey(): SecretKey {
        val spec = KeyGenParameterSpec.Builder(name, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)
        return KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, STORE).apply { init(spec.build()) }.generateKey()
    }

    private companion object {
        const val STORE = "AndroidKeyStore"
        const val NONCE = 12
        const val TAG_BITS = 128
        const val KEY_BITS = 256
    }
}
