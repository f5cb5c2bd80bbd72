// swift-tools-version: 6.1
import PackageDescription

// The binary carries Swift's runtime (platform notes in the README's developer section): a script starts in
// milliseconds, because no library has to be found and relocated. The flags are on the executable's link step only,
// so that tests and the binary share every object file, and the libraries stay usable by other packages.
//
// lld links in seconds what the default linker takes minutes for, and packs the 150,000 relative relocations, which
// takes a third off what the loader does for them.
//
// The libraries refer to each other in circles, so they are one group, and all of it goes to the linker as it is: the
// compiler's driver would move plain `-l` flags out of the group. The binary exports no symbols: the runtime looks itself
// up at its start, which takes the longer the more there are.
let staticLibraries = [
  "Foundation", "FoundationInternationalization", "FoundationEssentials", "_FoundationICU", "_FoundationCollections",
  "_FoundationCShims", "CoreFoundation", "dispatch", "BlocksRuntime", "swiftDispatch", "swiftSynchronization",
]
let staticRuntime: [LinkerSetting] = [
  .unsafeFlags(
    ["-static-stdlib", "-use-ld=lld"]
      + (["--no-export-dynamic", "-z", "pack-relative-relocs", "--start-group"]
      + staticLibraries.map { "-l" + $0 } + ["--end-group"]).flatMap { ["-Xlinker", $0] },
    .when(platforms: [.linux]))
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "ics",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "IntercomScript", targets: ["IntercomScript"]),
    .library(name: "IntercomAPI", targets: ["IntercomAPI"]),
    // With the records that a store of somebody's own keeps.
    .library(name: "IntercomHooks", targets: ["IntercomHooks", "ICSDurable"]),
    .library(name: "IntercomHooksSQLite", targets: ["ICSDurableSQLite"]),
    .library(name: "IntercomSandbox", targets: ["IntercomSandbox"]),
    .executable(name: "ics", targets: ["ics"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    // The language. No dependencies and no Foundation up to the compiler.
    .target(name: "ICSDiagnostics"),
    .target(name: "ICSJSON"),
    .target(name: "ICSSyntax", dependencies: ["ICSDiagnostics"]),
    .target(name: "ICSVM", dependencies: ["ICSDiagnostics", "ICSJSON"]),
    .target(name: "ICSCompiler", dependencies: ["ICSDiagnostics", "ICSSyntax", "ICSVM"]),
    .target(name: "ICSLibrary", dependencies: ["ICSDiagnostics", "ICSVM", "ICSJSON", "ICSCompiler", crypto]),
    // Intercom.
    // Facts/ is what scripts/generate-catalogue reads.
    .target(name: "IntercomCatalogue", dependencies: ["ICSJSON"], exclude: ["Facts"]),
    .target(name: "IntercomAPI", dependencies: ["IntercomCatalogue", "ICSJSON", httpClient, crypto, jwtKit]),
    .target(
      name: "IntercomScript",
      dependencies: [
        "ICSDiagnostics", "ICSJSON", "ICSSyntax", "ICSVM", "ICSCompiler", "ICSLibrary", "IntercomCatalogue",
        "IntercomAPI",
      ]),
    .target(
      name: "IntercomHooks",
      dependencies: [
        "ICSDiagnostics", "ICSJSON", "ICSSyntax", "ICSVM", "ICSCompiler", "ICSLibrary", "IntercomCatalogue",
        "IntercomAPI", "IntercomScript", "ICSDurable", hummingbird,
      ]),
    .target(name: "IntercomSandbox", dependencies: ["IntercomCatalogue", "ICSJSON", hummingbird, grdb]),
    // Durable runs. They know neither the language nor HTTP.
    .target(name: "ICSDurable", dependencies: ["ICSJSON"]),
    .target(name: "ICSDurableSQLite", dependencies: ["ICSJSON", "ICSDurable", grdb, sqlite]),
    // The command.
    .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"]), .brew(["readline"])]),
    .executableTarget(
      name: "ics",
      dependencies: [
        "ICSDiagnostics", "ICSJSON", "ICSSyntax", "ICSVM", "ICSLibrary", "IntercomCatalogue", "IntercomAPI",
        "IntercomScript", "IntercomHooks", "IntercomSandbox", "ICSDurable", "ICSDurableSQLite",
        "CReadline", argumentParser, logging,
      ],
      linkerSettings: staticRuntime),
    // Tests, one target for each.
    .testTarget(name: "ICSDiagnosticsTests", dependencies: ["ICSDiagnostics"]),
    .testTarget(name: "ICSJSONTests", dependencies: ["ICSJSON"]),
    .testTarget(name: "ICSSyntaxTests", dependencies: ["ICSDiagnostics", "ICSSyntax"]),
    .testTarget(name: "ICSVMTests", dependencies: ["ICSDiagnostics", "ICSJSON", "ICSVM"]),
    .testTarget(name: "ICSCompilerTests", dependencies: ["ICSDiagnostics", "ICSSyntax", "ICSVM", "ICSCompiler"]),
    .testTarget(name: "ICSDurableTests", dependencies: ["ICSJSON", "ICSDurable", "ICSDurableSQLite"]),
    // What scripts/chaos kills.
    .executableTarget(
      name: "DurableChaos", dependencies: ["ICSJSON", "ICSDurable", "ICSDurableSQLite"], path: "Tests/DurableChaos"),
    // The golden scripts of Tests/Scripts, the examples of the built-ins and of the reference.
    .testTarget(name: "ScriptTests", dependencies: ["ICSDiagnostics", "ICSVM", "ICSCompiler", "ICSLibrary"]),
    // An interpreter of its own, for comparison: a helper of the tests alone.
    .target(
      name: "ReferenceEvaluator", dependencies: ["ICSDiagnostics", "ICSSyntax"], path: "Tests/ReferenceEvaluator"),
    .testTarget(
      name: "DifferentialTests",
      dependencies: ["ICSDiagnostics", "ICSSyntax", "ICSVM", "ICSCompiler", "ICSLibrary", "ReferenceEvaluator"]),
    .testTarget(
      name: "ICSLibraryTests",
      dependencies: ["ICSDiagnostics", "ICSJSON", "ICSSyntax", "ICSVM", "ICSCompiler", "ICSLibrary"]),
    .testTarget(
      name: "IntercomScriptTests",
      dependencies: ["ICSDiagnostics", "ICSJSON", "ICSVM", "IntercomAPI", "IntercomScript", "IntercomSandbox", logging]),
    .testTarget(
      name: "IntercomHooksTests",
      dependencies: [
        "ICSDiagnostics", "ICSJSON", "ICSVM", "IntercomAPI", "IntercomScript", "ICSDurable", "IntercomHooks",
        "IntercomSandbox",
      ]),
    .testTarget(name: "IntercomCatalogueTests", dependencies: ["ICSJSON", "IntercomCatalogue"]),
    .testTarget(name: "IntercomAPITests", dependencies: ["ICSJSON", "IntercomCatalogue", "IntercomAPI", httpClient]),
    .testTarget(name: "IntercomSandboxTests", dependencies: ["ICSJSON", "IntercomCatalogue", "IntercomSandbox"]),
  ],
  swiftLanguageModes: [.v6]
)
