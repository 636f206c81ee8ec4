internal import CNcurses
internal import Glibc
internal import Net

/// ncurses, painting into memory.
///
/// Invariant: only one exists at a time, on one thread: ncurses keeps its state in globals. Its
/// output descriptor is a file in memory, whose offset is the length of the frame so far.
final class Painter {
  let depth: ColorDepth
  private let memory: Int32
  private var pairs: [ColorPair: Int32] = [:]
  private var styles: [Role: (attributes: UInt32, pair: Int32)] = [:]
  private var blanks: [Role: (attributes: UInt32, pair: Int32)] = [:]
  private var themeOfStyles: Theme?
  private var painted: Grid?
  private var shown = Shown()
  private var terse: TerseFrame
  private let synchronizes: Bool
  private let shiftsLines: Bool
  /// Whether the terminal can be asked for its status: it is one of the family of ECMA-48.
  let answers: Bool

  private struct ColorPair: Hashable {
    var foreground: Int
    var background: Int
  }

  /// What the terminal showed before the last painting, and what it is to do before that.
  private struct Shown {
    var grid: Grid?
    var shifts: [LineShift] = []
    /// Whether the place of the cursor is seen.
    var hasCursor = true
  }

  /// Starts ncurses for the terminal that the environment names.
  init(input: Int32, size: Size, depth wanted: ColorDepth?) throws(TerminalError) {
    let name = ThisProcess.environment("TERM") ?? "unknown"
    memory = unsafe memfd_create("frame", NC_MEMFD_CLOEXEC)
    guard memory >= 0 else { throw .memory }
    // A ncurses that finds Ctrl-Z's signal ignored leaves it alone for ever, and so does not throw
    // one away while it paints. Suspending is the console's own business.
    _ = signal(SIGTSTP, SIG_IGN)
    guard Self.start(name, memory, input, size) else {
      _ = close(memory)
      throw .unusable(name)
    }
    synchronizes = ["xterm", "tmux", "foot", "kitty", "alacritty"].contains { name.hasPrefix($0) }
    answers = nc_is_ecma48() != 0
    shiftsLines = answers && nc_can_shift_lines() != 0
    // Bold, underline and the like one by one came with the VT220.
    terse = TerseFrame(size: size, switchesOff: !name.hasPrefix("vt1"))
    Self.setModes()
    depth = Self.startColors(atMost: wanted)
    resize(to: size)
  }

  deinit { _ = close(memory) }

  private static func start(
    _ name: String, _ memory: Int32, _ input: Int32, _ size: Size
  ) -> Bool {
    // A file in memory has no size that ncurses could ask for; with its usual one it would have only
    // the first 24 rows scroll.
    for (variable, length) in [("LINES", size.height), ("COLUMNS", size.width)] {
      unsafe setenv(variable, "\(length)", 1)
    }
    let reader = dup(input)
    guard let output = unsafe fdopen(memory, "w"), let keys = unsafe fdopen(reader, "r") else {
      return false
    }
    // Terminals newer than the terminal descriptions of this machine nearly all speak xterm's.
    let names = name.contains("256color") ? [name, "xterm-256color"] : [name]
    for name in names {
      if let screen = unsafe newterm(name, output, keys) {
        _ = unsafe set_term(screen)
        return nc_can_place_cursor() != 0
      }
    }
    return false
  }

  private static func setModes() {
    // Modes of the terminal itself are set elsewhere; these tell ncurses what to expect.
    _ = raw()
    _ = noecho()
    _ = nonl()
    _ = unsafe keypad(nc_screen(), true)
    _ = unsafe nodelay(nc_screen(), true)
    _ = unsafe scrollok(nc_screen(), false)
    _ = typeahead(-1)
    // The rest of a sequence is waited for elsewhere, where the screen goes on meanwhile.
    _ = set_escdelay(0)
    // Reports of the mouse come as they are.
    _ = define_key(nil, KEY_MOUSE)
  }

  private static func startColors(atMost wanted: ColorDepth?) -> ColorDepth {
    guard wanted != .mono, has_colors(), start_color() == OK else { return .mono }
    _ = use_default_colors()
    let own = ColorDepth(colors: Int(nc_colors()))
    return wanted.map { $0.rawValue < own.rawValue ? $0 : own } ?? own
  }

  /// What ncurses has read, as far as there is anything.
  func readRaw() -> [KeyReader.Raw] {
    var raw: [KeyReader.Raw] = []
    while raw.count < 4096 {
      var character = wint_t()
      switch unsafe wget_wch(nc_screen(), &character) {
      case OK: raw.append(.character(character))
      case KEY_CODE_YES: raw.append(.code(Int32(bitPattern: character)))
      default: return raw
      }
    }
    return raw
  }

  func resize(to size: Size) {
    _ = resizeterm(Int32(size.height), Int32(size.width))
    terse.resize(to: size)
    painted = nil
    shown = Shown()
  }

  /// Has the next painting send every cell.
  func invalidate() {
    _ = unsafe clearok(nc_screen(), true)
    painted = nil
    shown = Shown()
    terse.forget()
  }

  /// Ends ncurses' use of the terminal until the next painting.
  func leave() {
    _ = curs_set(1)
    _ = endwin()
    painted = nil
    shown = Shown()
  }

  /// What ncurses has written since the last call.
  func takeFrame() -> [UInt8] {
    let length = Int(lseek(memory, 0, SEEK_CUR))
    guard length > 0 else { return [] }
    let frame = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      count = max(0, unsafe pread(memory, buffer.baseAddress, length, 0))
    }
    _ = ftruncate(memory, 0)
    _ = lseek(memory, 0, SEEK_SET)
    let plain = answers ? shortened(Frame.plain(frame)) : frame
    // What comes at once is shown at once.
    return synchronizes && plain.count > Frame.shortest ? Frame.synchronized(plain) : plain
  }

  private func shortened(_ frame: [UInt8]) -> [UInt8] {
    defer { shown.shifts = [] }
    return terse.shorten(frame, after: shown.shifts, settles: shown.hasCursor) {
      [shown, painted] spot in
      shown.grid.map { $0[spot.x, spot.y] == painted?[spot.x, spot.y] } ?? false
    }
  }
}

extension Painter {
  /// Paints a grid: rows that are as they were are not even looked at by ncurses, and what only moves
  /// to the left, as graphs do, is moved by the terminal.
  func paint(_ grid: Grid, theme: Theme) {
    if themeOfStyles != theme {
      styles = [:]
      blanks = [:]
      themeOfStyles = theme
      painted = nil
    }
    shown = Shown(grid: painted)
    for y in 0..<grid.height where painted.map({ $0.row(y) != grid.row(y) }) ?? true {
      if shiftsLines { shiftRow(y, grid) }
      paintRow(grid.row(y), y, theme)
    }
    placeCursor(grid)
    painted = grid
    _ = unsafe wrefresh(nc_screen())
  }

  private func shiftRow(_ y: Int, _ grid: Grid) {
    guard let before = shown.grid else { return }
    for shift in LineShift.find(in: y, from: before.row(y), to: grid.row(y)) {
      shown.grid?.shiftLeft(shift.columns, y, filler: LineShift.unknown)
      shown.shifts.append(shift)
      nc_shift_line(Int32(y), Int32(shift.columns.lowerBound), Int32(shift.columns.upperBound))
    }
  }

  private func placeCursor(_ grid: Grid) {
    if let cursor = grid.cursor {
      _ = unsafe leaveok(nc_screen(), false)
      _ = unsafe wmove(nc_screen(), Int32(cursor.y), Int32(cursor.x))
      _ = curs_set(1)
    } else {
      // Nobody sees where a hidden cursor is; one that cannot be hidden stands in the corner.
      let isHidden = curs_set(0) != ERR
      _ = unsafe leaveok(nc_screen(), isHidden)
      shown.hasCursor = !isHidden
      _ = unsafe wmove(nc_screen(), Int32(max(0, grid.height - 1)), 0)
    }
  }

  private func paintRow(_ cells: ArraySlice<Cell>, _ y: Int, _ theme: Theme) {
    var row: [cchar_t] = []
    row.reserveCapacity(cells.count)
    for cell in cells where !cell.isContinuation {
      let columns = TextWidth.columns(of: cell.base)
      // Where the C library thinks otherwise of a character's width than we, columns would shift.
      if cell.base.value >= 0x7f, wcwidth(wchar_t(bitPattern: cell.base.value)) != Int32(columns) {
        for text in ["?", " "].prefix(columns) as ArraySlice<Unicode.Scalar> {
          row.append(character(Cell(base: text, role: cell.role), theme))
        }
      } else {
        row.append(character(cell, theme))
      }
    }
    _ = unsafe wmove(nc_screen(), Int32(y), 0)
    _ = unsafe wadd_wchnstr(nc_screen(), row, Int32(row.count))
  }

  private func character(_ cell: Cell, _ theme: Theme) -> cchar_t {
    let isBlank = cell.base == " " && cell.marks.isEmpty
    let style = isBlank ? blank(cell.role, theme) : style(cell.role, theme)
    var text: [wchar_t] = ([cell.base] + cell.marks).map { wchar_t(bitPattern: $0.value) }
    text.append(0)
    var result = cchar_t()
    _ = unsafe nc_cell(&result, text, style.attributes, style.pair)
    return result
  }

  // Blanks that look alike are alike to ncurses too, so that it does not send them again.
  private func blank(_ role: Role, _ theme: Theme) -> (attributes: UInt32, pair: Int32) {
    if let known = blanks[role] { return known }
    var resolved = theme.style(of: role, at: depth)
    if resolved.attributes.isDisjoint(with: [.underline, .reverse]) {
      resolved.attributes = []
      resolved.foreground = theme.style(of: .text, at: depth).foreground
    }
    let style = (Self.attributes(resolved.attributes), pair(resolved))
    blanks[role] = style
    return style
  }

  private func style(_ role: Role, _ theme: Theme) -> (attributes: UInt32, pair: Int32) {
    if let known = styles[role] { return known }
    let resolved = theme.style(of: role, at: depth)
    let style = (Self.attributes(resolved.attributes), pair(resolved))
    styles[role] = style
    return style
  }

  private func pair(_ style: ResolvedStyle) -> Int32 {
    guard depth != .mono else { return 0 }
    let colors = ColorPair(foreground: style.foreground, background: style.background)
    if colors.foreground < 0 && colors.background < 0 { return 0 }
    if let known = pairs[colors] { return known }
    let number = Int32(pairs.count + 1)
    guard number < nc_color_pairs(),
      init_extended_pair(number, Int32(colors.foreground), Int32(colors.background)) == OK
    else { return 0 }
    pairs[colors] = number
    return number
  }

  private static func attributes(_ set: TextAttributes) -> UInt32 {
    let table: [(TextAttributes, UInt32)] = [
      (.bold, NC_BOLD), (.dim, NC_DIM), (.underline, NC_UNDERLINE), (.reverse, NC_REVERSE),
      (.italic, NC_ITALIC),
    ]
    return table.reduce(0) { set.contains($1.0) ? $0 | $1.1 : $0 }
  }
}
