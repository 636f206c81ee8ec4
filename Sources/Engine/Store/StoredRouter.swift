internal import Configuration
internal import Logging
internal import Net
internal import PAP

/// The router's state as its store has kept it.
enum StoredRouter {
  /// Opens the store and loads the state, or begins one.
  ///
  /// - Throws: with a sentence for people. A state that cannot be read is never thrown away unasked:
  ///   the revocations in it would be gone with it.
  static func open(
    _ configuration: RouterConfiguration, keys: [[RouterConfiguration.Key]], log: Logger
  ) throws(EngineError) -> (RouterState, Store) {
    let policy = RouterPolicy(configuration, keys: keys)
    do throws(StoreError) {
      let started = MonotonicClock.now()
      let store = try Store(StoreOpening(configuration))
      var state = RouterState(
        policy: policy, epoch: store.epoch,
        random: SeededRandom(seed: Crypto.randomBytes(32)))
      state.beginGenerations(at: MonotonicClock.wallClock())
      let refused = try store.load(into: &state)
      for key in refused { log.warning("the stored state contradicts itself: left out \(key)") }
      let milliseconds = (MonotonicClock.now() - started) / 1_000_000
      log.info("state loaded from \(store.path): \(state.entryCount) entries, \(milliseconds) ms")
      return (state, store)
    } catch {
      throw EngineError(error.description)
    }
  }
}

extension StoreOpening {
  /// What the configuration and the kernel say.
  fileprivate init(_ configuration: RouterConfiguration) {
    // Without the number nothing is known to be of the same boot, which is the careful answer.
    let boot = try? File.readText("/proc/sys/kernel/random/boot_id", limit: 64)
    self.init(
      path: configuration.storePath, hosts: configuration.hosts.map(\.name),
      externalAddress: configuration.externalAddress, spiQuarantine: configuration.spiQuarantine,
      portQuarantine: configuration.portQuarantine,
      boot: boot.map { String($0.prefix { $0 != "\n" }) } ?? "\(UInt64.random(in: 0...UInt64.max))",
      monotonic: MonotonicClock.now(), newEpoch: UInt32.random(in: 1...UInt32.max))
  }
}
