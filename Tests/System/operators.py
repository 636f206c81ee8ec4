"""Many operators, many revocations, clocks that jump, groups, terminals that vanish, and keys."""

import clocks
import consoles
import cutoff
import groups
import secrecy
import vanishing
from ownsite import Site


def check(results):
    results.section("operators")
    with Site("ops") as site:
        site.start()
        consoles.check(results, site)
        cutoff.check(results, site)
        groups.check(results, site)
        site.kill()
        vanishing.check(results, site)
        secrecy.check(results, site)
    with Site("clock") as site:
        clocks.check(results, site)
