"""Packets without DF that are larger than what is ahead arrive in pieces, and are put together."""

import contextlib
import os

from admission import counting
from checks import expect, expect_equal
from ground import ENGINE, SMALL, TUNNEL, no_route_mtu
from lab import EXTERNAL, HOSTS
from nodes import move
from wire import AH, ESP, IPIP, UDP, taps


def tell(ground, cases):
    """UDP datagrams that may be cut: (from node, address, to node, address, octets). Each arrives
    as it was sent, and its answer as well."""
    jobs, pairs = {}, []

    def add(node, **job):
        jobs.setdefault(node, []).append(job)
        return node, len(jobs[node]) - 1

    for number, (teller, source, hearer, address, octets) in enumerate(cases):
        # The ports of hosts are leased; those of inner addresses are free.
        port = 7100 + number
        if address == EXTERNAL:
            port = ground.ports[hearer]["first"] + 100 + number
        far = add(hearer, do="hear", address=address, port=port)
        near = add(teller, do="tell", source=source, address=address, port=port, send=octets,
                   seed=os.urandom(8).hex())
        pairs.append((near, far, octets))
    answers = move(ground.lab, jobs)
    for (teller, near), (hearer, far), octets in pairs:
        told, heard = answers[teller][near], answers[hearer][far]
        what = f"{octets} octets from {teller} to {hearer}"
        expect("error" not in told and "error" not in heard, f"{what}: {told}, {heard}")
        expect_equal(f"{what}: what arrived", (heard["octets"], heard["received"]),
                     (octets, told["sent"]))
        expect_equal(f"{what}: the answer", told["answer"], told["sent"])


def cases_in(ground):
    """Plain UDP in three parts; and in each association a packet of 1,481 to 1,500 octets, which
    the peer need not cut, but the router must."""
    for host in HOSTS:
        yield "peer1", ground.lab.address["peer1"], host, EXTERNAL, 3000
        for road in ("esp", "ah"):
            flow = ground.flow(host, road)
            yield "peer1", flow["peerInner"], host, flow["hostInner"], 1412


def inward(ground, who):
    lab = ground.lab
    ground.forget()
    with contextlib.ExitStack() as stack:
        if who == ENGINE:
            stack.enter_context(no_route_mtu(lab))
        with counting(lab), taps(
                *(lab.namespace(host) for host in HOSTS), (lab.namespace("router"), "out0")
        ) as (*inner, before):
            tell(ground, list(cases_in(ground)))
    for host, tap in zip(HOSTS, inner):
        expect(not tap.incoming_plain(protocol=IPIP), f"{host} got an outer packet in pieces")
        for protocol in (UDP, ESP, AH):
            arrived = tap.incoming(protocol=protocol, source=lab.address["peer1"], fragment=True)
            expect(arrived, f"{host}: nothing of protocol {protocol} came in pieces")
            expect(max(packet.length for packet in arrived) <= TUNNEL, "a piece is too long")
    # It was the router that cut ESP and AH.
    for protocol in (ESP, AH):
        came = [packet for packet in before.incoming_plain(protocol=protocol)
                if packet.length > TUNNEL]
        expect(came, f"protocol {protocol} came small enough")


def outward(ground):
    """The hosts cut what is larger than the tunnel; a link behind the router cuts ESP and AH."""
    lab = ground.lab
    ground.forget()
    cases = []
    for host in HOSTS:
        cases.append((host, EXTERNAL, "peer1", lab.address["peer1"], 3000))
        for road in ("esp", "ah"):
            flow = ground.flow(host, road)
            cases.append((host, flow["hostInner"], "peer1", flow["peerInner"], 1350))
    with ground.wan.limit("far", SMALL), counting(lab):
        with taps(lab.namespace("peer1")) as (far,):
            tell(ground, cases)
    for protocol in (UDP, ESP, AH):
        arrived = far.incoming_plain(protocol=protocol, source=EXTERNAL, fragment=True)
        expect(arrived, f"nothing of protocol {protocol} came in pieces")
        expect(max(packet.length for packet in arrived) <= SMALL, "a piece is too long")


def on_the_lan(ground):
    """The inside network cuts the outer packet, as the inner one has no DF; the host puts it
    together."""
    lab = ground.lab
    ground.forget()
    flow = {host: ground.flow(host, "esp") for host in HOSTS}
    with ground.lan.limit("far", SMALL), counting(lab):
        with taps(*(lab.namespace(host) for host in HOSTS)) as open_taps:
            tell(ground, [("peer1", flow[host]["peerInner"], host, flow[host]["hostInner"], 1380)
                          for host in HOSTS])
    for host, tap in zip(HOSTS, open_taps):
        expect(tap.incoming_plain(protocol=IPIP, fragment=True),
               f"no outer packet came to {host} in pieces")
