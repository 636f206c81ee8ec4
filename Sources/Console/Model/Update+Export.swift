internal import Engine
internal import Net

extension Dialog {
  /// What the export of a table asks: as what, and where to.
  static func export(_ model: Model, by key: Key) -> Dialog {
    let formats = ExportFormat.of(model.view)
    let now = Timestamp.text(UInt64(max(0, min(model.now.wall, 1e10))) * 1_000_000_000)
    let name = "dnat-\(model.view.window ?? "rows")-\(now.filter { $0 != "-" && $0 != ":" })"
    return Dialog(
      .export,
      fields: [
        .choice(.format, "Format", formats.map(\.rawValue), chosen: nil, hint: "Left Right choose"),
        .text(.file, "File", name, hint: "no ending: that of the format"),
      ], confirm: [Button(title: "Write", outcome: .confirm)], by: key, at: model.now.monotonic)
  }
}

extension Model {
  /// Begins to write the table that the dialog is about.
  mutating func confirmExport(_ dialog: Dialog) -> [Effect] {
    guard let format = ExportFormat(rawValue: dialog.value(.format)), var query else { return [] }
    let name = dialog.value(.file)
    if name.isEmpty || name.hasSuffix("/") {
      self.dialog?.problem = "a name for the file is needed"
      return []
    }
    guard link == .up else {
      self.dialog?.problem = "there is no engine to ask for the rows"
      return []
    }
    self.dialog = nil
    query.overtakes = false
    if format != .text { query.trend = nil }
    let job = ExportJob(
      query: query, format: format, path: Self.path(name, format), columns: columns.map(\.title),
      wall: shownWall, times: preferences.time,
      shown: ExportJob.Shown(
        rates: table.rates, tallies: table.tallies, counterMode: counterMode, trend: trend,
        allDrops: status?.packets.dropped ?? 0))
    notice = Notice(kind: .pending, text: "writing \(job.path)", until: .max)
    return [.export(job)]
  }

  // A name without an ending gets that of the format.
  private static func path(_ name: String, _ format: ExportFormat) -> String {
    let last = name.split(separator: "/").last ?? ""
    return last.contains(".") ? name : "\(name).\(format.fileExtension)"
  }

  /// Says what came of an export.
  mutating func exported(_ job: ExportJob, _ result: Result<Int, ExportJob.Failure>) -> [Effect] {
    switch result {
    case .success(let count): say("\(Format.plural(count, "row", "rows")) in \(job.path)", .done)
    case .failure(let failure): say("not exported: \(failure.message)", .failed)
    }
    return []
  }
}
