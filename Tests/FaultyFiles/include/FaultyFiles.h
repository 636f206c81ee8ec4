#pragma once

// A layer between SQLite and its files that fails when a test wants it to.
//
// Files under one folder are watched: each write, truncation and flush counts as an operation. The
// others go straight to the disk. One plan at a time: tests that use it take turns.

/// Makes the layer the one that new connections use. Calling it again does nothing.
void faulty_install(void);

/// Watches the files under `folder`, counts operations from 0, and fails none.
void faulty_watch(const char *folder);

/// Operations so far.
long faulty_operations(void);

/// Lets operation `first` fail, the first one being 1, and all after it if `forever`. `result` is what
/// SQLite is told: SQLITE_FULL (13), or SQLITE_IOERR (10) in the form that fits the operation.
void faulty_fail(long first, int forever, int result);

/// Lets nothing fail any more.
void faulty_mend(void);

/// Puts the watched files into a state that they may be in after a loss of power: what was written
/// since the last flush of a file is undone, but for the oldest `kept` operations. Nothing may have
/// the files open.
void faulty_lose_power(long kept);
