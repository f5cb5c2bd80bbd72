// Generated programs, formatted: the programs of this generator are whole ones, those of ICSSyntaxTests are ugly ones.
// ICS_FORMAT_PROGRAMS=10000 sets how many.

import Foundation
import ICSDiagnostics
import Testing

@testable import ICSSyntax

@Suite struct FormattingTests {
  private static let parts = 4

  @Test("generated programs are formatted faithfully, and formatting twice changes nothing", arguments: 0..<parts)
  func programs(part: Int) {
    let count = (ProcessInfo.processInfo.environment["ICS_FORMAT_PROGRAMS"].flatMap { Int($0) } ?? 240) / Self.parts
    for seed in part * count..<(part + 1) * count {
      let text = ProgramGenerator.program(seed: UInt64(seed)).text
      // The same without its line breaks' indentation, and with all of the gaps wider.
      for variant in [text, text.replacing("  ", with: ""), text.replacing(" = ", with: "  =\n  ")] {
        guard let complaint = complaint(about: variant) else { continue }
        Issue.record("seed \(seed): \(complaint)\n--- from\n\(variant)")
        return
      }
    }
  }

  private func complaint(about text: String) -> String? {
    let tree = SyntaxTree.parse(SourceFile(name: "generated.ics", text: text))
    guard !tree.hasErrors else { return nil }
    guard let once = SyntaxFormatter.format(tree) else { return "it is not formatted" }
    let formatted = SyntaxTree.parse(SourceFile(name: "generated.ics", text: once))
    guard tree.hasSameStructure(as: formatted) else { return "the tree is another one:\n\(once)" }
    return SyntaxFormatter.format(formatted) == once ? nil : "formatting twice changes it:\n\(once)"
  }
}
