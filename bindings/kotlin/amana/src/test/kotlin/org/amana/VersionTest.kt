package org.amana

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class VersionTest {
    @Test
    fun `the native library has the version of this one`() {
        assertEquals(System.getProperty("amana.version"), version())
    }
}
