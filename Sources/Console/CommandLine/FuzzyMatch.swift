/// How well a name goes with what has been typed.
enum FuzzyMatch {
  /// A score, the greater the better; nil if the typed characters do not all come in the name, in
  /// their order.
  ///
  /// The beginning of the name counts most, then beginnings of its words, then characters that follow
  /// each other; of two that are alike the shorter is better. O(length of the name).
  static func score(_ typed: String, in name: String) -> Int? {
    let name = Array(name.lowercased())
    let typed = Array(typed.lowercased())
    var score = name.starts(with: typed) ? 1_000 : 0
    var place = 0
    var last = -2
    for character in typed {
      guard let index = name[place...].firstIndex(of: character) else { return nil }
      let beginsWord = index == 0 || !(name[index - 1].isLetter || name[index - 1].isNumber)
      score += (beginsWord ? 30 : 0) + (index == last + 1 ? 10 : 0)
      last = index
      place = index + 1
    }
    return score - name.count
  }
}
