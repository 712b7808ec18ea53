package org.amana.sample

import android.Manifest
import android.app.Activity
import android.content.Intent
import android.content.pm.PackageManager
import android.os.Bundle
import android.view.View
import android.view.WindowManager
import java.io.IOException
import java.util.Locale
import org.amana.sample.device.Aloud
import org.amana.sample.device.AndroidPhone
import org.amana.sample.device.Lens
import org.amana.sample.model.Model
import org.amana.sample.page.Block
import org.amana.sample.page.Page
import org.amana.sample.view.Hands
import org.amana.sample.view.PageView
import org.amana.sample.view.Words

/** Shows a model's pages, and lends it the phone's hands: camera, files, voice. The model outlives a turned phone. */
abstract class ScreenActivity<M : Model> : Activity(), Hands {
    protected lateinit var model: M
        private set
    private lateinit var screen: PageView
    private lateinit var aloud: Aloud
    private val phone by lazy { AndroidPhone(this) }
    private var words: Words? = null
    private var isBright = false

    /** The page that is drawn. */
    var shown: Page? = null
        private set

    /** Whether a page of the system's lies over this one because we asked for it. */
    protected var isPicking = false
        private set

    protected abstract fun make(phone: AndroidPhone): M

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // No screenshots, and nothing to see in the list of recent apps.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        aloud = Aloud(this)
        screen = PageView(this, this)
        setContentView(screen)
        @Suppress("UNCHECKED_CAST", "DEPRECATION") // A model is what was retained below.
        val retained = lastNonConfigurationInstance as M?
        model = retained ?: make(AndroidPhone(applicationContext)).also { it.begin() }
        isPicking = state?.getBoolean(PICKING) == true && retained != null
        model.onPage = { page -> runOnUiThread { show(page) } }
        show(model.page)
    }

    override fun onSaveInstanceState(state: Bundle) {
        super.onSaveInstanceState(state)
        state.putBoolean(PICKING, isPicking)
    }

    @Deprecated("What came instead is AndroidX's")
    override fun onRetainNonConfigurationInstance(): Any = model

    override fun onStop() {
        super.onStop()
        aloud.stop()
    }

    override fun onDestroy() {
        aloud.end()
        if (isChangingConfigurations) model.onPage = null else model.end()
        super.onDestroy()
    }

    @Deprecated("What came instead takes Android 13")
    override fun onBackPressed() {
        val back = model.page.back
        @Suppress("DEPRECATION")
        if (back == null) super.onBackPressed() else back()
    }

    private fun show(page: Page) {
        if (isDestroyed) return
        val needsCamera = page.has<Block.Camera>() && shown?.has<Block.Camera>() != true
        if (page !== shown) aloud.stop()
        shown = page
        val words = words()
        title = words.text(page.title)
        screen.show(page, words)
        brighten(page.isBright)
        if (needsCamera && checkSelfPermission(Manifest.permission.CAMERA) != PackageManager.PERMISSION_GRANTED) {
            requestPermissions(arrayOf(Manifest.permission.CAMERA), CAMERA)
        }
    }

    private fun words(): Words {
        val language = phone.language
        return words?.takeIf { it.language == language } ?: Words(this, language).also { words = it }
    }

    private fun brighten(isBright: Boolean) {
        if (isBright == this.isBright) return
        this.isBright = isBright
        window.attributes = window.attributes.apply {
            screenBrightness = if (isBright) 1f else WindowManager.LayoutParams.BRIGHTNESS_OVERRIDE_NONE
        }
        val awake = WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON
        if (isBright) window.addFlags(awake) else window.clearFlags(awake)
    }

    // The phone's hands.

    override fun camera(): View = Lens(
        this,
        onText = { text -> onPage<Block.Camera> { it.onText(text) } },
        onNone = { if (hasCameraPermission()) onPage<Block.Camera> { it.onNone(false) } },
    )

    private fun hasCameraPermission() = checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    override fun onRequestPermissionsResult(request: Int, permissions: Array<String>, results: IntArray) {
        if (request != CAMERA || results.isEmpty()) return
        if (results[0] == PackageManager.PERMISSION_GRANTED) {
            // A view that was made before could not open the camera.
            shown = null
            screen.show(Page(model.page.title, listOf()), words())
            show(model.page)
        } else {
            onPage<Block.Camera> { it.onNone(true) }
        }
    }

    override fun openFile(block: Block.OpenFile) = pick(Intent(Intent.ACTION_OPEN_DOCUMENT).setType("*/*"), OPEN)

    override fun saveFile(block: Block.SaveFile) =
        pick(Intent(Intent.ACTION_CREATE_DOCUMENT).setType("application/octet-stream").putExtra(Intent.EXTRA_TITLE, block.name), SAVE)

    private fun pick(intent: Intent, request: Int) {
        isPicking = true
        try {
            @Suppress("DEPRECATION") // What came instead is AndroidX's.
            startActivityForResult(intent.addCategory(Intent.CATEGORY_OPENABLE), request)
        } catch (_: android.content.ActivityNotFoundException) {
            isPicking = false
            fail(request)
        }
    }

    @Deprecated("What came instead is AndroidX's")
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        isPicking = false
        val file = data?.data ?: return
        if (result != RESULT_OK) return
        try {
            when (request) {
                OPEN -> {
                    val bytes = contentResolver.openInputStream(file)?.use { it.readAtMost(MAX_FILE) } ?: return fail(request)
                    onPage<Block.OpenFile> { it.onBytes(bytes) }
                }
                SAVE -> onPage<Block.SaveFile> { block ->
                    contentResolver.openOutputStream(file)?.use { it.write(block.bytes) } ?: return fail(request)
                    block.onSaved(true)
                }
            }
        } catch (_: IOException) {
            fail(request)
        } catch (_: SecurityException) {
            fail(request)
        }
    }

    private fun fail(request: Int) = when (request) {
        OPEN -> onPage<Block.OpenFile> { it.onFail() }
        else -> onPage<Block.SaveFile> { it.onSaved(false) }
    }

    override fun readAloud(text: String) = aloud.say(text, Locale.forLanguageTag(phone.language.tag))

    private inline fun <reified T : Block> onPage(work: (T) -> Unit) {
        model.page.blocks.filterIsInstance<T>().firstOrNull()?.let(work)
    }

    private inline fun <reified T : Block> Page.has() = blocks.any { it is T }

    private companion object {
        const val CAMERA = 1
        const val OPEN = 2
        const val SAVE = 3
        const val PICKING = "picking"

        /** More than any backup takes. */
        const val MAX_FILE = 64 * 1024 * 1024
    }
}

private fun java.io.InputStream.readAtMost(limit: Int): ByteArray {
    val out = java.io.ByteArrayOutputStream()
    val part = ByteArray(64 * 1024)
    while (true) {
        val count = read(part)
        if (count < 0) return out.toByteArray()
        out.write(part, 0, count)
        if (out.size() > limit) throw IOException("too large")
    }
}
