//! `cargo xtask package`: what developers of apps take.
//!
//! Android: a Maven repository in a folder, with the packages for the JVM and for Android, and the two sample APKs. Apple: an
//! XCFramework beside the Swift sources. The phone libraries take an NDK or Xcode; what is missing is said.

use crate::android::Android;
use crate::bindings::{self, ABIS, Abi, For};
use crate::kotlin::{self, Kotlin};
use crate::process::{Output, Result, on_path, run};
use crate::words;
use crate::workspace::Workspace;
use clap::ValueEnum;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[derive(Clone, Copy, ValueEnum)]
pub enum Platform {
    /// The Maven packages (jar, AAR) and the sample APKs
    Android,
    /// The XCFramework
    Apple,
}

/// `app`: the folder of the Android apps, where it is not the project's own.
pub fn run_for(workspace: &Workspace, platform: Platform, app: Option<&Path>) -> Result {
    match (platform, app) {
        (Platform::Android, None) => android(workspace),
        (Platform::Android, Some(folder)) => {
            let android = Android::of(workspace, Some(folder))?;
            android.prepare(&Output::Shown)?;
            android.pack_all()?;
            println!("\nAPKs: {}", folder.join("target/amana-*.apk").display());
            Ok(())
        }
        (Platform::Apple, None) => apple(workspace),
        (Platform::Apple, Some(_)) => Err("--app goes with android".into()),
    }
}

fn android(workspace: &Workspace) -> Result {
    let android = Android::find(workspace)?;
    android.prepare(&Output::Shown)?;
    bindings::build(workspace, For::Desktops, &Output::Shown)?;
    bindings::generate(workspace)?;
    workspace.build_command()?;
    Kotlin::add_library(workspace)?;
    match ndk() {
        Some(ndk) => ABIS.iter().try_for_each(|abi| build_for_android(workspace, &ndk, abi))?,
        None => println!(
            "No NDK was found: set ANDROID_NDK_HOME. The AAR and the APKs have no phone library, and no phone can run them."
        ),
    }
    let repository = kotlin::publish(workspace, |deploy| {
        run(deploy(kotlin::packages(workspace)).args(["-DskipTests", "-Dapi-docs"]), &Output::Shown)
    })?;
    android.pack_all()?;
    println!("\nMaven packages: {}\nAPKs: android-sample/app/target/amana-*.apk", repository.display());
    Ok(())
}

/// The NDK, where its own variables or the SDK's say.
fn ndk() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let newest = |sdk: PathBuf| fs::read_dir(sdk.join("ndk")).ok()?.filter_map(|entry| Some(entry.ok()?.path())).max();
    folder("ANDROID_NDK_HOME")
        .or_else(|| folder("ANDROID_NDK_ROOT"))
        .or_else(|| folder("ANDROID_HOME").or_else(|| folder("ANDROID_SDK_ROOT")).and_then(newest))
        .filter(|folder| folder.is_dir())
}

/// The phone library for one processor, stripped, where the AAR takes it from.
fn build_for_android(workspace: &Workspace, ndk: &Path, abi: &Abi) -> Result {
    let host = if cfg!(target_os = "macos") { "darwin-x86_64" } else { "linux-x86_64" };
    let tools = ndk.join("toolchains/llvm/prebuilt").join(host).join("bin");
    // The compiler's name says the oldest Android as well; for 32-bit ARM it is not Rust's.
    let clang = tools.join(format!("{}26-clang", abi.target.replace("armv7-", "armv7a-")));
    let (snake, upper) = (abi.target.replace('-', "_"), abi.target.replace('-', "_").to_uppercase());
    add_target(abi.target)?;
    let mut build = workspace.cargo(&["build", "--profile=phone", "--package=amana-ffi", "--no-default-features"]);
    build
        .arg("--target")
        .arg(abi.target)
        .env(format!("CC_{snake}"), &clang)
        .env(format!("AR_{snake}"), tools.join("llvm-ar"));
    build.env(format!("CARGO_TARGET_{upper}_LINKER"), &clang);
    run(&mut build, &Output::Shown)?;
    let library = abi.library(workspace);
    let stripped =
        workspace.root.join("bindings/kotlin/amana-android/target/jni").join(abi.name).join("libamana_ffi.so");
    fs::create_dir_all(stripped.parent().ok_or("a file lies in a folder")?)?;
    run(Command::new(tools.join("llvm-strip")).arg("-o").arg(&stripped).arg(&library), &Output::Shown)
}

fn add_target(target: &str) -> Result {
    run(Command::new("rustup").args(["target", "add", target]), &Output::Shown)
}

/// Apple's platforms: what the framework's slice is called, and Rust's targets in it.
const SLICES: [(&str, &[&str]); 3] = [
    ("ios", &["aarch64-apple-ios"]),
    ("ios-simulator", &["aarch64-apple-ios-sim", "x86_64-apple-ios"]),
    ("macos", &["aarch64-apple-darwin", "x86_64-apple-darwin"]),
];

fn apple(workspace: &Workspace) -> Result {
    words::generate(workspace)?;
    if !on_path("xcodebuild") {
        return Err(
            "An XCFramework takes macOS with Xcode (`xcodebuild` on PATH); it was not made. The words of the apps \
             were written, and the Swift package is tested on Linux by `cargo xtask test --only swift`."
                .into(),
        );
    }
    bindings::build(workspace, For::Phones, &Output::Shown)?;
    bindings::generate(workspace)?;
    let folder = workspace.target.join("packages/apple");
    let framework = folder.join("AmanaFFI.xcframework");
    if framework.exists() {
        fs::remove_dir_all(&framework)?;
    }
    let mut create = Command::new("xcodebuild");
    create.arg("-create-xcframework");
    for (slice, targets) in SLICES {
        let mut libraries = Vec::new();
        for target in targets {
            add_target(target)?;
            let mut build =
                workspace.cargo(&["build", "--profile=phone", "--package=amana-ffi", "--no-default-features"]);
            run(build.args(["--target", target]), &Output::Shown)?;
            libraries.push(workspace.target.join(target).join("phone/libamana_ffi.a"));
        }
        let together = folder.join(slice).join("libamana_ffi.a");
        fs::create_dir_all(folder.join(slice))?;
        run(Command::new("lipo").args(["-create", "-output"]).arg(&together).args(&libraries), &Output::Shown)?;
        create
            .arg("-library")
            .arg(together)
            .arg("-headers")
            .arg(workspace.root.join("bindings/swift/Sources/AmanaFFI"));
    }
    run(create.arg("-output").arg(&framework), &Output::Shown)?;
    println!("\nXCFramework: {}", framework.display());
    Ok(())
}
