"""The audit log's chain of hashes, from docs/state.md alone."""

import hashlib

COLUMNS = "sequence, time, uid, name, source, action, target, detail, result, hash"


def row_hash(previous, row):
    """The hash of a row that follows the one with the hash `previous`; its own is not looked at."""
    octets = previous + row[0].to_bytes(8) + row[1].to_bytes(8)
    octets += (2**64 - 1 if row[2] is None else row[2]).to_bytes(8)
    for text in row[3:9]:
        octets += b"\xff" * 4 if text is None else (
            len(text.encode()).to_bytes(4) + text.encode())
    return hashlib.sha256(octets).digest()


def first_broken(database):
    """The number of the first row that does not follow from the one before, or None."""
    previous = bytes(32)
    rows = database.execute(f"SELECT {COLUMNS} FROM audit ORDER BY sequence")
    for number, row in enumerate(rows, start=1):
        previous = row_hash(previous, row)
        if row[0] != number or row[9] != previous:
            return number
    return None
