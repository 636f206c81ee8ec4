internal import PAP

/// The keys of one lab, made when it comes up and never used again.
struct LabSecrets {
  /// What strongSwan's ends share, as printable text.
  let preSharedKey = SecretKey.random().base64Text
  private let hostKeys: [LabNode: SecretKey] = Dictionary(
    uniqueKeysWithValues: LabNode.hosts.map { ($0, SecretKey.random()) })

  /// The content of a host's file with its PAP key.
  func keyFile(_ host: LabNode) -> String { (hostKeys[host]?.base64Text ?? "") + "\n" }
}
