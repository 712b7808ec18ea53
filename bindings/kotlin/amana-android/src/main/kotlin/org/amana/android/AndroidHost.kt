package org.amana.android

import android.os.SystemClock
import org.amana.Clock
import org.amana.WalletHost

/**
 * The ports of one wallet's file, on this phone's Keystore and clocks.
 *
 * @param name what its keys are called in the Keystore: one for each wallet's file, and the same every time.
 * @param presence whether opening a door, and using a card's key that lies in the device, takes the phone's own lock first.
 */
fun androidHost(name: String = "amana", presence: Presence = Presence.PIN_ALONE): WalletHost {
    val keys = Keys(name)
    return WalletHost(
        deviceKey = KeystoreDeviceKey(keys, presence),
        counter = KeystoreCounter(keys),
        clock = AndroidClock,
        holderKeys = KeystoreHolderKeys(keys, presence),
    )
}

/** Whom the device wants to see before it opens a door: the PIN is asked for in any case. */
enum class Presence {
    /** Nobody: the PIN of the door is enough. */
    PIN_ALONE,

    /**
     * Whoever unlocks the phone: its fingerprint, face, pattern or code within the last half minute. Without it the ports say
     * `Locked`; show `KeyguardManager.createConfirmDeviceCredentialIntent` and try again. Taking the screen lock away makes
     * the keys invalid for good: have a backup.
     */
    SCREEN_LOCK,
}

/** This phone's clocks. */
object AndroidClock : Clock {
    override fun now(): Long = System.currentTimeMillis() / 1000

    override fun elapsed(): ULong = SystemClock.elapsedRealtime().toULong()
}
