package org.amana.sample

import com.sun.jna.Library
import com.sun.jna.Native

/** A phone without room: the system itself refuses whatever is written to a file. */
internal object FullStorage {
    private interface System : Library {
        fun getrlimit(resource: Int, limit: LongArray): Int

        fun setrlimit(resource: Int, limit: LongArray): Int
    }

    private val system = Native.load("c", System::class.java)

    /** RLIMIT_FSIZE, the same on Linux and macOS. */
    private const val FILE_SIZE = 1

    fun <T> during(work: () -> T): T {
        // Now and at most.
        val limit = LongArray(2)
        check(system.getrlimit(FILE_SIZE, limit) == 0)
        check(system.setrlimit(FILE_SIZE, longArrayOf(0, limit[1])) == 0)
        try {
            return work()
        } finally {
            check(system.setrlimit(FILE_SIZE, limit) == 0)
        }
    }
}
