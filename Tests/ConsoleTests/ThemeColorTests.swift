import FoundationEssentials
import Testing

@testable import Console

/// That the shipped themes can be read, by whomever.
@Suite struct ThemeColorTests {
  static func theme(_ name: String) -> Theme {
    ThemeLibrary(folders: [ThemeTests.folder]).find(name).theme
  }

  @Test func theListIsThatOfTheFiles() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: ThemeTests.folder)
    #expect(files.sorted() == ThemeTests.shipped.map { "\($0).toml" }.sorted())
  }

  /// A theme with the least contrast of its text; `mono` and `ansi16` leave colours to the terminal.
  static let contrasts: [(name: String, least: Double)] = [
    ("default-dark", 4.5), ("default-light", 4.5), ("cvd-dark", 4.5), ("cvd-light", 4.5),
    ("tritan", 4.5), ("high-contrast", 7),
  ]

  /// WCAG 2.1, success criteria 1.4.3 (4.5 to 1) and 1.4.6 (7 to 1).
  @Test(arguments: contrasts)
  func textContrasts(_ name: String, _ least: Double) {
    let theme = Self.theme(name)
    for role in Role.allCases where role != .border {
      for depth in [ColorDepth.direct, .twoHundredFiftySix] {
        let style = theme.style(of: role, at: depth)
        let ratio = ColorVision.contrast(
          Self.color(style.foreground, depth), Self.color(style.background, depth))
        #expect(ratio >= least, "\(role.name) at \(depth): \(ratio)")
      }
    }
  }

  /// A theme with the eyes that it is made for.
  static let eyes: [(name: String, eyes: [ColorVision])] = [
    ("default-dark", [.normal]), ("default-light", [.normal]), ("ansi16", [.normal]),
    ("cvd-dark", [.normal, .protanopia, .deuteranopia]),
    ("cvd-light", [.normal, .protanopia, .deuteranopia]), ("tritan", [.normal, .tritanopia]),
    ("high-contrast", ColorVision.allCases),
  ]

  /// What is well, what wants attention and what failed differ ten times more than is just noticed.
  @Test(arguments: eyes)
  func statesAreToldApart(_ name: String, _ eyes: [ColorVision]) {
    let theme = Self.theme(name)
    let pairs: [(Role, Role)] = [
      (.stateOK, .stateAttention), (.stateOK, .stateFail), (.stateAttention, .stateFail),
      (.graphLow, .graphMid), (.graphLow, .graphHigh), (.graphMid, .graphHigh),
    ]
    for vision in eyes {
      for depth in ColorDepth.allCases where depth != .mono {
        for (left, right) in pairs {
          let distance = vision.distance(
            Self.color(theme.style(of: left, at: depth).foreground, depth),
            Self.color(theme.style(of: right, at: depth).foreground, depth))
          #expect(distance >= 23, "\(left) \(right), \(vision) at \(depth): \(distance)")
        }
      }
    }
  }

  /// The formulas give what is published (red and blue of sRGB in CIELAB: 53.24 80.09 67.20 and
  /// 32.30 79.19 -107.86; #777777 on white by WCAG: 4.48), and see that green and red do not do.
  @Test func theFormulasSeeWhatIsKnown() {
    let white = ThemeColor.RGB(red: 255, green: 255, blue: 255)
    let grey = ThemeColor.RGB(red: 0x77, green: 0x77, blue: 0x77)
    let red = ThemeColor.RGB(red: 255, green: 0, blue: 0)
    let blue = ThemeColor.RGB(red: 0, green: 0, blue: 255)
    #expect(abs(ColorVision.normal.distance(red, blue) - 176.3) < 0.1)
    #expect(abs(ColorVision.contrast(white, grey) - 4.48) < 0.01)
    let dark = Self.theme("default-dark")
    let (attn, fail, ok) = (
      Self.color(dark.style(of: .stateAttention, at: .direct).foreground, .direct),
      Self.color(dark.style(of: .stateFail, at: .direct).foreground, .direct),
      Self.color(dark.style(of: .stateOK, at: .direct).foreground, .direct)
    )
    #expect(ColorVision.deuteranopia.distance(ok, fail) < 10)
    #expect(ColorVision.tritanopia.distance(ok, fail) > 80)
    #expect(ColorVision.normal.distance(attn, fail) > 40)
  }

  private static func color(_ number: Int, _ depth: ColorDepth) -> ThemeColor.RGB {
    guard depth == .direct else { return ThemeColor.palette(max(0, number)) }
    return ThemeColor.RGB(red: number >> 16, green: number >> 8 & 0xff, blue: number & 0xff)
  }
}
