"""What must be true of a packet that the router writes, told from the packet that came in.

The rules are those of docs/data-path.md, in terms of what tshark reads; octets that must not change are
compared as they are.
"""

from checks import Failed, expect, expect_equal, expect_octets
from dissection import BAD, GOOD
from exchanges import ENDPOINT, EXTERNAL, MTU

IP, ICMP_HEADER, QUOTE = 20, 8, 548
IPIP, ICMP = "4", "1"


def judge(exchange, arrived, written):
    """Raises unless one of the packets that it may have been explains what is written."""
    if exchange.verdict in ("hold", "consume"):
        expect_equal("packets written", len(written), 0)
    if exchange.verdict not in ("drop", "hold"):
        for frame in arrived[:1]:
            sound(frame, "the packet that came in", exchange.damaged)
    for frame in written:
        sound(frame, "what is written", exchange.damaged)
    if not written:
        return
    faults = []
    for frame, packet in zip(arrived, exchange.packets):
        try:
            return RULES[exchange.verdict](exchange, packet, frame, written)
        except Failed as fault:
            faults.append(str(fault))
        except IndexError:
            faults.append(f"a header is missing: {[output.protocols for output in written]}")
    raise Failed("\n".join(faults))


def sound(frame, what, damaged):
    """As far as tshark can say, whoever reads the packet can use it."""
    expect(frame.layers, f"{what}: no IPv4 header")
    # Quotes may be of packets in any state, and cut.
    own = frame.layers[:frame.protocols.split(":icmp")[0].split(":").count("ip")]
    for layer in own:
        expect_equal(f"{what}: header checksum", layer["checksum.status"], GOOD)
    if all(layer["flags.mf"] == "0" for layer in own):
        expect(not frame["_ws.malformed"], f"{what}: malformed: {frame['_ws.expert.message']}")
    for name in ("icmp",) if "icmp" in frame.protocols else ("udp", "tcp"):
        status = frame[f"{name}.checksum.status"]
        expect(damaged or not status or status[0] != BAD, f"{what}: {name} checksum")


def forward(exchange, packet, frame, written):
    expect_equal("packets written", len(written), 1)
    output, = written
    if exchange.direction == "inbound":
        passed(frame.layers[0], output.layers[1])
        wrapped(output, exchange.inside[exchange.host])
        expect_equal("stack", output.protocols, frame.protocols.replace("raw:ip", "raw:ip:ip", 1))
        expect_octets("octets", exchange.outputs[0][2 * IP:], body(packet, frame.layers[0]))
    elif frame.layers[1]["dst"] == EXTERNAL:
        passed({**frame.layers[1], "dsfield": congested(frame)}, output.layers[1])
        wrapped(output, None)
        expect(output.layers[0]["dst"] in exchange.inside.values(), "not to a host")
        expect_equal("stack", output.protocols, frame.protocols)
        expect_octets("octets", exchange.outputs[0][2 * IP:], body(packet[IP:], frame.layers[1]))
    else:
        passed({**frame.layers[1], "dsfield": congested(frame)}, output.layers[0])
        expect_equal("stack", output.protocols, frame.protocols.replace("raw:ip:ip", "raw:ip", 1))
        expect_octets("octets", exchange.outputs[0][IP:], body(packet[IP:], frame.layers[1]))
    expect_equal("fields within", output.within, frame.within)
    expect(output.complaints <= frame.complaints | {'"Time To Live" only 1'},
           f"{output.complaints - frame.complaints}")


def body(packet, layer):
    """What follows a packet's header, to the end that the header tells."""
    return packet[IP:int(layer["len"])]


def passed(before, after):
    """One hop: all of the header but time to live and checksum is as it was."""
    expected = {**before, "ttl": str(int(before["ttl"]) - 1), "checksum.status": GOOD}
    expect_equal("the packet's header", after, expected)


def wrapped(output, inside):
    """RFC 2003, with DSCP and ECN of the inner header (RFC 2983, RFC 6040)."""
    outer, inner = output.layers[:2]
    expected = {"src": ENDPOINT, "ttl": "64", "dsfield": inner["dsfield"], "flags.rb": "0", "flags.df": inner["flags.df"],
                "flags.mf": "0", "frag_offset": "0", "proto": IPIP, "len": str(int(inner["len"]) + IP)}
    if inside:
        expected["dst"] = inside
    expect_equal("the tunnel's header", {name: outer[name] for name in expected}, expected)
    expect(int(outer["id"], 16) != 0, "the tunnel's header has no identification")


def congested(frame):
    """The type of service after the tunnel: RFC 6040, figure 4."""
    outer, inner = (int(layer["dsfield"], 16) for layer in frame.layers[:2])
    not_capable, capable1, capable0, congestion = range(4)
    merged = inner & 3
    if merged in (capable0, capable1) and outer & 3 == congestion:
        merged = congestion
    elif merged == capable0 and outer & 3 == capable1:
        merged = capable1
    expect(merged != not_capable or outer & 3 != congestion, "congestion that cannot be told has passed")
    return f"0x{inner & ~3 | merged:02x}"


def pieces(exchange, packet, frame, written):
    """Fragments of the inner packet, each in a tunnel's packet, that make it whole again."""
    index = 0 if exchange.direction == "inbound" else 1
    whole = frame.layers[index]
    expect(len(written) > 1, "not in pieces")
    expect_equal("don't fragment", whole["flags.df"], "0")
    data, start = b"", 8 * int(whole["frag_offset"])
    for output, octets in zip(written, exchange.outputs):
        wrapped(output, exchange.inside[exchange.host] if index == 0 else None)
        last = octets is exchange.outputs[-1]
        inner = output.layers[1]
        expect(int(inner["len"]) <= MTU, "a piece is larger than the tunnel")
        expect_equal("more fragments", inner["flags.mf"], whole["flags.mf"] if last else "1")
        expect_equal("fragment offset", 8 * int(inner["frag_offset"]), start + len(data))
        same = {name: inner[name] for name in ("src", "dst", "dsfield", "id", "proto", "flags.df", "flags.rb")}
        expect_equal("a piece's header", same, {name: whole[name] for name in same})
        expect_equal("time to live", int(inner["ttl"]), int(whole["ttl"]) - 1)
        data += octets[2 * IP:]
    expect_octets("octets", data, body(packet[index * IP:], whole))


def told(exchange, packet, frame, written):
    """The error that goes with a drop."""
    expect_equal("packets written", len(written), 1)
    output, = written
    kind, code, mtu = {"ttl-expired": ("11", "0", None), "too-big": ("3", "4", str(MTU))}[exchange.reason]
    index = 0 if exchange.direction == "inbound" else 1
    about = frame.layers[index]
    if index:
        wrapped(output, exchange.inside[exchange.host])
    message = output.layers[index]
    from_us = {"src": ENDPOINT if index else EXTERNAL, "dst": about["src"], "ttl": "64", "dsfield": "0xc0",
               "flags.df": "0", "flags.mf": "0", "frag_offset": "0", "proto": ICMP}
    expect_equal("the error's header", {name: message[name] for name in from_us}, from_us)
    expect_equal("type, code", [output["icmp.type"][0], output["icmp.code"][0]], [kind, code])
    if mtu:
        expect_equal("mtu", output["icmp.mtu"], [mtu])
    expect(f"{'ip:' * (index + 1)}icmp:ip" in output.protocols, f"stack {output.protocols}")
    expect_equal("icmp checksum", output["icmp.checksum.status"][0], GOOD)
    quote = packet[index * IP:][:int(about["len"])][:QUOTE]
    expect_octets("the quote", exchange.outputs[0][(index + 1) * IP + ICMP_HEADER:], quote)


def answer(exchange, packet, frame, written):
    expect_equal("packets written", len(written), 1)
    output, = written
    if frame["icmp.type"] == ["8"]:
        echoed(exchange, packet, frame, output)
    else:
        relayed(exchange, packet, frame, output)


def echoed(exchange, packet, frame, output):
    index = 0 if exchange.direction == "inbound" else 1
    request, reply = frame.layers[index], output.layers[index]
    if index:
        wrapped(output, exchange.inside[exchange.host])
    capable = int(request["dsfield"], 16) & ~3
    expected = {"src": EXTERNAL, "dst": request["src"], "ttl": "64", "dsfield": f"0x{capable:02x}", "proto": ICMP,
                "flags.df": request["flags.df"], "len": request["len"]}
    expect_equal("the reply's header", {name: reply[name] for name in expected}, expected)
    expect_equal("type, code", [output["icmp.type"], output["icmp.code"]], [["0"], ["0"]])
    expect_equal("icmp checksum", output["icmp.checksum.status"], [GOOD])
    # Behind type, code and checksum.
    place = (index + 1) * IP
    expect_octets("identifier, number and data", exchange.outputs[0][place + 4:],
                 packet[place + 4:index * IP + int(request["len"])])


def relayed(exchange, packet, frame, output):
    """An error about a tunnel's packet, told to the sender of the one inside."""
    _, tunnel, inner = frame.layers[:3]
    message = output.layers[0]
    expected = {"src": EXTERNAL, "dst": inner["src"], "ttl": "64", "dsfield": "0xc0", "flags.df": "0", "proto": ICMP}
    expect_equal("the error's header", {name: message[name] for name in expected}, expected)
    expect_equal("the tunnel's source", tunnel["src"], ENDPOINT)
    too_big = [frame["icmp.type"][0], frame["icmp.code"][0]] == ["3", "4"]
    expect_equal("type, code", [output["icmp.type"][0], output["icmp.code"][0]], ["3", "4" if too_big else "1"])
    if too_big:
        expect_equal("mtu", int(output["icmp.mtu"][0]), int(frame["icmp.mtu"][0]) - IP)
    expect_equal("icmp checksum", output["icmp.checksum.status"][0], GOOD)
    quoted = packet[2 * IP + ICMP_HEADER:][:int(inner["len"])][:QUOTE]
    expect_octets("the quote", exchange.outputs[0][IP + ICMP_HEADER:], quoted)


RULES = {"forward": forward, "forwardPieces": pieces, "drop": told, "answer": answer}
