// swift-tools-version: 6.1
import PackageDescription

// Fuzz targets of the language. Run them with scripts/fuzz.
//
// A nested package has its own build folder and flags, and this one needs no network: the language's targets are the
// real ones, by relative symbolic links in Sources/ (a target's path may not leave its package), and `Crypto` is a
// stand-in for the one package that the library needs.
let package = Package(
  name: "ics-fuzz",
  platforms: [.macOS(.v15)],
  targets: [
    .target(name: "ICSDiagnostics"),
    .target(name: "ICSJSON"),
    .target(name: "ICSSyntax", dependencies: ["ICSDiagnostics"]),
    .target(name: "ICSVM", dependencies: ["ICSDiagnostics", "ICSJSON"]),
    .target(name: "ICSCompiler", dependencies: ["ICSDiagnostics", "ICSSyntax", "ICSVM"]),
    .target(name: "Crypto"),
    .target(name: "ICSLibrary", dependencies: ["ICSDiagnostics", "ICSVM", "ICSJSON", "ICSCompiler", "Crypto"]),
    // libFuzzer brings the `main` function.
    .executableTarget(
      name: "FuzzTargets",
      dependencies: ["ICSDiagnostics", "ICSJSON", "ICSSyntax", "ICSVM", "ICSCompiler", "ICSLibrary"],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
  ],
  swiftLanguageModes: [.v6]
)
