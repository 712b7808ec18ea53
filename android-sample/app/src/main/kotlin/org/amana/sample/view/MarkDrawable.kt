package org.amana.sample.view

import android.graphics.Canvas
import android.graphics.ColorFilter
import android.graphics.Paint
import android.graphics.Path
import android.graphics.PixelFormat
import android.graphics.drawable.Drawable
import org.amana.sample.page.Mark

/** The shape of a fact, told apart without colour: a tick in a disc, a triangle, a cross in an octagon, a bar. */
class MarkDrawable(private val mark: Mark, isMain: Boolean, private val side: Int) : Drawable() {
    private val colours = Looks.fact(mark, isMain)
    private val fill = Paint(Paint.ANTI_ALIAS_FLAG).apply { color = colours.second }
    private val stroke = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        color = colours.first
        style = Paint.Style.STROKE
        strokeCap = Paint.Cap.ROUND
    }

    override fun getIntrinsicWidth() = side

    override fun getIntrinsicHeight() = side

    override fun draw(canvas: Canvas) {
        stroke.strokeWidth = side / 8f
        fun at(part: Float) = side * part
        canvas.save()
        canvas.translate(bounds.left.toFloat(), bounds.top.toFloat())
        when (mark) {
            Mark.GOOD -> {
                canvas.drawCircle(at(.5f), at(.5f), at(.48f), fill)
                canvas.drawPath(path(at(.28f) to at(.52f), at(.44f) to at(.68f), at(.72f) to at(.34f)), stroke)
            }
            Mark.CARE -> {
                canvas.drawPath(path(at(.5f) to at(.04f), at(.98f) to at(.94f), at(.02f) to at(.94f)).apply { close() }, fill)
                canvas.drawLine(at(.5f), at(.36f), at(.5f), at(.62f), stroke)
                canvas.drawPoint(at(.5f), at(.8f), stroke)
            }
            Mark.BAD -> {
                val corners = listOf(.3f to 0f, .7f to 0f, 1f to .3f, 1f to .7f, .7f to 1f, .3f to 1f, 0f to .7f, 0f to .3f)
                canvas.drawPath(path(*corners.map { (x, y) -> at(x) to at(y) }.toTypedArray()).apply { close() }, fill)
                canvas.drawLine(at(.32f), at(.32f), at(.68f), at(.68f), stroke)
                canvas.drawLine(at(.68f), at(.32f), at(.32f), at(.68f), stroke)
            }
            Mark.NOTE -> canvas.drawRect(at(.15f), at(.42f), at(.85f), at(.58f), fill)
        }
        canvas.restore()
    }

    override fun setAlpha(alpha: Int) = Unit

    override fun setColorFilter(filter: ColorFilter?) = Unit

    @Deprecated("Drawable still asks for it")
    override fun getOpacity() = PixelFormat.TRANSLUCENT

    private fun path(vararg points: Pair<Float, Float>) = Path().apply {
        points.forEachIndexed { index, (x, y) -> if (index == 0) moveTo(x, y) else lineTo(x, y) }
    }
}
