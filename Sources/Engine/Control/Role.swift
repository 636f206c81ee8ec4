internal import Net

/// What a client of the control socket may do.
package enum Role: String, Sendable {
  /// Look only.
  case viewer
  /// Look and act.
  case `operator`
}

/// Who a client of the control socket is.
package struct ControlUser: Hashable, Sendable {
  /// The name of the user, or the number of one without a name.
  package var name: String
  package var role: Role
  /// The number of the user, as the kernel says; nil for none.
  package var userID: UInt32?

  package init(name: String, role: Role, userID: UInt32? = nil) {
    self.name = name
    self.role = role
    self.userID = userID
  }
}

/// Who may use the control socket (design.md, section 5).
package struct AccessRules: Sendable {
  private let ownUser: UInt32
  private let operatorGroup: UInt32?
  private let viewerGroup: UInt32?

  /// Makes rules from the numbers of the two groups; nil for a group that does not exist.
  package init(ownUser: UInt32, operatorGroup: UInt32?, viewerGroup: UInt32?) {
    self.ownUser = ownUser
    self.operatorGroup = operatorGroup
    self.viewerGroup = viewerGroup
  }

  /// What a user may do, given its groups; nil if nothing.
  ///
  /// Root and the user that the engine runs as may act: they could replace the engine anyway.
  package func role(ofUser user: UInt32, groups: () -> Set<UInt32>) -> Role? {
    if user == 0 || user == ownUser { return .operator }
    let groups = groups()
    if let operatorGroup, groups.contains(operatorGroup) { return .operator }
    if let viewerGroup, groups.contains(viewerGroup) { return .viewer }
    return nil
  }

  /// Who the process at the other end of a connection is; nil if it may not even look.
  func user(at peer: PeerCredentials) -> ControlUser? {
    role(ofUser: peer.userID, groups: peer.groups).map { role in
      // Who has become root by sudo is still the one who logged in.
      let login = peer.loginUserID ?? peer.userID
      return ControlUser(
        name: Accounts.userName(of: login) ?? "\(login)", role: role, userID: peer.userID)
    }
  }
}
