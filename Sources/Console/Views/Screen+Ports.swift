internal import Engine

extension Screen {
  /// Ports in a block of the map.
  private static let unit = 1_024
  /// Blocks in a line of the map.
  private static let blocksInLine = 16

  /// All ports as blocks of 1,024: leased, quarantined, reserved, free.
  mutating func drawPortMap(_ rect: Rect, note: String = "") {
    let states = blocks
    drawHeading("Occupancy", rect, note: note)
    guard rect.width > 8 + Self.blocksInLine else { return }
    let width = max(1, min(8, (rect.width - 10) / Self.blocksInLine))
    for line in 0..<states.count / Self.blocksInLine {
      guard line + 1 < rect.height else { return }
      let first = line * Self.blocksInLine
      putLine([TextRun(Self.left("\(first * Self.unit)", 5), .textDim)], rect, line + 1)
      for column in 0..<Self.blocksInLine {
        let x = rect.x + 8 + column * width
        drawBlock(states[first + column], first + column, x, rect.y + line + 1, width)
      }
    }
    putLine(legend(states), rect, states.count / Self.blocksInLine + 1)
  }

  private mutating func drawBlock(_ state: String, _ index: Int, _ x: Int, _ y: Int, _ width: Int) {
    let glyph = Character(glyphs[CellText.glyph(ofPorts: state)])
    let text = String(repeating: glyph, count: max(1, width - 1))
    grid.put(text, x, y, role: isSelected(block: index) ? .cursor : CellText.role(ofPorts: state))
  }

  private func isSelected(block: Int) -> Bool {
    guard case .ports(let row)? = model.table.selectedRow else { return false }
    return (Int(row.first)..<Int(row.first) + row.count).contains(block * Self.unit)
  }

  // The state of each block; what the router has not said yet is free.
  private var blocks: [String] {
    var states = Array(repeating: "free", count: 65_536 / Self.unit)
    for row in model.portMap {
      let first = Int(row.first) / Self.unit
      let blocks = first..<first + max(0, row.count) / Self.unit
      for block in blocks where states.indices.contains(block) { states[block] = row.state }
    }
    return states
  }

  private func legend(_ states: [String]) -> [TextRun] {
    ["leased", "quarantined", "reserved", "free"].flatMap { state in
      let count = states.count { $0 == state }
      let glyph = String(glyphs[CellText.glyph(ofPorts: state)])
      return [
        TextRun("\(glyph) ", CellText.role(ofPorts: state)), TextRun("\(count) \(state)   ", .text),
      ]
    }
  }
}
