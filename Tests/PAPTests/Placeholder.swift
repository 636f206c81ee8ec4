import Testing
@testable import PAP
