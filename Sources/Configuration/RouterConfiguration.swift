package import Net
package import PAP

/// The router's configuration: `/etc/dnat-console/router.toml` as values, all checked.
package struct RouterConfiguration: Equatable, Sendable {
  /// Where the file is unless somebody says otherwise.
  package static let defaultPath = "/etc/dnat-console/router.toml"

  /// How hosts prove who they are (pap.md, section 7).
  package enum Authentication: String, Sendable, CaseIterable {
    case required
    /// By inside address only; for a lab.
    case none
  }

  /// What one host may hold and do.
  package struct Limits: Equatable, Sendable {
    /// Rows of the established SA table.
    package var entries = 1_024
    /// SPIs claimed one by one.
    package var claimedSPIs = 64
    /// PAP messages a second.
    package var requestsPerSecond = 50

    package init() {}
  }

  /// One inside host.
  package struct Host: Equatable, Sendable {
    package var name: String
    package var insideAddress: IPv4Address
    package var keyID: UInt32
    /// Nil only where no authentication is required.
    package var keyFile: KeyFileReference?
    /// The number and the file of the key that is accepted besides, while the host's key is changed.
    package var secondKeyID: UInt32?
    package var secondKeyFile: KeyFileReference?
  }

  /// A host's key and its number.
  package struct Key: Sendable {
    package var id: UInt32
    package var secret: SecretKey

    package init(id: UInt32, secret: SecretKey) {
      self.id = id
      self.secret = secret
    }
  }

  package var externalAddress: IPv4Address
  package var tunnelEndpoint: IPv4Address
  /// The name of the TUN device.
  package var tun: String
  /// Queues of the TUN device and so workers; 0 means one for each core.
  package var queues: Int
  package var insideNetworks: [CIDR]
  /// The largest inner packet in octets.
  package var tunnelMTU: Int
  package var hairpin: Bool
  /// The name of the host that gets unsolicited IKE.
  package var ikeResponder: String?

  package var listen: [Endpoint]
  package var authentication: Authentication
  /// Seconds.
  package var defaultLifetime: UInt32
  package var limits: Limits

  /// Ports in a block by default, a power of two.
  package var portBlock: UInt16
  /// Seconds until a slot that was given back is given to another host.
  package var spiQuarantine: UInt32
  /// Seconds until ports that were given back are given to another host.
  package var portQuarantine: UInt32

  package var storePath: String

  package var controlSocket: String
  package var operatorGroup: String
  package var viewerGroup: String

  package var logLevel: String
  /// Rows of the drop log a second.
  package var dropSamplePerSecond: Int

  package var hosts: [Host]
}

extension RouterConfiguration {
  /// The largest file that is read, octets.
  package static let fileLimit = 4 * 1_024 * 1_024

  /// Reads and checks a file.
  ///
  /// The key files that it names are not opened: `readKeys()` does that.
  package static func load(_ path: String) throws(ConfigurationError) -> RouterConfiguration {
    try RouterConfiguration(octets: ConfigurationFile.read(path, limit: fileLimit), file: path)
  }

  /// Checks the octets of a file.
  package init(octets: [UInt8], file: String) throws(ConfigurationError) {
    self = try RouterConfigurationReader(TOMLDocument(octets: octets, file: file)).read()
  }

  /// Checks a text.
  package init(text: String, file: String) throws(ConfigurationError) {
    self = try RouterConfigurationReader(TOMLDocument(text: text, file: file)).read()
  }

  /// Reads the key files of every host, in the order of `hosts`: none, one, or the two of a change of
  /// keys.
  package func readKeys() throws(ConfigurationError) -> [[Key]] {
    var problems: [ConfigurationProblem] = []
    var keys: [[Key]] = []
    for host in hosts {
      keys.append([])
      for (id, file) in host.keyFiles {
        do {
          keys[keys.count - 1].append(Key(id: id, secret: try file.read()))
        } catch {
          problems += error.problems
        }
      }
    }
    if !problems.isEmpty { throw ConfigurationError(problems) }
    return keys
  }
}

extension RouterConfiguration.Host {
  /// The files of the host's keys with the keys' numbers.
  fileprivate var keyFiles: [(UInt32, KeyFileReference)] {
    [(keyID, keyFile), (secondKeyID ?? 0, secondKeyFile)].compactMap { id, file in
      file.map { (id, $0) }
    }
  }
}
