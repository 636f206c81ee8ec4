package import Net

/// Why the engine does not start, as a sentence for people.
package struct EngineError: Error, CustomStringConvertible, Sendable {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }

  package init(_ error: SystemError) {
    self.init(error.description)
  }
}
