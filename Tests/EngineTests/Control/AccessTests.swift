import Testing

@testable import Engine

/// A user with groups, and what it may do under rules with operators in group 10 and viewers in 20.
private struct AccessVector: CustomTestStringConvertible, Sendable {
  var user: UInt32
  var groups: Set<UInt32>
  var role: Role?

  var testDescription: String { "user \(user) groups \(groups.sorted())" }
}

struct AccessTests {
  @Test(arguments: [
    AccessVector(user: 0, groups: [], role: .operator),
    AccessVector(user: 500, groups: [], role: .operator),
    AccessVector(user: 7, groups: [10], role: .operator),
    AccessVector(user: 7, groups: [20], role: .viewer),
    AccessVector(user: 7, groups: [1, 10, 20], role: .operator),
    AccessVector(user: 7, groups: [7, 21], role: nil),
    AccessVector(user: 7, groups: [], role: nil),
  ])
  fileprivate func usersHaveTheRoleOfTheirGroup(_ vector: AccessVector) {
    let rules = AccessRules(ownUser: 500, operatorGroup: 10, viewerGroup: 20)
    #expect(rules.role(ofUser: vector.user) { vector.groups } == vector.role)
  }

  @Test func withoutTheGroupsOnlyRootAndTheEngineMayAct() {
    let rules = AccessRules(ownUser: 500, operatorGroup: nil, viewerGroup: nil)
    #expect(rules.role(ofUser: 7) { [10, 20] } == nil)
    #expect(rules.role(ofUser: 0) { [] } == .operator)
  }
}
