// Four mebibytes of the digit 0 in gzip.

/// A short answer that unpacks to a long one.
enum GzipBomb {
  /// Runs of equal bytes, which is what most of such a file is.
  private static let runs: [(byte: UInt8, count: Int)] = [
    (31, 1), (139, 1), (8, 1), (0, 5), (2, 1), (3, 1), (237, 1), (193, 1), (129, 1), (0, 4), (195, 1), (32, 1),
    (165, 1), (249, 1), (211, 1), (29, 1), (228, 1), (85, 1), (1, 1), (0, 4063), (124, 1), (27, 1), (10, 1), (2, 1),
    (156, 1), (103, 1), (0, 2), (64, 1), (0, 1),
  ]

  static let bytes = runs.flatMap { [UInt8](repeating: $0.byte, count: $0.count) }
}
