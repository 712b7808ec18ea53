// swift-tools-version: 5.9
import PackageDescription

// Amana for Swift. `cargo xtask test --only swift` writes the generated sources, says through LIBRARY_PATH where the
// native library is, and tests the package; with `unsafeFlags` in place of that, nobody could depend on it.
let package = Package(
    name: "Amana",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "Amana", targets: ["Amana"])],
    targets: [
        .systemLibrary(name: "AmanaFFI"),
        .target(
            name: "Amana",
            dependencies: ["AmanaFFI"],
            linkerSettings: [.linkedLibrary("amana_ffi")]
        ),
        .testTarget(name: "AmanaTests", dependencies: ["Amana"]),
    ]
)
