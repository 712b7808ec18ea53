package org.amana.android

import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import java.io.File
import java.math.BigInteger
import java.security.AlgorithmParameters
import java.security.KeyFactory
import java.security.Signature
import java.security.spec.ECGenParameterSpec
import java.security.spec.ECParameterSpec
import java.security.spec.ECPoint
import java.security.spec.ECPublicKeySpec
import kotlinx.coroutines.runBlocking
import org.amana.AmanaException
import org.amana.DeviceKeyName
import org.amana.HolderKeyUse
import org.amana.HostException
import org.amana.Protection
import org.amana.Wallet
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** The ports on the Keystore, with something in its place that has the same calls. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [34], manifest = Config.NONE)
class KeystoreTest {
    @get:Rule val folder = TemporaryFolder()

    private val input = ByteArray(32) { it.toByte() }

    @Before fun phone() = StandInKeystore.install()

    @Test fun `a key gives the same output until it is replaced, and each name another`() {
        val key = androidHost().deviceKey
        val first = key.prf(DeviceKeyName.DOOR1, input)
        assertEquals(32, first.size)
        assertArrayEquals(first, androidHost().deviceKey.prf(DeviceKeyName.DOOR1, input))
        assertNotEquals(first.toList(), key.prf(DeviceKeyName.DOOR2, input).toList())
        assertNotEquals(first.toList(), androidHost("another").deviceKey.prf(DeviceKeyName.DOOR1, input).toList())
        key.replace(DeviceKeyName.DOOR1)
        assertNotEquals(first.toList(), key.prf(DeviceKeyName.DOOR1, input).toList())
    }

    @Test fun `its protection is what the phone says`() {
        assertEquals(Protection.SOFTWARE, androidHost().deviceKey.protection())
        StandInKeystore.install()
        StandInKeystore.hasStrongBox = true
        assertEquals(Protection.HARDWARE, androidHost().deviceKey.protection())
        assertTrue(StandInKeystore.specs.getValue("amana.device.header").isStrongBoxBacked)
    }

    @Test fun `locked, invalidated, missing and broken are told apart`() {
        val key = androidHost().deviceKey
        key.prf(DeviceKeyName.HEADER, input)
        key.prf(DeviceKeyName.DOOR1, input)
        androidHost().counter.advanceTo(1uL)
        StandInKeystore.failure = RuntimeException(notAuthenticated())
        assertThrows(HostException.Locked::class.java) { key.prf(DeviceKeyName.DOOR1, input) }
        StandInKeystore.failure = KeyPermanentlyInvalidatedException()
        assertThrows(HostException.Invalidated::class.java) { key.prf(DeviceKeyName.DOOR1, input) }
        StandInKeystore.failure = IllegalStateException("keystore daemon is gone")
        assertThrows(HostException.Unavailable::class.java) { key.prf(DeviceKeyName.DOOR1, input) }
        StandInKeystore.failure = null
        StandInKeystore.entries.remove("amana.device.header")
        assertThrows(HostException.Missing::class.java) { key.prf(DeviceKeyName.HEADER, input) }
    }

    @Test fun `doors may take the screen lock, the header never`() {
        val key = androidHost(presence = Presence.SCREEN_LOCK).deviceKey
        key.prf(DeviceKeyName.HEADER, input)
        key.prf(DeviceKeyName.DOOR3, input)
        assertFalse(StandInKeystore.specs.getValue("amana.device.header").isUserAuthenticationRequired)
        val door = StandInKeystore.specs.getValue("amana.device.door3")
        assertTrue(door.isUserAuthenticationRequired)
        assertEquals(30, door.userAuthenticationValidityDurationSeconds)
    }

    @Test fun `the counter only grows, and leaves one entry`() {
        val counter = androidHost().counter
        assertEquals(0uL, counter.read())
        for (number in listOf(1uL, 2uL, 7uL, 3uL)) counter.advanceTo(number)
        assertEquals(7uL, androidHost().counter.read())
        counter.advanceTo(ULong.MAX_VALUE)
        assertEquals(ULong.MAX_VALUE, counter.read())
        assertEquals(listOf("amana.counter.${ULong.MAX_VALUE}"), StandInKeystore.entries.keys.filter { "counter" in it })
    }

    @Test fun `a counter that was stopped between two entries has the later number`() {
        androidHost().counter.advanceTo(4uL)
        StandInKeystore.entries["amana.counter.5"] = StandInKeystore.entries.getValue("amana.counter.4")
        assertEquals(5uL, androidHost().counter.read())
    }

    @Test fun `a card's key signs and is gone when it is deleted`() {
        val keys = checkNotNull(androidHost().holderKeys)
        repeat(20) { // One in some 250 coordinates starts with a zero byte.
            val id = ByteArray(16) { _ -> it.toByte() }
            val point = keys.make(id, HolderKeyUse.SIGN)
            assertEquals(65, point.size)
            val signature = keys.sign(id, input)
            val isValid = Signature.getInstance("SHA256withECDSA").run { initVerify(publicKey(point)); update(input); verify(signature) }
            assertTrue(isValid)
            keys.delete(id)
            keys.delete(id)
            assertThrows(HostException.Missing::class.java) { keys.sign(id, input) }
        }
        assertEquals(KeyProperties.PURPOSE_SIGN, StandInKeystore.specs.values.first().purposes)
    }

    @Test fun `two keys agree on one secret`() {
        val keys = checkNotNull(androidHost().holderKeys)
        val (one, other) = listOf(ByteArray(16) { 1 }, ByteArray(16) { 2 })
        val (ones, others) = listOf(keys.make(one, HolderKeyUse.AGREE), keys.make(other, HolderKeyUse.AGREE))
        assertArrayEquals(keys.agree(one, others), keys.agree(other, ones))
    }

    @Test fun `a wallet lives on these ports, and says so when they are gone`() = runBlocking<Unit> {
        val file = File(folder.root, "wallet.amana").path
        Wallet.create(file, 1u, "482913", androidHost())
        val holder = Wallet.open(file, androidHost()).unlock(1u, "482913")
        assertEquals(Protection.SOFTWARE, holder.state().protection)
        holder.closeNow()
        StandInKeystore.entries.remove("amana.device.header")
        val gone = runCatching { Wallet.open(file, androidHost()).checkDevice() }.exceptionOrNull()
        assertTrue((gone as AmanaException.Host).failure is HostException.Missing)
    }

    private fun publicKey(point: ByteArray): java.security.PublicKey {
        val curve = AlgorithmParameters.getInstance("EC").apply { init(ECGenParameterSpec("secp256r1")) }
        val (x, y) = listOf(1..32, 33..64).map { BigInteger(1, point.sliceArray(it)) }
        val spec = ECPublicKeySpec(ECPoint(x, y), curve.getParameterSpec(ECParameterSpec::class.java))
        return KeyFactory.getInstance("EC").generatePublic(spec)
    }
}
