package org.amana.android

import javax.crypto.Mac
import javax.crypto.SecretKey
import org.amana.DeviceKey
import org.amana.DeviceKeyName
import org.amana.HostException
import org.amana.Protection

/** An HMAC-SHA-256 key of the Keystore for each name: the phone computes with it and never hands it out. */
internal class KeystoreDeviceKey(private val keys: Keys, private val presence: Presence) : DeviceKey {
    override fun prf(key: DeviceKeyName, input: ByteArray): ByteArray {
        val secret = keys.secret(entry(key)) ?: makeFirst(key)
        return Keys.told { Mac.getInstance("HmacSHA256").run { init(secret); doFinal(input) } }
    }

    override fun replace(key: DeviceKeyName) {
        keys.delete(entry(key))
        make(key)
    }

    override fun protection(): Protection {
        val header = keys.secret(entry(DeviceKeyName.HEADER))
        return keys.protection(header ?: make(DeviceKeyName.HEADER))
    }

    /** A key on its first use. Where a wallet was written already and the header's key is not there, it is lost: a new one would
     *  open nothing. */
    private fun makeFirst(key: DeviceKeyName): SecretKey {
        val isLost = key == DeviceKeyName.HEADER && keys.endings("${KeystoreCounter.KIND}.").isNotEmpty()
        if (isLost) throw HostException.Missing()
        return make(key)
    }

    // The header's key must open what says whether anybody has to be asked: it asks nobody itself.
    private fun make(key: DeviceKeyName): SecretKey =
        keys.makeSecret(entry(key), if (key == DeviceKeyName.HEADER) Presence.PIN_ALONE else presence)

    private fun entry(key: DeviceKeyName) = "$KIND.${key.name.lowercase()}"

    private companion object {
        const val KIND = "device"
    }
}
