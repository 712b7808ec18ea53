package org.amana.sample.device

import android.Manifest
import android.annotation.SuppressLint
import android.content.Context
import android.content.pm.PackageManager
import android.graphics.ImageFormat
import android.graphics.SurfaceTexture
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.view.Surface
import android.view.TextureView
import android.widget.FrameLayout

/** The camera: shows what it sees, and tells the text of each code in it. No picture is kept. */
class Lens(context: Context, private val onText: (String) -> Unit, private val onNone: () -> Unit) : FrameLayout(context) {
    private val texture = TextureView(context)
    private val decoder = Decoder()
    private var thread: HandlerThread? = null
    private var device: CameraDevice? = null
    private var pictures: ImageReader? = null

    init {
        addView(texture)
        texture.surfaceTextureListener = object : TextureView.SurfaceTextureListener {
            override fun onSurfaceTextureAvailable(texture: SurfaceTexture, width: Int, height: Int) = open(texture)

            override fun onSurfaceTextureDestroyed(texture: SurfaceTexture): Boolean {
                close()
                return true
            }

            override fun onSurfaceTextureSizeChanged(texture: SurfaceTexture, width: Int, height: Int) = Unit

            override fun onSurfaceTextureUpdated(texture: SurfaceTexture) = Unit
        }
    }

    /** A square out of the middle: what lies above and below is read as well. */
    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        texture.measure(exactly(width), exactly(width * WIDTH / HEIGHT))
        setMeasuredDimension(width, width)
    }

    override fun onLayout(changed: Boolean, left: Int, top: Int, right: Int, bottom: Int) {
        val above = (texture.measuredHeight - height) / 2
        texture.layout(0, -above, texture.measuredWidth, texture.measuredHeight - above)
    }

    private fun exactly(size: Int) = MeasureSpec.makeMeasureSpec(size, MeasureSpec.EXACTLY)

    private fun open(texture: SurfaceTexture) {
        if (context.checkSelfPermission(Manifest.permission.CAMERA) != PackageManager.PERMISSION_GRANTED) return onNone()
        val cameras = context.getSystemService(CameraManager::class.java) ?: return onNone()
        try {
            val id = backCamera(cameras) ?: return onNone()
            val handler = Handler(HandlerThread("lens").also { it.start(); thread = it }.looper)
            openCamera(cameras, id, texture, handler)
        } catch (_: CameraAccessException) {
            onNone()
        } catch (_: IllegalArgumentException) {
            onNone()
        }
    }

    private fun backCamera(cameras: CameraManager): String? {
        val ids = cameras.cameraIdList
        fun isBack(id: String) =
            cameras.getCameraCharacteristics(id)[CameraCharacteristics.LENS_FACING] == CameraCharacteristics.LENS_FACING_BACK
        return ids.find(::isBack) ?: ids.firstOrNull()
    }

    @SuppressLint("MissingPermission") // `open` has asked.
    private fun openCamera(cameras: CameraManager, id: String, texture: SurfaceTexture, handler: Handler) {
        cameras.openCamera(id, object : CameraDevice.StateCallback() {
            override fun onOpened(camera: CameraDevice) {
                device = camera
                look(camera, texture, handler)
            }

            override fun onDisconnected(camera: CameraDevice) = camera.close()

            override fun onError(camera: CameraDevice, error: Int) {
                camera.close()
                post(onNone)
            }
        }, handler)
    }

    @Suppress("DEPRECATION") // What came instead takes Android 9.
    private fun look(camera: CameraDevice, texture: SurfaceTexture, handler: Handler) {
        texture.setDefaultBufferSize(WIDTH, HEIGHT)
        val reader = ImageReader.newInstance(WIDTH, HEIGHT, ImageFormat.YUV_420_888, 2).also { pictures = it }
        reader.setOnImageAvailableListener({ read(it) }, handler)
        val preview = Surface(texture)
        val request = camera.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
            addTarget(preview)
            addTarget(reader.surface)
            set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
        }
        camera.createCaptureSession(listOf(preview, reader.surface), object : CameraCaptureSession.StateCallback() {
            override fun onConfigured(session: CameraCaptureSession) {
                try {
                    session.setRepeatingRequest(request.build(), null, handler)
                } catch (_: CameraAccessException) {
                    post(onNone)
                } catch (_: IllegalStateException) {
                    // Closed meanwhile.
                }
            }

            override fun onConfigureFailed(session: CameraCaptureSession) {
                post(onNone)
            }
        }, handler)
    }

    private fun read(reader: ImageReader) {
        val text = reader.acquireLatestImage()?.use { picture ->
            val plane = picture.planes[0]
            val luma = ByteArray(plane.buffer.remaining()).also(plane.buffer::get)
            // The last row may be given without the bytes that fill it up.
            val whole = if (luma.size >= plane.rowStride * picture.height) luma else luma.copyOf(plane.rowStride * picture.height)
            decoder.read(whole, picture.width, picture.height, plane.rowStride)
        }
        if (text != null) onText(text)
    }

    private fun close() {
        device?.close()
        pictures?.close()
        thread?.quitSafely()
        device = null
        pictures = null
        thread = null
    }

    private companion object {
        const val WIDTH = 1280
        const val HEIGHT = 720
    }
}
