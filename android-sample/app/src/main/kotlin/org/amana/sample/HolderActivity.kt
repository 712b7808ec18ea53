package org.amana.sample

import java.io.File
import org.amana.WalletHost
import org.amana.android.androidHost
import org.amana.sample.device.AndroidPhone
import org.amana.sample.holder.HolderModel

/** *Amana*, the holder's app. */
open class HolderActivity : ScreenActivity<HolderModel>() {
    /** The ports that the wallet lives on. */
    protected open fun host(): WalletHost = androidHost()

    override fun make(phone: AndroidPhone) = HolderModel(phone, File(noBackupFilesDir, "wallet.amana"), host(), anchor())

    override fun onStop() {
        super.onStop()
        // Out of sight is closed. While a file is chosen the system's own page lies over this one: that is no going
        // away.
        if (!isChangingConfigurations && !isPicking) model.closeNow()
    }
}
