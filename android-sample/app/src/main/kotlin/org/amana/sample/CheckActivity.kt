package org.amana.sample

import java.io.File
import org.amana.Clock
import org.amana.android.AndroidClock
import org.amana.sample.check.CheckModel
import org.amana.sample.device.AndroidPhone
import org.amana.sample.device.FileShelf
import org.amana.sample.device.Seal

/** *Amana Check*, the field worker's app. */
open class CheckActivity : ScreenActivity<CheckModel>() {
    /** What tells the time. */
    protected open fun clock(): Clock = AndroidClock

    override fun make(phone: AndroidPhone) =
        CheckModel(phone, FileShelf(File(noBackupFilesDir, "check"), Seal("amana.check")), anchor(), clock())
}
