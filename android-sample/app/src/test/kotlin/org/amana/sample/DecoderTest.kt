package org.amana.sample

import kotlin.random.Random
import org.amana.Symbol
import org.amana.sample.device.Decoder
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** The decoder, on codes of every size that a screen shows, and on pictures of nothing. */
@RunWith(RobolectricTestRunner::class)
class DecoderTest : AppTest() {
    @Test fun `codes are read, upside down and with rows that are longer than they are wide`() {
        val random = Random(SEED)
        var read = 0
        repeat(COUNT) {
            val text = "AM1Q:" + (0 until random.nextInt(100, 1_200)).map { ALPHABET[random.nextInt(ALPHABET.length)] }.joinToString("")
            val symbol = Symbol.of(text)
            val picture = Picture(symbol, pixels = 5, more = random.nextInt(0, 64))
            val upsideDown = it % 2 == 0
            val found = Decoder().read(if (upsideDown) picture.turned() else picture.luma, picture.size, picture.size, picture.stride)
            if (found != null) {
                assertEquals(text, found)
                read += 1
            }
        }
        // A camera looks again, with a hand that moves: one look may fail, few may.
        assertTrue("$read of $COUNT (seed $SEED)", read >= COUNT * 95 / 100)
    }

    @Test fun `a picture of nothing has no code, and breaks nothing`() {
        val random = Random(SEED)
        for (size in listOf(1, 7, 40, 200)) {
            assertNull(Decoder().read(ByteArray(size * size), size, size, size))
            repeat(20) { assertNull(Decoder().read(random.nextBytes(size * size), size, size, size)) }
        }
    }

    @Test fun `a code that is too small or cut has no text`() {
        val picture = Picture(Symbol.of("AM1Q:" + "BB8".repeat(100)), pixels = 4, more = 0)
        val half = picture.luma.copyOf(picture.stride * picture.size / 2)
        assertNull(Decoder().read(half, picture.size, picture.size / 2, picture.stride))
    }

    private class Picture(symbol: Symbol, pixels: Int, more: Int) {
        val size = symbol.fullWidth().toInt() * pixels
        val stride = size + more
        val luma: ByteArray

        init {
            val (width, modules) = symbol.width().toInt() to symbol.modules()
            luma = ByteArray(stride * size) { index ->
                val (x, y) = index % stride / pixels - 4 to index / stride / pixels - 4
                val isDark = x in 0 until width && y in 0 until width && modules[y * width + x].toInt() == 1
                if (isDark) 0 else -1
            }
        }

        fun turned() = ByteArray(luma.size) { index ->
            val (x, y) = index % stride to index / stride
            if (x < size) luma[(size - 1 - y) * stride + (size - 1 - x)] else -1
        }
    }

    private companion object {
        const val SEED = 20261124
        const val COUNT = 60
        const val ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    }
}
