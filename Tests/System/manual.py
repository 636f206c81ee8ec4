"""The manual pages say what the programs take: every command, option, key and drop reason, and no
other."""

import os
import re
import tempfile

from checks import expect, expect_equal
from lab import REPOSITORY, console

TABLES = ("", "router", "pap", "pap.limits", "leases", "store", "control", "log", "host")


def check(results):
    results.run("manual: dnat-console(8) has every command and option", commands)
    results.run("manual: dnat-console(8) has every drop reason", reasons)
    results.run("manual: router.toml(5) has every key", keys)


def page(name):
    with open(f"{REPOSITORY}/docs/man/{name}") as file:
        return file.read()


def usage(*words):
    """What --help says of a command, without the options that every one has."""
    answer = console(*words, "--help")
    expect_equal(f"exit code of {words} --help", answer.code, 0)
    return answer.out


def subcommands(text):
    found = text.split("SUBCOMMANDS:")[1].split("See '")[0] if "SUBCOMMANDS:" in text else ""
    return re.findall(r"^  ([a-z][a-z-]*)", found, re.MULTILINE)


def commands():
    """Walks all help texts; what they list stands in the page, and the other way round."""
    words, options, waiting = set(), set(), [()]
    while waiting:
        path = waiting.pop()
        text = usage(*path)
        options |= set(re.findall(r"--([a-z][a-z-]*)", text.split("USAGE:")[1]))
        for name in subcommands(text):
            words.add(name)
            waiting.append((*path, name))
    expect(len(words) > 20, f"subcommands: {words}")
    manual = page("dnat-console.8")
    named = set(re.findall(r"Fl -([a-z][a-z-]*)", manual))
    expect_equal("options", named, options)
    for name in words:
        expect(re.search(rf"Cm ([a-z-]+ )*{name}\b", manual), f"no command {name}")


def reasons():
    listed = usage("ctl", "drops").split("(values:")[1].split(")")[0]
    wanted = [word.strip() for word in listed.replace("\n", " ").split(",")]
    found = re.findall(r"^\.It Li ([a-z-]+) Ta", page("dnat-console.8"), re.MULTILINE)
    expect_equal("drop reasons", found, wanted)


def keys():
    """Asks check-config, which names all keys that a table knows when it meets none of them."""
    manual = re.split(r"^\.Ss Tables? (\S+)$", page("router.toml.5"), flags=re.MULTILINE)
    named = dict(zip(manual[1::2], manual[2::2]))
    expect_equal("tables", set(named), set(TABLES) - {""})
    for table in TABLES[1:]:
        found = re.findall(r"^\.It Cm ([a-z-]+) P[qo]", named[table], re.MULTILINE)
        wanted = known_keys(table) - {name.split(".")[1] for name in TABLES if "." in name}
        expect_equal(f"keys of {table}", set(found), wanted)
    expect_equal("keys of the file", known_keys(""), {
        name for name in TABLES if name and "." not in name})


def known_keys(table):
    heading = "[[host]]" if table == "host" else f"[{table}]" if table else ""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/router.toml"
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"{heading}\nqqqqqqqqqqqq = 1\n")
        answer = console("check-config", path)
    found = re.search(r"qqqqqqqqqqqq.* known here: (.*)", answer.err)
    expect(found, f"check-config names no keys of {table}: {answer.err}")
    return {name.strip() for name in found[1].split(",")}
