// NOT RUN YET: for Android Studio; `cargo xtask` builds without Gradle. First: cargo xtask package android
pluginManagement {
    repositories { google(); mavenCentral() }
}
dependencyResolutionManagement {
    repositories {
        maven { url = uri("../target/packages/maven") }
        google()
        mavenCentral()
    }
}
rootProject.name = "amana-sample"
include(":app")
