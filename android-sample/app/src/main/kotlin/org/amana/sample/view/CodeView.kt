package org.amana.sample.view

import android.content.Context
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.view.View
import org.amana.sample.page.Block

/** Draws a code black on white with whole pixels a module; several one after the other, without end. */
class CodeView(context: Context, private val code: Block.Code) : View(context) {
    private val paint = Paint().apply { isAntiAlias = false }
    private var index = 0
    private val next = object : Runnable {
        override fun run() {
            index = (index + 1) % code.symbols.size
            invalidate()
            postDelayed(this, FRAME_MS)
        }
    }

    override fun onAttachedToWindow() {
        super.onAttachedToWindow()
        if (code.symbols.size > 1) postDelayed(next, FRAME_MS)
    }

    override fun onDetachedFromWindow() {
        removeCallbacks(next)
        super.onDetachedFromWindow()
    }

    override fun onMeasure(widthSpec: Int, heightSpec: Int) {
        val width = MeasureSpec.getSize(widthSpec)
        setMeasuredDimension(width, width)
    }

    override fun onDraw(canvas: Canvas) {
        val symbol = code.symbols[index]
        val pixels = (minOf(width, height) / symbol.fullWidth).coerceAtLeast(1)
        val start = (minOf(width, height) - pixels * symbol.fullWidth) / 2
        canvas.drawColor(Color.WHITE)
        paint.color = Color.BLACK
        for (y in 0 until symbol.fullWidth) for (x in 0 until symbol.fullWidth) {
            if (!symbol.isDark(x, y)) continue
            val (left, top) = start + x * pixels to start + y * pixels
            canvas.drawRect(left.toFloat(), top.toFloat(), (left + pixels).toFloat(), (top + pixels).toFloat(), paint)
        }
    }

    private companion object {
        /** Five a second: cheap cameras see each at least once. */
        const val FRAME_MS = 200L
    }
}
