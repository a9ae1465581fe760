"""Requests reach public addresses alone, shown in a network of its own: real sockets, a real name server, nothing pretended.

``tests/namespace_peer.py`` is the small internet that all cases below are run in, by a process for each kind of event loop.
The same cases with ``allow_private_hosts`` are the control: they show that the private servers are there, and would have
been reached.
"""

import dataclasses
import ipaddress
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.namespace_peer import HANG_UP, Case, Result, World

PUBLIC, OTHER, PUBLIC6 = "93.184.216.34", "8.8.4.4", "2606:2800:220:1::1"
DEAF, DEAF6 = "93.184.216.35", "2606:2800:220:1::2"  # public, and nobody listens there
NAMES = {"public.example": [[PUBLIC]]}
STATUSES = (301, 302, 303, 307, 308)

# What a name may resolve to, and whose server a connection to it ends at; None: at nobody's, as no interface is named.
PRIVATE = {
    "127.0.0.1": "127.0.0.1",
    "127.0.0.53": "127.0.0.53",
    "0.0.0.0": "127.0.0.1",
    "10.0.0.1": "10.0.0.1",
    "100.64.0.1": "100.64.0.1",
    "100.100.100.200": "100.100.100.200",
    "168.63.129.16": "168.63.129.16",
    "169.254.169.254": "169.254.169.254",
    "172.16.0.1": "172.16.0.1",
    "192.0.0.192": "192.0.0.192",
    "192.168.1.1": "192.168.1.1",
    "198.18.0.1": "198.18.0.1",
    "::1": "::1",
    "::": "::1",
    "::ffff:127.0.0.1": "127.0.0.1",
    "::ffff:10.0.0.1": "10.0.0.1",
    "::ffff:169.254.169.254": "169.254.169.254",
    "64:ff9b::7f00:1": "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe": "64:ff9b::a9fe:a9fe",
    "2001:db8::1": "2001:db8::1",
    "2002:7f00:1::1": "2002:7f00:1::1",
    "fc00::1": "fc00::1",
    "fd00:ec2::254": "fd00:ec2::254",
    "fe80::1": None,
    "fec0::1": "fec0::1",
}
LISTENING = [address for address, server in PRIVATE.items() if server in {address, None}]


def notations(address: str) -> list[str]:
    """An IPv4 address in the ways of writing hosts that some parser, resolver or gateway takes for it."""
    number, parts = int(ipaddress.IPv4Address(address)), [int(part) for part in address.split(".")]
    a, b, c, d = parts
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    wide = address.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})  # noqa: RUF001
    return [
        address,
        f"{address}.",
        f"{number}",
        f"{number:#x}",
        f"{number:#X}",
        f"0{number:o}",
        f"{number + (1 << 32)}",
        ".".join(f"0{part:o}" for part in parts),
        ".".join(f"000{part:o}" for part in parts),
        ".".join(f"{part:#x}" for part in parts),
        f"{a:#x}.0{b:o}.{c}.{d}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"{a:#x}.{number & 0xFFFFFF:#x}",
        f"[::ffff:{address}]",
        f"[::ffff:{high}:{low}]",
        f"[0:0:0:0:0:FFFF:{high}:{low}]",
        f"[::{address}]",
        f"[::{high}:{low}]",
        f"[::ffff:0:{address}]",
        f"[64:ff9b::{address}]",
        f"[64:ff9b::{high}:{low}]",
        f"[64:ff9b:1::{address}]",
        f"[2002:{high}:{low}::1]",
        f"[::ffff:{address}%25lo]",
        wide,
        address.replace(".", "。"),
        address.replace(".", "．"),  # noqa: RUF001
        address.replace(".", "%2e"),
        "".join(f"%{ord(character):02x}" for character in address),
        f"user@{address}",
        f"user:password@{address}",
        f"{PUBLIC}@{address}",
        f"public.example:80@{address}",
        f"{address}:8080",
        f"{address}:443",
    ]


METADATA = ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192"]
HOSTS = list(
    dict.fromkeys(
        [
            *METADATA,
            *(host for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254") for host in notations(address)),
            *(f"[{address}]" if ":" in address else address for address in PRIVATE),
            *("127.1", "127.0.1", "0", "0x0", "00", "0177.1", "0x7f.1", "10.1", "012.1"),
            *("[::1%25lo]", "[fe80::1%25lo]", "[fe80::1%251]", "[0:0:0:0:0:0:0:1]", "[FD00:EC2::254]"),
            *("localhost", "LOCALHOST", "localhost.", "ⓛocalhost", "intranet.example"),
        ]
    )
)

# Where redirects lead that two parsers may understand in two ways; a public server may be among them.
ODD = [
    "//10.0.0.1/",
    "///10.0.0.1/",
    "\\\\10.0.0.1/",
    "/\\10.0.0.1/",
    "http:10.0.0.1/",
    "http:/10.0.0.1/",
    "http:///10.0.0.1/",
    "http:\\\\10.0.0.1/",
    "http://10.0.0.1\\@public.example/",
    "http://public.example\\@10.0.0.1/",
    "http://public.example#@10.0.0.1/",
    "http://public.example?@10.0.0.1/",
    "http://public.example/@10.0.0.1/",
    "http://10.0.0.1#@public.example/",
    "http://10.0.0.1?@public.example/",
    "http://public.example%00@10.0.0.1/",
    "http://10.0.0.1%00.public.example/",
    "http://10.0.0.1%2f@public.example/",
    "http://public.example@public.example@10.0.0.1/",
    "http://[::1]@10.0.0.1/",
    "http://[10.0.0.1]/",
    "http://[::ffff:10.0.0.1/",
    "http://10.0.0.1\t/",
    "htt\tp://10.0.0.1/",
    " http://10.0.0.1/ ",
    "HTTP://10.0.0.1/",
    "http://10.0.0.1:80:80/",
    "https://10.0.0.1/",
    "ws://10.0.0.1/",
    "ftp://10.0.0.1/",
    "file://10.0.0.1/etc/passwd",
    "gopher://10.0.0.1:80/",
    "data:,x",
]


def by_redirect(location: str, status: int = 302, way: str = "get") -> Case:
    return Case(["http://public.example/feed"], NAMES, {"/feed": (status, {"Location": location}, "")}, way)


def by_name(*turns: list[str], urls: tuple[str, ...] = ("/",), **more: Any) -> Case:
    """A name that resolves to one thing after the other."""
    return Case([f"http://some.example{url}" for url in urls], NAMES | {"some.example": list(turns)}, **more)


LITERAL = {f"{way} {host}": Case([f"http://{host}/"], way=way) for host in HOSTS for way in ("get", "stream")}
REDIRECT = {
    f"{way} {status} {host}": by_redirect(f"http://{host}/", status, way)
    for host in HOSTS
    for way in ("get", "stream")
    for status in (STATUSES if host in METADATA else STATUSES[1:2])
}
STRANGE = {f"{way} {location!r}": by_redirect(location, way=way) for location in ODD for way in ("get", "stream")}
RESOLVED = {f"{way} name {address}": by_name([address], way=way) for address in PRIVATE for way in ("get", "stream")}
RESOLVED |= {
    "several": by_name(["10.0.0.1", "::1", "169.254.169.254"]),
    "by another name": Case(["http://a.example/"], {"a.example": [["b.example"]], "b.example": [["10.0.0.1"]]}),
    "by the name of this machine": Case(["http://a.example/"], {"a.example": [["localhost"]], "localhost": [["127.0.0.1"]]}),
    "redirect to a name": Case(
        ["http://public.example/feed"],
        NAMES | {"some.example": [["10.0.0.1"]]},
        {"/feed": (302, {"Location": "http://some.example/"}, "")},
    ),
    "at the end of a chain": Case(
        ["http://public.example/1"],
        NAMES,
        {
            "/1": (301, {"Location": "/2"}, ""),
            "/2": (302, {"Location": f"http://{OTHER}/3"}, ""),
            "/3": (307, {"Location": "http://10.0.0.1/"}, ""),
        },
    ),
}

# Names whose second answer is another one. The pages make a second connection necessary.
CLOSED = {"/": (200, {"Connection": "close"}, "")}
REBINDING = {
    f"{way} {label} {private}": dataclasses.replace(case, way=way)
    for private in ("10.0.0.1", "169.254.169.254", "::1")
    for way in ("get", "stream")
    for label, case in {
        "after a close": by_name([PUBLIC], [private], urls=("/", "/again"), pages=CLOSED),
        "after a hang-up": by_name([PUBLIC], [private], urls=("/", "/again"), pages={"/again": (HANG_UP, {}, "")}),
        "after a redirect": by_name([PUBLIC], [private], pages={"/": (302, {"Location": "/x", "Connection": "close"}, "")}),
    }.items()
}

NEW_FEED_URL = """<rss xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>A</title>
<itunes:new-feed-url>http://10.0.0.1/</itunes:new-feed-url><item><guid>1</guid></item></channel></rss>"""
STAGES = {
    f"{way} {label}": dataclasses.replace(case, way=way)
    for way in ("poll", "check", "audio", "transcript")
    for label, case in {
        "literal": Case(["http://10.0.0.1/feed"]),
        "name": by_name(["169.254.169.254"]),
        "redirect": by_redirect("http://0x7f.1/"),
    }.items()
} | {
    "poll new-feed-url": Case(["http://public.example/feed"] * 2, NAMES, {"/feed": (200, {}, NEW_FEED_URL)}, "poll"),
    "poll moved": Case(
        ["http://some.example/feed"] * 2,
        NAMES | {"some.example": [[PUBLIC], ["10.0.0.1"]]},
        {
            "/feed": (301, {"Location": "http://some.example/new", "Connection": "close"}, ""),
            "/new": (200, {"Connection": "close"}, NEW_FEED_URL.replace("10.0.0.1", "some.example")),
        },
        "poll",
    ),
}
REFUSED = LITERAL | REDIRECT | RESOLVED | REBINDING | STAGES

# What must go well: each is a public server's answer, although there is something private beside it.
MIXED = {
    "public": (by_name([PUBLIC]), [PUBLIC]),
    "public, by six": (by_name([PUBLIC6]), [PUBLIC6]),
    "first public": (by_name([PUBLIC, "10.0.0.1"]), [PUBLIC]),
    "first private": (by_name(["10.0.0.1", "127.0.0.1", PUBLIC]), [PUBLIC]),
    "private by six": (by_name([PUBLIC, "::1", "fd00:ec2::254"]), [PUBLIC]),
    "private by four": (by_name([PUBLIC6, "10.0.0.1"]), [PUBLIC6]),
    "asked once": (by_name([PUBLIC], ["10.0.0.1"]), [PUBLIC]),
    "kept alive": (by_name([PUBLIC], ["10.0.0.1"], urls=("/", "/again")), [PUBLIC, PUBLIC]),
    "redirected": (by_redirect(f"http://{OTHER}/"), [OTHER]),
}
DOWN = by_name(["10.0.0.1", DEAF, DEAF6, "::1"])


def opened(cases: dict[str, Case]) -> dict[str, Case]:
    return {f"open {label}": dataclasses.replace(case, allow_private_hosts=True) for label, case in cases.items()}


def namespaces() -> list[str]:
    """The command that runs another one in new network and mount namespaces; skips where nobody may have them."""
    said = ""
    for command in (["unshare", "--net", "--mount"], ["unshare", "--user", "--map-root-user", "--net", "--mount"]):
        try:
            done = subprocess.run([*command, "true"], capture_output=True, text=True, timeout=60, check=False)
        except OSError as error:
            said = str(error)
            continue
        if done.returncode == 0:
            return command
        said = done.stderr.strip()
    pytest.skip(f"no network of its own can be had here (it takes root, or namespaces of users): {said}")


@dataclasses.dataclass
class Seen:
    """What became of the cases."""

    ipv6: bool
    results: dict[str, Result]

    def of(self, cases: dict[str, Case]) -> dict[str, Result]:
        return {label: self.results[label] for label in cases}


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def seen(request: pytest.FixtureRequest) -> Seen:
    """All cases, run by a process in a network of its own, with a private proxy in its environment."""
    cases = REFUSED | STRANGE | opened(REFUSED) | {label: case for label, (case, _) in MIXED.items()} | {"down": DOWN}
    world = World([PUBLIC, OTHER, PUBLIC6], LISTENING, [DEAF, DEAF6], cases, request.param)
    proxies = dict.fromkeys(("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"), "http://10.0.0.1:80")
    done = subprocess.run(
        [*namespaces(), sys.executable, "-m", "tests.namespace_peer"],
        input=json.dumps(dataclasses.asdict(world)),
        env={**os.environ, **proxies, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    answer = json.loads(done.stdout)
    return Seen(answer["ipv6"], {label: Result(**result) for label, result in answer["results"].items()})


def private(result: Result) -> list[str]:
    return [address for address in result.connected if address not in {PUBLIC, OTHER, PUBLIC6}]


@pytest.mark.parametrize("cases", [REFUSED, STRANGE], ids=["refused", "strange"])
def test_no_private_server_is_ever_connected_to(seen: Seen, cases: dict[str, Case]) -> None:
    """Told by the servers, and by the kernel: it has opened no connection but those that the public servers saw."""
    found = seen.of(cases)
    assert {label: result.connected for label, result in found.items() if private(result)} == {}
    unseen = {label: result for label, result in found.items() if result.opened != len(result.connected)}
    assert unseen == {}


def test_each_request_ends_with_a_refusal_or_at_an_unknown_name(seen: Seen) -> None:
    refusals = ("RefusedError: ", "FetchError: the host's name is not known")
    for label, result in seen.of(LITERAL | REDIRECT | RESOLVED | REBINDING).items():
        assert result.outcomes[-1].startswith(refusals), f"{label}: {result}"
    for label, result in seen.of(STAGES).items():
        assert "is no public address" in result.outcomes[-1], f"{label}: {result}"
    for label, result in seen.of(RESOLVED).items():
        assert "is no public address; set [network] allow_private_hosts = true to allow it" in result.outcomes[-1], label


def test_a_name_that_resolves_to_something_else_a_moment_later_is_judged_again(seen: Seen) -> None:
    """The first answer did reach the public server, so that a second connection was made, and refused."""
    for label, result in seen.of(REBINDING).items():
        assert result.connected == [PUBLIC], f"{label}: {result}"
        assert "some.example is no public address" in result.outcomes[-1], f"{label}: {result}"


def test_what_is_private_beside_a_public_address_is_left_out(seen: Seen) -> None:
    """Also: the address that was judged is the one connected to; a second question would bring another one (asked once)."""
    for label, (_, expected) in MIXED.items():
        if PUBLIC6 not in expected or seen.ipv6:
            result = seen.results[label]
            assert (result.outcomes, result.connected[-1:], private(result)) == (expected, expected[-1:], []), label
            assert result.opened == len(result.connected), label


def test_where_the_public_address_is_down_the_private_one_beside_it_is_not_tried(seen: Seen) -> None:
    result = seen.results["down"]
    assert result.outcomes[0].startswith("FetchError: no connection: "), result
    assert (result.connected, result.opened) == ([], 1 + seen.ipv6)


def test_the_same_requests_reach_the_private_servers_where_that_is_allowed(seen: Seen) -> None:
    """The control: without it, a network in which nothing works would pass every test above."""

    def reached(cases: dict[str, Case]) -> dict[str, set[str]]:
        return {label: set(private(seen.results[f"open {label}"])) for label in cases}

    by_number, by_redirect, by_lookup = reached(LITERAL), reached(REDIRECT), reached(RESOLVED)
    for address, server in PRIVATE.items():
        if server is None or (":" in address and not seen.ipv6):
            continue
        host = f"[{address}]" if ":" in address else address
        for way in ("get", "stream"):
            assert by_number[f"{way} {host}"] == by_redirect[f"{way} 302 {host}"] == {server}
            assert by_lookup[f"{way} name {address}"] == {server}
    for status in STATUSES:
        assert by_redirect[f"get {status} 169.254.169.254"] == {"169.254.169.254"}
    for notation in ("0x7f.0x1", "0x7f000001", "１２７.０.０.１", "127。0。0。1", "user:password@127.0.0.1"):  # noqa: RUF001
        assert by_number[f"get {notation}"] == {"127.0.0.1"}
    for label in ("several", "by another name", "redirect to a name", "at the end of a chain"):
        assert by_lookup[label] & {"10.0.0.1", "::1"}, label
    assert {
        label for label, found in reached(STAGES | REBINDING).items() if not found and (seen.ipv6 or "::" not in label)
    } == set()
