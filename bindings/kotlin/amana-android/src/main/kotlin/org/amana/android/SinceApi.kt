package org.amana.android

/**
 * Calls what came after Android 8 (API 26): only after a look at `Build.VERSION.SDK_INT`. The build refuses other such
 * calls.
 */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.FUNCTION, AnnotationTarget.CLASS)
annotation class SinceApi(val level: Int)
