// NOT RUN YET: see settings.gradle.kts.
plugins {
    id("com.android.application") version "8.7.3"
    id("org.jetbrains.kotlin.android") version "2.2.21"
}

android {
    namespace = "org.amana.sample"
    compileSdk = 34
    defaultConfig {
        minSdk = 26
        targetSdk = 34
        versionCode = 1
        versionName = "0.1.0"
    }
    flavorDimensions += "face"
    productFlavors {
        create("holder") { dimension = "face"; applicationId = "org.amana.wallet" }
        create("check") { dimension = "face"; applicationId = "org.amana.check" }
    }
    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "r8.pro")
        }
    }
    sourceSets["main"].apply {
        // Each app's manifest is its flavour's; what is generated is written by `cargo xtask package android`.
        manifest.srcFile("src/empty/AndroidManifest.xml")
        kotlin.srcDirs("src/main/kotlin", "target/generated/kotlin")
        res.srcDirs("src/main/res", "target/generated/res")
        assets.srcDirs("target/assets")
    }
    kotlinOptions { jvmTarget = "11" }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
}

dependencies {
    implementation("org.amana:amana-android:0.1.0")
    implementation("com.google.zxing:core:3.5.3")
}
