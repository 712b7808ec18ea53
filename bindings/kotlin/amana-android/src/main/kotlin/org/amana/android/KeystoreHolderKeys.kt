package org.amana.android

import android.os.Build
import android.security.keystore.KeyProperties
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.Signature
import java.security.interfaces.ECPublicKey
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import javax.crypto.KeyAgreement
import org.amana.HolderKeyStore
import org.amana.HolderKeyUse
import org.amana.HostException

/** Keys of cards on P-256 that the phone never hands out; those that agree take Android 12 (API 31). */
internal class KeystoreHolderKeys(private val keys: Keys, private val presence: Presence) : HolderKeyStore {
    override fun make(id: ByteArray, usage: HolderKeyUse): ByteArray {
        val purpose = when (usage) {
            HolderKeyUse.SIGN -> KeyProperties.PURPOSE_SIGN
            HolderKeyUse.AGREE -> agreePurpose()
        }
        val point = (keys.makePair(entry(id), purpose, presence).publicKey as ECPublicKey).w
        return byteArrayOf(UNCOMPRESSED) + coordinate(point.affineX) + coordinate(point.affineY)
    }

    override fun sign(id: ByteArray, data: ByteArray): ByteArray {
        val key = keys.private(entry(id))
        return Keys.told { Signature.getInstance("SHA256withECDSA").run { initSign(key); update(data); sign() } }
    }

    override fun agree(id: ByteArray, peer: ByteArray): ByteArray {
        val key = keys.private(entry(id))
        return Keys.told { KeyAgreement.getInstance("ECDH").run { init(key); doPhase(publicKey(peer), true); generateSecret() } }
    }

    override fun delete(id: ByteArray) = keys.delete(entry(id))

    private fun agreePurpose() =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) agreePurposeSinceS() else throw HostException.Unavailable()

    @SinceApi(31)
    private fun agreePurposeSinceS() = KeyProperties.PURPOSE_AGREE_KEY

    private fun entry(id: ByteArray) = "holder." + id.joinToString("") { "%02x".format(it) }

    /** 32 bytes, whatever zeros lead. */
    private fun coordinate(number: BigInteger): ByteArray =
        number.toByteArray().takeLast(COORDINATE).toByteArray().let { ByteArray(COORDINATE - it.size) + it }

    private fun publicKey(point: ByteArray): java.security.PublicKey {
        val curve = AlgorithmParameters.getInstance("EC").apply { init(ECGenParameterSpec("secp256r1")) }
        val x = BigInteger(1, point.copyOfRange(1, 1 + COORDINATE))
        val y = BigInteger(1, point.copyOfRange(1 + COORDINATE, 1 + 2 * COORDINATE))
        val spec = ECPublicKeySpec(ECPoint(x, y), curve.getParameterSpec(ECParameterSpec::class.java))
        return KeyFactory.getInstance("EC").generatePublic(spec)
    }

    private companion object {
        const val UNCOMPRESSED: Byte = 4
        const val COORDINATE = 32
    }
}
