package org.amana.sample

import android.content.Context

/** The one key that the app is built with: whoever has its other half says whom to believe. */
internal fun Context.anchor(): String = assets.open("anchor.jwk").use { it.readBytes().decodeToString() }
