package org.amana.sample.device

import com.google.zxing.Binarizer
import com.google.zxing.BinaryBitmap
import com.google.zxing.DecodeHintType
import com.google.zxing.PlanarYUVLuminanceSource
import com.google.zxing.ReaderException
import com.google.zxing.common.GlobalHistogramBinarizer
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.multi.qrcode.QRCodeMultiReader
import com.google.zxing.qrcode.QRCodeReader

/** Finds the code in what a camera saw: how light each point is, row by row. */
class Decoder {
    private val one = QRCodeReader()
    private val several = QRCodeMultiReader()

    /** Its text, if there is one. A row may take more bytes (`stride`) than it has points. */
    fun read(luma: ByteArray, width: Int, height: Int, stride: Int): String? {
        val source = PlanarYUVLuminanceSource(luma, stride, height, 0, 0, width, height, false)
        // Light that differs from place to place, or one light over all: some codes are found by the one, some by the
        // other.
        return read(HybridBinarizer(source)) ?: read(GlobalHistogramBinarizer(source))
    }

    private fun read(picture: Binarizer): String? {
        val bitmap = BinaryBitmap(picture)
        // The second weighs more candidates for the corners: it finds large codes whose modules pose as such.
        return found { one.decode(bitmap, HINTS).text } ?: found { several.decodeMultiple(bitmap, HINTS).firstOrNull()?.text }
    }

    private fun found(look: () -> String?): String? = try {
        look()
    } catch (_: ReaderException) {
        null
    } catch (_: RuntimeException) {
        // ZXing indexes into what it found, and has failed on pictures without a code.
        null
    } finally {
        one.reset()
    }

    private companion object {
        val HINTS = mapOf(DecodeHintType.TRY_HARDER to true)
    }
}
