import Glibc

@testable import Net

/// Sets the thread's `errno`, as a system call that fails does.
func setErrorNumber(_ code: Int32) {
  errno = code
}

/// Sends a signal to the calling thread.
func raiseHere(_ signal: Signal) {
  raise(signal.rawValue)
}
