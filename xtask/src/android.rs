//! The Android apps: their resources before Maven compiles, their APKs after it has tested, and what stands in these.
//!
//! No Android SDK is taken: the resource and signing tools are Debian's, R8 and the classes of Android come by Maven. The phone
//! libraries take an NDK; without one an APK has everything else, and says so.

use crate::kept::keep;
use crate::kotlin::{self, Kotlin};
use crate::process::{Output, Result, output, run};
use crate::workspace::Workspace;
use crate::{apt, bindings, foreign, words};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// The programs that it takes beside Kotlin's, and the Debian package that brings each.
const TOOLS: [(&str, &str); 6] = [
    ("aapt2", "aapt"),
    ("apksigner", "apksigner"),
    ("zipalign", "zipalign"),
    ("dexdump", "dexdump"),
    ("zip", "zip"),
    ("unzip", "unzip"),
];

/// Oldest and newest Android: 8.0 and 14.
const MIN_SDK: &str = "26";
const TARGET_SDK: &str = "34";

/// One of the two apps.
struct Face {
    /// The folder of its manifest, and what its APK is called.
    name: &'static str,
    /// What the phone knows it by.
    id: &'static str,
    /// Where it starts.
    activity: &'static str,
    /// Classes that must not be in it.
    without: &'static [&'static str],
}

const FACES: [Face; 2] = [
    Face {
        name: "holder",
        id: "org.amana.wallet",
        activity: "HolderActivity",
        without: &["org/amana/sample/CheckActivity", "org/amana/sample/check/"],
    },
    Face {
        name: "check",
        id: "org.amana.check",
        activity: "CheckActivity",
        without: &[
            "org/amana/sample/HolderActivity",
            "org/amana/sample/holder/",
            "org/amana/Wallet;",
            "org/amana/Holder;",
        ],
    },
];

/// Most bytes of an APK beside the phone libraries.
const MAX_APK: u64 = 4_000_000;

/// What Maven copies for us: the classes of Android, R8, and JNA's half that is native.
const COPIED: [&str; 3] = [
    "org.robolectric:android-all:14-robolectric-10818077",
    "com.android.tools:r8:9.5.28",
    "net.java.dev.jna:jna:5.17.0:aar",
];

/// The folder of the project's own apps.
const OWN: &str = "android-sample/app";

pub struct Android<'a> {
    workspace: &'a Workspace,
    /// The folder of the apps' sources: the project's own, or what somebody made of them.
    app: PathBuf,
    is_own: bool,
    kotlin: Kotlin,
    /// Packages to install first.
    missing: Vec<&'static str>,
}

impl<'a> Android<'a> {
    pub fn find(workspace: &'a Workspace) -> Result<Self> {
        Self::of(workspace, None)
    }

    /// The apps in another folder, which take the packages from where `cargo xtask package android` put them.
    pub fn of(workspace: &'a Workspace, folder: Option<&Path>) -> Result<Self> {
        let missing = apt::missing(&TOOLS);
        if !missing.is_empty() && !apt::can_install() {
            return Err("The Android apps take aapt2, apksigner, zipalign, dexdump, zip and unzip on PATH. On Debian: \
                 apt-get install aapt apksigner zipalign dexdump zip unzip. Elsewhere an Android SDK's build-tools have \
                 them. To leave them out: --only rust, --only kotlin, --only swift."
                .into());
        }
        let app = match folder {
            Some(folder) => fs::canonicalize(folder).map_err(|error| format!("{}: {error}", folder.display()))?,
            None => workspace.root.join(OWN),
        };
        Ok(Self { workspace, app, is_own: folder.is_none(), kotlin: Kotlin::find()?, missing })
    }

    /// Installs what is missing and downloads what Maven will ask for.
    pub fn prepare(&self, to: &Output) -> Result {
        if !self.missing.is_empty() {
            apt::install(&self.missing, to)?;
        }
        self.kotlin.install(to)?;
        self.copy_tools(to)?;
        if self.is_own { run(self.maven().arg("dependency:go-offline"), to) } else { Ok(()) }
    }

    /// Tests the Kotlin packages and the apps, publishes the packages, and packs both apps; `command` is the command
    /// `amana`.
    pub fn test(&self, command: &Path) -> Result {
        Kotlin::add_library(self.workspace)?;
        self.resources(&Output::Shown)?;
        kotlin::publish(self.workspace, |deploy| run(deploy(self.maven()).env("AMANA_CLI", command), &Output::Shown))?;
        self.apks(&Output::Shown)
    }

    /// Packs both apps, without the tests.
    pub fn pack_all(&self) -> Result {
        self.resources(&Output::Shown)?;
        run(self.maven().args(["package", "-DskipTests"]), &Output::Shown)?;
        self.apks(&Output::Shown)
    }

    /// Draws every screen anew, in these languages. Returns the folder of the pictures.
    pub fn pictures(&self, command: &Path, languages: &[String]) -> Result<PathBuf> {
        let folder = if self.is_own { self.workspace.root.join("docs/pictures") } else { self.app.join("pictures") };
        let languages = languages.join(",");
        self.run_one(
            // Also whether it can be read and touched: a test that is called "every …".
            "PicturesTest,AccessTest#every*",
            &[("redraw", "true"), ("pictures", &folder.to_string_lossy()), ("languages", &languages)],
            command,
        )?;
        Ok(folder)
    }

    /// Measures, and returns the rows of that.
    pub fn measure(&self, command: &Path) -> Result<String> {
        self.run_one("VerdictMeasure", &[], command)?;
        Ok(fs::read_to_string(self.app.join("target/measures.jsonl"))?)
    }

    fn run_one(&self, test: &str, properties: &[(&str, &str)], command: &Path) -> Result {
        self.resources(&Output::Shown)?;
        let mut one = self.maven();
        one.args(["test", "-Damana.must.test=false", "-Dsurefire.failIfNoSpecifiedTests=false"]);
        one.arg(format!("-Dtest={test}"))
            .args(properties.iter().map(|(name, value)| format!("-Damana.{name}={value}")));
        if self.is_own {
            one.args(["--projects=app", "--also-make"]);
        }
        run(one.env("AMANA_CLI", command), &Output::Shown)
    }

    fn maven(&self) -> Command {
        if self.is_own {
            return kotlin::maven(self.workspace, &self.workspace.root.join("android-sample"));
        }
        let mut maven = kotlin::maven(self.workspace, &self.app);
        maven.arg(format!("-Damana.checkout={}", self.workspace.root.display()));
        maven
    }

    /// Follows the guides that begin with a copy of the apps, beside one another, and sees that what they change is drawn. The
    /// packages were published before.
    pub fn follow_guides(&self, command: &Path) -> Result {
        let follow = |guide: &str, language: &str, changed: &str, from: PathBuf| {
            let to = Output::logged(&self.workspace.logs(), &format!("guide-{guide}"))?;
            let folder =
                foreign::follow(self.workspace, guide, |folder| kotlin::shell(self.workspace, command, folder), &to)?;
            let drawn = fs::read(folder.join("my-app/pictures").join(language).join("welcome.png"))?;
            let is_other = |bytes: &[u8], path: &Path| Ok::<_, std::io::Error>(bytes != fs::read(path)?);
            let is_seen = is_other(&drawn, &self.workspace.root.join("docs/pictures/en/welcome.png"))?;
            match is_seen && is_other(&fs::read(folder.join("my-app").join(changed))?, &from)? {
                true => Ok(()),
                false => Err(format!("docs/guides/{guide}.md changes nothing that one could see").into()),
            }
        };
        let looks = "src/main/kotlin/org/amana/sample/view/Looks.kt";
        thread::scope(|scope| {
            let looks = scope.spawn(|| follow("looks", "en", looks, self.app.join(looks)));
            follow("language", "fr", "words/fr.toml", self.words().join("en.toml"))?;
            looks.join().map_err(|_| "the other guide panicked")?
        })
    }

    /// What the apps are made of, before Maven compiles them: words, resources, the key that they believe.
    fn resources(&self, to: &Output) -> Result {
        self.copy_tools(to)?;
        match self.is_own {
            true => words::generate(self.workspace)?,
            false => words::generate_for(&self.app, &self.words())?,
        }
        self.anchor(to)?;
        let linked = self.app.join("target/linked");
        fs::create_dir_all(&linked)?;
        for (folder, name) in [("src/main/res", "res.zip"), ("target/generated/res", "words.zip")] {
            let mut compile = Command::new("aapt2");
            run(compile.args(["compile", "--dir"]).arg(self.app.join(folder)).arg("-o").arg(linked.join(name)), to)?;
        }
        for (name, id) in FACES.iter().map(|face| (face.name, face.id)).chain([("test", "org.amana.sample")]) {
            let mut link = Command::new("aapt2");
            link.args(["link", "--auto-add-overlay", "--min-sdk-version", MIN_SDK, "--target-sdk-version", TARGET_SDK]);
            link.args([
                "--version-code",
                "1",
                "--version-name",
                env!("CARGO_PKG_VERSION"),
                "--rename-manifest-package",
                id,
            ]);
            link.arg("-I").arg(self.tool("android-all")?);
            link.arg("--manifest").arg(self.app.join("src").join(name).join("AndroidManifest.xml"));
            link.arg("-A").arg(self.app.join(if name == "test" { "target/test-assets" } else { "target/assets" }));
            link.arg("-o").arg(linked.join(name).with_extension("ap_"));
            run(link.arg(linked.join("res.zip")).arg(linked.join("words.zip")), to)?;
        }
        Ok(())
    }

    /// The folder of the apps' words: their own, where they have one.
    fn words(&self) -> PathBuf {
        let own = self.app.join("words");
        if !self.is_own && own.is_dir() { own } else { self.workspace.root.join(words::FOLDER) }
    }

    /// The key whose bundles the apps believe: `AMANA_ANCHOR`, else one that is made here for trying them out, as tests do.
    fn anchor(&self, to: &Output) -> Result {
        let folder = self.workspace.target.join("android/anchor");
        keep(&folder, "a key to try the apps with\n", || {
            fs::create_dir_all(&folder)?;
            let mut make = self.workspace.cargo(&["run", "--quiet", "--package=amana-cli", "--", "issuer", "keygen"]);
            make.args(["--kid", "anchor", "--out"]).arg(folder.join("anchor.jwk"));
            run(make.arg("--public").arg(folder.join("anchor.pub.jwk")), to)
        })?;
        let for_trying = folder.join("anchor.pub.jwk");
        let chosen = env::var_os("AMANA_ANCHOR").filter(|file| !file.is_empty()).map(PathBuf::from);
        for (assets, key) in
            [("target/assets", chosen.as_ref().unwrap_or(&for_trying)), ("target/test-assets", &for_trying)]
        {
            let assets = self.app.join(assets);
            fs::create_dir_all(&assets)?;
            fs::copy(key, assets.join("anchor.jwk"))?;
        }
        Ok(())
    }

    fn copy_tools(&self, to: &Output) -> Result {
        let folder = self.tools();
        keep(&folder, &COPIED.join("\n"), || {
            for artifact in COPIED {
                let mut copy = kotlin::packages(self.workspace);
                copy.args(["--non-recursive", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"]);
                run(
                    copy.arg(format!("-Dartifact={artifact}")).arg(format!("-DoutputDirectory={}", folder.display())),
                    to,
                )?;
            }
            Ok(())
        })
    }

    fn tools(&self) -> PathBuf {
        self.workspace.target.join("android/tools")
    }

    /// The copied file whose name starts so.
    fn tool(&self, name: &str) -> Result<PathBuf> {
        let mut files = fs::read_dir(self.tools())?.filter_map(|entry| Some(entry.ok()?.path()));
        let is_it = |path: &PathBuf| path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name));
        files.find(is_it).ok_or_else(|| format!("{name} was not copied").into())
    }

    /// Packs, signs and reads back both APKs.
    pub fn apks(&self, to: &Output) -> Result {
        FACES.iter().try_for_each(|face| {
            let apk = self.pack(face, to)?;
            self.read_back(face, &apk)
        })
    }

    /// Shrinks the program of the guide by R8 with the rules that the package brings, and runs it: no rule is missing that what
    /// crosses the border by name would need. On the JVM, since nothing here runs an APK.
    pub fn run_shrunk(&self, command: &Path) -> Result {
        let guide = self.workspace.target.join("foreign/kotlin/first-verdict");
        let folder = self.workspace.target.join("foreign/shrunk");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        for file in ["trust.txt", "anchor.pub.jwk", "desk.jwk", "offer.txt", "point.jwk", "point.reg", "card.json"] {
            fs::copy(guide.join(file), folder.join(file))?;
        }
        let (rules, jar) = (folder.join("rules.pro"), folder.join("shrunk.jar"));
        let keep = "-keep class FirstVerdictKt { public static void main(java.lang.String[]); }\n-dontobfuscate\n\
                    -dontwarn org.jetbrains.annotations.**\n-dontwarn sun.misc.**\n";
        fs::write(&rules, keep.to_owned() + &self.package_rules()?)?;
        let maven = kotlin::local_repository().ok_or("Maven's own repository was not found")?;
        let jna = maven.join("net/java/dev/jna/jna/5.17.0/jna-5.17.0.jar");
        let mut r8 = Command::new("java");
        r8.args(kotlin::QUICK_JVM).arg("-cp").arg(self.tool("r8")?).args([
            "com.android.tools.r8.R8",
            "--release",
            "--classfile",
        ]);
        r8.arg("--lib").arg(java_home()?).arg("--pg-conf").arg(&rules).arg("--output").arg(&jar);
        let of_ours =
            |jar: &PathBuf| !jar.to_string_lossy().contains("amana-sample") && !jar.ends_with("jna/classes.jar");
        r8.args(self.class_path()?.into_iter().filter(of_ours))
            .arg(jna)
            .arg(self.jar_of(&guide.join("target/classes"), &folder)?);
        run(&mut r8, &Output::Shown)?;
        let native = maven.join(format!("org/amana/amana-jvm/{0}/amana-jvm-{0}.jar", env!("CARGO_PKG_VERSION")));
        let path = env::join_paths([&jar, &native])?;
        let run_it = || {
            let mut java = Command::new("java");
            java.arg("-cp").arg(&path).arg("FirstVerdictKt").current_dir(&folder);
            output(&mut java)
        };
        run_it()?;
        let mut issue = Command::new(command);
        issue.args(["issuer", "issue", "--key", "desk.jwk", "--issuer", "https://id.example", "--draft", "card.json"]);
        run(issue.args(["--enrolment", "enrolment.txt", "--out", "card.txt"]).current_dir(&folder), &Output::Shown)?;
        let told = run_it()?;
        if !told.contains("decision-accept") {
            return Err(format!("shrunk by R8, the guide's program says: {told}").into());
        }
        println!("shrunk to {} bytes, and accepted", fs::metadata(jar)?.len());
        Ok(())
    }

    fn jar_of(&self, classes: &Path, folder: &Path) -> Result<PathBuf> {
        let jar = folder.join("program.jar");
        run(Command::new("jar").arg("cf").arg(&jar).arg("-C").arg(classes).arg("."), &Output::Shown)?;
        Ok(jar)
    }

    /// The rules for R8 that the package brings.
    fn package_rules(&self) -> Result<String> {
        let rules = "bindings/kotlin/amana-android/src/main/resources/META-INF/proguard/amana.pro";
        Ok(fs::read_to_string(self.workspace.root.join(rules))?)
    }

    fn pack(&self, face: &Face, to: &Output) -> Result<PathBuf> {
        let folder = self.app.join("target/apk").join(face.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let (rules, unsigned, aligned) =
            (folder.join("rules.pro"), folder.join("unsigned.apk"), folder.join("aligned.apk"));
        // What the manifest names is where everything starts.
        let activity = face.activity;
        let own = fs::read_to_string(self.app.join("r8.pro"))?;
        fs::write(&rules, format!("-keep class org.amana.sample.{activity}\n{own}\n{}", self.package_rules()?))?;
        let mut r8 = Command::new("java");
        r8.args(kotlin::QUICK_JVM).arg("-cp").arg(self.tool("r8")?).args([
            "com.android.tools.r8.R8",
            "--release",
            "--min-api",
            MIN_SDK,
        ]);
        // Android's classes stand on Java's own.
        r8.arg("--lib")
            .arg(java_home()?)
            .arg("--lib")
            .arg(self.tool("android-all")?)
            .arg("--pg-conf")
            .arg(&rules)
            .arg("--output")
            .arg(&folder);
        r8.args(self.class_path()?);
        run(&mut r8, to)?;

        fs::copy(self.app.join("target/linked").join(face.name).with_extension("ap_"), &unsigned)?;
        run(Command::new("zip").args(["-q", "-j"]).arg(&unsigned).arg(folder.join("classes.dex")), to)?;
        self.add_libraries(&folder, &unsigned, to)?;
        run(Command::new("zipalign").args(["-p", "4"]).args([&unsigned, &aligned]), to)?;
        let apk = self.app.join("target").join(format!("amana-{}.apk", face.name));
        let key = self.debug_key(to)?;
        let mut sign = Command::new("apksigner");
        sign.args(["sign", "--min-sdk-version", MIN_SDK, "--ks-pass", "pass:android", "--ks"]).arg(key);
        run(sign.arg("--out").args([&apk, &aligned]), to)?;
        Ok(apk)
    }

    /// The app's classes and everything that they take at run time.
    fn class_path(&self) -> Result<Vec<PathBuf>> {
        let jars = fs::read_dir(self.app.join("target/classpath"))?.filter_map(|entry| Some(entry.ok()?.path()));
        let mut jars: Vec<_> =
            jars.filter(|path| path.extension().is_some_and(|extension| extension == "jar")).collect();
        // JNA's classes for Android are in its AAR.
        let jna = self.workspace.target.join("android/jna");
        keep(&jna, COPIED[2], || {
            fs::create_dir_all(&jna)?;
            run(Command::new("unzip").arg("-qo").arg(self.tool("jna")?).arg("-d").arg(&jna), &Output::Shown)
        })?;
        jars.extend([
            jna.join("classes.jar"),
            self.app.join(format!("target/amana-sample-{}.jar", env!("CARGO_PKG_VERSION"))),
        ]);
        jars.sort();
        Ok(jars)
    }

    /// JNA's native half for each processor, and ours where an NDK built it.
    fn add_libraries(&self, folder: &Path, apk: &Path, to: &Output) -> Result {
        let jna = self.workspace.target.join("android/jna/jni");
        for abi in bindings::ABIS {
            let to_folder = folder.join("lib").join(abi.name);
            fs::create_dir_all(&to_folder)?;
            fs::copy(jna.join(abi.name).join("libjnidispatch.so"), to_folder.join("libjnidispatch.so"))?;
            let ours = abi.library(self.workspace);
            if ours.is_file() {
                fs::copy(ours, to_folder.join("libamana_ffi.so"))?;
            }
        }
        // Stored, not packed: the system maps them from the APK.
        run(Command::new("zip").args(["-q", "-0", "-r"]).arg(apk).arg("lib").current_dir(folder), to)
    }

    /// A key for trying the apps out, as every SDK makes one: it says nothing about who built them.
    fn debug_key(&self, to: &Output) -> Result<PathBuf> {
        let key = self.workspace.target.join("android/debug.keystore");
        if !key.is_file() {
            let mut make = Command::new("keytool");
            make.args([
                "-genkeypair",
                "-alias",
                "debug",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "10000",
            ]);
            make.args(["-dname", "CN=Debug", "-storepass", "android", "-storetype", "PKCS12", "-keystore"]).arg(&key);
            run(&mut make, to)?;
        }
        Ok(key)
    }

    /// Reads the signed APK as the phone would, and holds it to what is promised.
    fn read_back(&self, face: &Face, apk: &Path) -> Result {
        output(Command::new("apksigner").args(["verify", "--min-sdk-version", MIN_SDK]).arg(apk))?;
        let badging = output(Command::new("aapt2").args(["dump", "badging"]).arg(apk))?;
        let permissions: Vec<_> = badging.lines().filter(|line| line.starts_with("uses-permission")).collect();
        let manifest =
            output(Command::new("aapt2").args(["dump", "xmltree", "--file", "AndroidManifest.xml"]).arg(apk))?;
        let dex = output(Command::new("dexdump").arg(apk))?;
        let classes: Vec<_> =
            dex.lines().filter_map(|line| line.trim().strip_prefix("Class descriptor  : '")).collect();
        let languages = words::android_tags(&self.words())?;
        let libraries: u64 = self.library_bytes()?;
        let size = fs::metadata(apk)?.len() - libraries;

        let checks = [
            (badging.contains(&format!("package: name='{}'", face.id)), "is another app".to_owned()),
            (
                badging.lines().any(|line| {
                    line == format!("sdkVersion:'{MIN_SDK}'") || line == format!("minSdkVersion:'{MIN_SDK}'")
                }),
                "takes another Android".to_owned(),
            ),
            (badging.contains(&format!("targetSdkVersion:'{TARGET_SDK}'")), "is made for another Android".to_owned()),
            (permissions == ["uses-permission: name='android.permission.CAMERA'"], format!("asks for {permissions:?}")),
            (!badging.contains("application-debuggable"), "can be debugged".to_owned()),
            (manifest.contains("allowBackup(0x01010280)=false"), "is backed up by the system".to_owned()),
            (manifest.contains("fullBackupContent(0x010104eb)=false"), "is backed up by the system".to_owned()),
            (
                badging.contains("locales: ") && languages.iter().all(|tag| badging.contains(&format!("'{tag}'"))),
                "lacks a language".to_owned(),
            ),
            (classes.len() > 100, format!("has {} classes", classes.len())),
            (size <= MAX_APK, format!("takes {size} bytes of {MAX_APK}, without the phone libraries")),
        ];
        let failed = checks.into_iter().filter(|(holds, _)| !holds).map(|(_, what)| what);
        let unwanted = face.without.iter().flat_map(|class| {
            classes
                .iter()
                .filter(move |descriptor| descriptor.starts_with(&format!("L{class}")))
                .map(|found| format!("has {found}"))
        });
        let network = SOCKETS.iter().filter(|class| dex.contains(**class)).map(|class| format!("uses {class}"));
        let findings: Vec<_> = failed.chain(unwanted).chain(network).collect();
        if !findings.is_empty() {
            return Err(format!("{}: {}", apk.display(), findings.join("; ")).into());
        }
        println!(
            "{}: {size} bytes without the phone libraries ({libraries}), {} classes",
            apk.display(),
            classes.len()
        );
        Ok(())
    }

    fn library_bytes(&self) -> Result<u64> {
        let ours = bindings::ABIS.iter().map(|abi| abi.library(self.workspace)).filter(|library| library.is_file());
        ours.map(|library| Ok(fs::metadata(library)?.len())).sum()
    }
}

/// The JDK's folder.
fn java_home() -> Result<PathBuf> {
    if let Some(home) = env::var_os("JAVA_HOME").filter(|home| !home.is_empty()) {
        return Ok(home.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).find_map(|folder| fs::canonicalize(folder.join("javac")).ok());
    let home = found.as_deref().and_then(Path::parent).and_then(Path::parent);
    Ok(home.ok_or("no `javac` on PATH")?.to_owned())
}

/// What opens connections: even without the permission, nothing here does.
const SOCKETS: [&str; 4] =
    ["Ljava/net/Socket;", "Ljava/net/HttpURLConnection;", "Ljava/net/DatagramSocket;", "Landroid/webkit/WebView;"];
