// Import statements, and the members of imported modules.

import ICSDiagnostics
import ICSSyntax

extension Resolver {
  /// `import "path" as name`
  mutating func declareModule(_ node: NodeID) {
    let local = tree.importModule(node).name
    let index = declare(
      tree.name(of: local), at: local, span: tree.mainSpan(of: local), kind: .module,
      flags: [.initialized, .topLevel])
    result.resolutions[Int(local.rawValue)] = .binding(index)
    guard let module = imports[node] else {
      result.bindings[index].storage = .broken
      return
    }
    result.bindings[index].storage = .module
    result.bindings[index].location = Int32(result.modules.count)
    result.modules.append(module)
  }

  /// `import { x, y as z } from "path"`
  mutating func declareImports(_ node: NodeID) {
    let (names, path) = tree.importNames(node)
    let module = imports[node]
    for part in names {
      let (name, local) = tree.importedName(part)
      let index = declare(
        tree.name(of: local), at: local, span: tree.mainSpan(of: local), kind: .imported,
        flags: [.initialized, .topLevel])
      result.resolutions[Int(local.rawValue)] = .binding(index)
      result.bindings[index].storage = .broken
      guard let module else { continue }
      if let export = module.exports[tree.name(name)] {
        result.bindings[index].storage = .imported
        result.bindings[index].location = link(program: module.program, slot: export.slot)
      } else {
        reportMissingExport(tree.name(name), span: tree.mainSpan(of: part), path: tree.stringValue(path), module)
      }
    }
  }

  /// Resolves `m.name` of an imported module to the name's link.
  ///
  /// - Returns: Whether the node was such a member, right or wrong.
  mutating func moduleMember(_ node: NodeID) -> Bool {
    let (object, name) = tree.member(node)
    guard tree.kind(of: object) == .name else { return false }
    // The session's names become bindings when they are first used.
    let objectName = tree.name(of: object)
    if visibleBinding(objectName) == nil, case .module? = session?.names[tree.name(objectName)] { use(object) }
    guard let index = visibleBinding(objectName), result.bindings[index].kind == .module else { return false }
    result.resolutions[Int(object.rawValue)] = .binding(index)
    result.bindings[index].flags.insert(.used)
    guard result.bindings[index].storage == .module else { return true }
    let module = result.modules[Int(result.bindings[index].location)]
    let text = tree.name(name)
    if let export = module.exports[text] {
      result.resolutions[Int(node.rawValue)] = .link(Int(link(program: module.program, slot: export.slot)))
    } else {
      reportMissingExport(text, span: tree.mainSpan(of: node), path: tree.name(objectName), module)
    }
    return true
  }

  private mutating func reportMissingExport(_ name: String, span: Span, path: String, _ module: ModuleInterface) {
    report(
      .import, "'\(path)' does not export '\(name)'", at: span, label: "not among its exports",
      help: suggestion(for: name, among: module.names))
  }
}
