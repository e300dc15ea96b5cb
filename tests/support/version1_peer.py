"""A host that speaks the first wire format, as far as the tests need one.

    version1_peer.py ADDRESS    talks on the network that ADDRESS is on
    version1_peer.py --print    prints the datagrams instead of sending them

Reads commands from standard input, a line of JSON each: a list of rows
[UUID, LABEL, DEVICE] to announce, or a text, the base64 of a datagram to send
as it is. Each other host's datagram it reads as App::Diskd 0.01 does, 1,500
bytes at most, and prints {"from": ADDRESS, "rows": [...]}. It dies of what
kills 0.01: what is no YAML or no UTF-8, and a list with an element that is no
list. It ignores what 0.01 ignores: what is no list at all.
"""

import base64
import json
import select
import socket
import sys

import yaml

GROUP, PORT = "230.1.2.3", 32003
PREFIX = b"diskd:"
MAX_READ = 1500


class Dumper(yaml.CSafeDumper):
    """Writes what is missing as `~`."""


Dumper.add_representer(
    type(None),
    lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "~"),
)


def pack(rows):
    text = yaml.dump(
        rows,
        Dumper=Dumper,
        default_flow_style=False,
        explicit_start=True,
        allow_unicode=True,
    )
    return PREFIX + text.encode()


def unpack(datagram):
    """The rows of a datagram, or None where it is not one to read."""
    if not datagram.startswith(PREFIX):
        return None
    rows = yaml.load(datagram[len(PREFIX):], Loader=yaml.CSafeLoader)
    if not isinstance(rows, list):
        return None
    for row in rows:
        if not isinstance(row, list):
            sys.exit(f"an element that is no list: {row!r}")
    return [row[:3] for row in rows]


def datagram_of(command):
    said = json.loads(command)
    return base64.b64decode(said) if isinstance(said, str) else pack(said)


def open_socket(address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("", PORT))
    own = socket.inet_aton(address)
    member = socket.inet_aton(GROUP) + own
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
    return sock


def talk(address):
    sock = open_socket(address)
    print("listening", flush=True)
    while True:
        readable, _, _ = select.select([sock, sys.stdin], [], [])
        if sys.stdin in readable:
            command = sys.stdin.readline()
            if command == "":
                return
            sock.sendto(datagram_of(command), (GROUP, PORT))
        if sock in readable:
            datagram, (sender, _) = sock.recvfrom(MAX_READ)
            rows = None if sender == address else unpack(datagram)
            if rows is not None:
                print(json.dumps({"from": sender, "rows": rows}), flush=True)


if sys.argv[1:] == ["--print"]:
    for line in sys.stdin:
        sys.stdout.buffer.write(datagram_of(line))
else:
    talk(sys.argv[1])
