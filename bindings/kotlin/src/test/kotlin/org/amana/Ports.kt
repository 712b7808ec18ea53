package org.amana

import java.security.SecureRandom
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec

/** The JVM's clocks. */
class SystemClock : Clock {
    override fun now(): Long = System.currentTimeMillis() / 1000

    override fun elapsed(): ULong = (System.nanoTime() / 1_000_000).toULong()
}

/** Keys in memory, and it says so. */
class SoftwareDeviceKey : DeviceKey {
    private val secrets = mutableMapOf<DeviceKeyName, ByteArray>()

    /** The threads that called, for the tests. */
    val callers = mutableSetOf<Thread>()

    /** Thrown by the next calls, where set. */
    var failure: Exception? = null

    @Synchronized
    override fun prf(key: DeviceKeyName, input: ByteArray): ByteArray {
        callers += Thread.currentThread()
        failure?.let { throw it }
        val mac = Mac.getInstance("HmacSHA256")
        mac.init(SecretKeySpec(secrets.getOrPut(key, ::fresh), "HmacSHA256"))
        return mac.doFinal(input)
    }

    @Synchronized
    override fun replace(key: DeviceKeyName) {
        secrets[key] = fresh()
    }

    override fun protection(): Protection = Protection.SOFTWARE

    private fun fresh() = ByteArray(32).also(SecureRandom()::nextBytes)
}
