// swift-tools-version: 6.1
import PackageDescription

// What an embedder pays, beside the same through Lua's C API. `scripts/bench embedding` builds it in release, into the
// main package's build folder, so that nothing is compiled a second time.
let package = Package(
  name: "EmbeddingBenchmark",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "ics", path: "../../.."),
    // Not used here: named so that SwiftPM keeps their checkouts in the build folder that both packages share.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
  ],
  targets: [
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"]), .brew(["lua"])]),
    .executableTarget(
      name: "EmbeddingBenchmark", dependencies: [.product(name: "IntercomScript", package: "ics"), "CLua"]),
  ],
  swiftLanguageModes: [.v6]
)
