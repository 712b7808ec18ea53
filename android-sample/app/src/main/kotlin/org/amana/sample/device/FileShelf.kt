package org.amana.sample.device

import android.util.AtomicFile
import java.io.File
import java.io.IOException
import org.amana.sample.check.Shelf

/** Files of this app alone; the secret ones sealed by a key that only this phone has. */
class FileShelf(private val folder: File, private val seal: Seal) : Shelf {
    override fun read(name: String, isSecret: Boolean): ByteArray? {
        val file = File(folder, name)
        if (!file.exists()) return null
        val bytes = AtomicFile(file).readFully()
        return if (isSecret) seal.open(bytes) else bytes
    }

    override fun write(name: String, bytes: ByteArray, isSecret: Boolean) {
        folder.mkdirs()
        val file = AtomicFile(File(folder, name))
        val stream = file.startWrite()
        try {
            stream.write(if (isSecret) seal.close(bytes) else bytes)
            file.finishWrite(stream)
        } catch (error: IOException) {
            file.failWrite(stream)
            throw error
        }
    }

    override fun names(start: String): List<String> = folder.list().orEmpty().filter { it.startsWith(start) }.sorted()
}
