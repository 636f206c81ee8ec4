/// The fields that the rows of one view have: what a filter, an order and the visible columns may
/// name there.
package struct ViewFields: Sendable {
  /// One field.
  package struct Field: Sendable {
    /// The key of the row.
    package let name: String
    /// What else it may be called.
    package let aliases: [String]
    package let kind: FieldKind
  }

  /// What rows the verb `audit` answers with, which are others than those of the window.
  package static let auditLog = "ctl audit"

  /// As the verb `window` calls it, or `auditLog`.
  package let view: String
  private let columns: any FieldList

  private init<Record>(_ view: String, _ columns: [Column<Record>]) {
    self.view = view
    self.columns = ColumnList(columns: columns)
  }

  package var fields: [Field] { columns.fields }

  /// Why a text is no filter for these rows; nil if it is one.
  package func fault(in filter: String) -> ControlError? { columns.fault(in: filter) }

  /// All views.
  package static let all: [ViewFields] = [
    ViewFields("sa", SARecord.columns), ViewFields("hosts", HostRow.columns),
    ViewFields("peers", PeerRecord.columns), ViewFields("drops", DropLogRecord.columns),
    ViewFields("revocations", RevocationRow.columns),
    ViewFields("drop-reasons", DropReasonRow.columns),
    ViewFields("drop-sources", DropSourceRow.columns),
    ViewFields("drop-hosts", DropHostRow.columns), ViewFields("ike", IKERow.columns),
    ViewFields("ports", PortsRow.columns),
    ViewFields("audit", AuditViewRecord.columns), ViewFields(auditLog, AuditReportRow.columns),
  ]

  /// Those of the view of that name; nil if there is none.
  package static func of(_ view: String) -> ViewFields? { all.first { $0.view == view } }
}

/// Columns, whatever their records are.
private protocol FieldList: Sendable {
  var fields: [ViewFields.Field] { get }

  func fault(in filter: String) -> ControlError?
}

private struct ColumnList<Record>: FieldList {
  let columns: [Column<Record>]

  var fields: [ViewFields.Field] {
    columns.map { ViewFields.Field(name: $0.name, aliases: $0.aliases, kind: $0.kind) }
  }

  func fault(in filter: String) -> ControlError? {
    do throws(ControlError) {
      _ = try Filter(filter, columns: columns)
      return nil
    } catch {
      return error
    }
  }
}
