import Glibc

@testable import Console

/// How people see colours, by the published formulas.
enum ColorVision: String, CaseIterable, Sendable {
  case normal
  /// Without the receptors for long, middle and short waves.
  case protanopia, deuteranopia, tritanopia

  /// Relative luminances compared as WCAG 2.1 defines contrast, 1 to 21.
  static func contrast(_ left: ThemeColor.RGB, _ right: ThemeColor.RGB) -> Double {
    let (first, second) = (luminance(linear(left)), luminance(linear(right)))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  /// How far apart two colours are to such eyes: the distance in CIELAB, which is 2.3 where a
  /// difference is just noticed (CIE 15, D65).
  func distance(_ left: ThemeColor.RGB, _ right: ThemeColor.RGB) -> Double {
    let (first, second) = (lab(left), lab(right))
    return zip(first, second).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  // Machado, Oliveira and Fernandes 2009, severity 1, on linear sRGB.
  private var matrix: [[Double]] {
    switch self {
    case .normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    case .protanopia:
      [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
      ]
    case .deuteranopia:
      [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
      ]
    case .tritanopia:
      [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
      ]
    }
  }

  private func lab(_ color: ThemeColor.RGB) -> [Double] {
    let seen = Self.times(matrix, Self.linear(color)).map { min(1, max(0, $0)) }
    let white = [0.95047, 1, 1.08883]
    let toXYZ = [
      [0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505],
    ]
    let roots = zip(Self.times(toXYZ, seen), white).map { value, white in
      let share = value / white
      return share > 216.0 / 24389 ? cbrt(share) : (24389.0 / 27 * share + 16) / 116
    }
    return [116 * roots[1] - 16, 500 * (roots[0] - roots[1]), 200 * (roots[1] - roots[2])]
  }

  private static func times(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
    matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  private static func luminance(_ linear: [Double]) -> Double {
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  private static func linear(_ color: ThemeColor.RGB) -> [Double] {
    [color.red, color.green, color.blue].map { value in
      let share = Double(value) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
  }
}
