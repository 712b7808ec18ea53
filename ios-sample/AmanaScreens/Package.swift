// swift-tools-version: 5.9
import PackageDescription

// Everything that decides in the two apps, without a view: what a screen shows is data, and tests read it.
// `cargo xtask words` writes the names of the sentences and of the languages (Sources/AmanaScreens/Generated).
let package = Package(
    name: "AmanaScreens",
    platforms: [.iOS(.v15), .macOS(.v12)],
    products: [.library(name: "AmanaScreens", targets: ["AmanaScreens"])],
    dependencies: [.package(name: "Amana", path: "../../bindings/swift")],
    targets: [
        .target(name: "AmanaScreens", dependencies: ["Amana"]),
        .testTarget(name: "AmanaScreensTests", dependencies: ["AmanaScreens", "Amana"]),
    ]
)
