"""A bad configuration is refused with its file, line and key; nothing is half applied."""

import base64
import os
import tempfile

from checks import expect, expect_equal
from lab import console

GOOD = """[router]
external-address = "198.51.100.1"
tunnel-endpoint = "10.0.0.254"
inside-networks = ["10.0.0.0/24"]

[pap]
listen = ["10.0.0.1:7028"]

[[host]]
name = "hosta"
inside-address = "10.0.0.11"
key-id = 1
key-file = "hosta.key"
"""
# What replaces what, and the line and key that the refusal names.
MISTAKES = (
    ("unknown key", 'tunnel-endpoint =', 'tunnel-endpont =', 3, "tunnel-endpont"),
    ("wrong type", '"198.51.100.1"', '7', 2, "external-address"),
    ("no address", '"198.51.100.1"', '"198.51.100.256"', 2, "external-address"),
    ("no prefix", '10.0.0.0/24', '10.0.0.1/24', 4, "inside-networks"),
    ("no endpoint", '10.0.0.1:7028', '10.0.0.1', 7, "listen"),
    ("bad name", '"hosta"', '"Host A"', 10, "name"),
    ("key id 0", 'key-id = 1', 'key-id = 0', 12, "key-id"),
    ("syntax", 'key-id = 1', 'key-id = = 1', 12, ""),
)


def check(results):
    for name, old, new, line, key in MISTAKES:
        results.run(f"configuration: {name}", mistake, old, new, line, key)
    results.run("configuration: a good one passes", good)
    results.run("configuration: a key file that others can read", exposed_key)
    results.run("configuration: a file that others can write", writable)
    results.run("usage: exit code 2", usage)


def written(folder, text, mode=0o600, key_mode=0o600):
    for name, content, bits in (
            ("hosta.key", base64.b64encode(os.urandom(32)).decode() + "\n", key_mode),
            ("router.toml", text, mode)):
        with open(f"{folder}/{name}", "w") as file:
            file.write(content)
        os.chmod(f"{folder}/{name}", bits)
    return f"{folder}/router.toml"


def checked(text, **modes):
    """The answer of check-config for a text, and the file's name."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, text, **modes)
        return console("check-config", path), path


def mistake(old, new, line, key):
    expect_equal("places to change", GOOD.count(old), 1)
    answer, path = checked(GOOD.replace(old, new))
    expect_equal("exit code", answer.code, 2)
    expect(f"{path}:{line}" in answer.err, f"no file and line {line}: {answer.err}")
    expect(key in answer.err, f"no key {key}: {answer.err}")
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, GOOD.replace(old, new))
        started = console("run", "--headless", "--config", path)
    expect_equal("exit code of run", started.code, 2)
    expect(f"{path}:{line}" in started.err, f"run: no file and line: {started.err}")


def good():
    answer, _ = checked(GOOD)
    expect_equal("exit code", answer.code, 0)


def exposed_key():
    answer, path = checked(GOOD, key_mode=0o644)
    expect_equal("exit code", answer.code, 2)
    expect(f"{path}:13" in answer.err and "key-file" in answer.err, answer.err)


def writable():
    answer, _ = checked(GOOD, mode=0o666)
    expect_equal("exit code", answer.code, 2)


def usage():
    for words in (("frobnicate",), ("run", "--frobnicate"), ("lab", "up", "--name", "No Name"),
                  ("lab", "up", "--name", "control"), ("lab", "exec", "hosta")):
        answer = console(*words)
        expect_equal(f"exit code of {words}", answer.code, 2)
        expect(answer.err.strip(), f"{words}: nothing on standard error")
