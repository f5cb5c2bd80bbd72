// swift-tools-version: 6.1
import PackageDescription

// A package as an embedder writes it: it reaches the interpreter by path and by public API alone. `scripts/test` builds
// it into the main package's build folder, so that nothing is compiled a second time.
let package = Package(
  name: "CommandLineHost",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "ics", path: "../../.."),
    // Not used here: named so that SwiftPM keeps their checkouts in the build folder that all packages share.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
  ],
  targets: [
    .systemLibrary(name: "CMemory"),
    .executableTarget(
      name: "CommandLineHost", dependencies: ["CMemory", .product(name: "IntercomScript", package: "ics")]),
  ],
  swiftLanguageModes: [.v6]
)
