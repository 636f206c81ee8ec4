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

  @Test func viewersLeavePlacesToOthers() {
    let eve = ControlUser(name: "eve", role: .viewer, userID: 7)
    let mallory = ControlUser(name: "mallory", role: .viewer, userID: 8)
    let ana = ControlUser(name: "ana", role: .operator, userID: 9)
    func refusal(of user: ControlUser, _ others: (ControlUser, Int)...) -> String? {
      ClientPlaces.refusal(
        of: user, beside: others.flatMap { Array(repeating: $0.0, count: $0.1) })
    }
    #expect(refusal(of: eve, (eve, 15), (ana, 10)) == nil)
    #expect(refusal(of: eve, (eve, 16))?.hasPrefix("eve has 16 clients already") == true)
    #expect(refusal(of: mallory, (eve, 47)) == nil)
    #expect(refusal(of: mallory, (eve, 48))?.contains("48 clients already that may only") == true)
    #expect(refusal(of: ana, (eve, 48), (ana, 15)) == nil)
    #expect(refusal(of: ana, (eve, 48), (ana, 16))?.hasPrefix("there are 64 clients") == true)
  }
}
