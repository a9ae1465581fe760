"""A small internet in a network of its own: a name server, web servers on public and private addresses, our client.

``python -m tests.namespace_peer``, in new network and mount namespaces, reads a :class:`World` from standard input, and
prints one :class:`Result` for each of its cases; both are JSON. Everything is real: the system's resolver asks the name
server over UDP, and who was connected to is told by the sockets that listen and by the kernel's own count. The servers run
in one event loop, what is tested in another one, of the kind that the world names.
"""

import asyncio
import collections
import contextlib
import dataclasses
import fcntl
import ipaddress
import json
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import polars as pl
import uvloop

from podcast_assets import clock
from podcast_assets.audio import collect as audio
from podcast_assets.config import Config, NetworkConfig, parse
from podcast_assets.feeds.check import check_all
from podcast_assets.feeds.identity import History, Subscription
from podcast_assets.feeds.poll import poll
from podcast_assets.feeds.record import Archive
from podcast_assets.http.client import Client
from podcast_assets.http.errors import MEGABYTE
from podcast_assets.project import Project
from podcast_assets.publisher_transcripts import fetch as transcripts
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake

SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR = 0x8913, 0x8914, 0x8916
UP = 0x1
TENTATIVE = 0x40  # an address that cannot be used yet
TYPE_A, TYPE_CNAME, TYPE_AAAA = 1, 5, 28
NO_SUCH_NAME = 3
HANG_UP = 0  # in place of a status: the server closes the connection instead of an answer
OWN_FILES = {
    "resolv.conf": "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n",
    "nsswitch.conf": "hosts: files dns\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n10.0.0.1 intranet.example\n",
}

Page = tuple[int, dict[str, str], str]


@dataclasses.dataclass(frozen=True)
class Case:
    """Some requests, one after the other by the same client, and what they meet.

    ``names`` gives what the name server answers: the first list at the first question, and so on; the last one for ever. An
    answer that is no address is another name (CNAME). ``pages`` says with what status, headers and body the public servers
    answer a path; an empty body, and that of everything else (with 200), is the address of the server.
    """

    urls: Sequence[str]
    names: dict[str, list[list[str]]] = dataclasses.field(default_factory=dict)
    pages: dict[str, Page] = dataclasses.field(default_factory=dict)
    way: str = "get"  # or "stream", "poll", "check", "audio", "transcript"
    allow_private_hosts: bool = False


@dataclasses.dataclass(frozen=True)
class World:
    """The addresses of the machine: ``public`` and ``private`` ones have a web server, at ``deaf`` ones nobody listens."""

    public: list[str]
    private: list[str]
    deaf: list[str]
    cases: dict[str, Case]
    loop: str = "asyncio"  # or "uvloop", as polls use


@dataclasses.dataclass
class Result:
    """What became of a case.

    ``outcomes`` holds, for each request, the body (the address of who answered) or the error. ``connected`` lists the
    addresses of the servers that were connected to; ``opened`` is how many connections the kernel was asked for, to anybody.
    """

    outcomes: list[str] = dataclasses.field(default_factory=list)
    connected: list[str] = dataclasses.field(default_factory=list)
    asked: list[str] = dataclasses.field(default_factory=list)
    opened: int = 0


# --- The machine.


def set_up(addresses: list[str]) -> bool:
    """Gives loopback the addresses, and this process its own name server; tells whether there is IPv6."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name, flags = struct.unpack("16sH", fcntl.ioctl(control, SIOCGIFFLAGS, struct.pack("16sH", b"lo", 0)))
        if flags & UP:
            sys.exit("this is no new network: what follows would change the machine's own")
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH", name, flags | UP))
        for number, address in enumerate(each for each in addresses if ":" not in each):
            ip = socket.inet_aton(address)
            request = struct.pack("16sHH4s8x", f"lo:{number}".encode(), socket.AF_INET, 0, ip)
            fcntl.ioctl(control, SIOCSIFADDR, request)
    with tempfile.TemporaryDirectory() as folder:
        for file, text in OWN_FILES.items():
            own, real = Path(folder) / file, Path("/etc") / file
            own.write_text(text)
            if real.exists():
                subprocess.run(["mount", "--bind", str(own), str(real)], check=True, stdout=sys.stderr)
        if Path("/run/nscd").is_dir():  # a cache of names that would answer from outside
            subprocess.run(["mount", "--bind", folder, "/run/nscd"], check=True, stdout=sys.stderr)
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
            index = socket.if_nametoindex("lo")
            for address in (each for each in addresses if ":" in each):
                ip = socket.inet_pton(socket.AF_INET6, address)
                fcntl.ioctl(control, SIOCSIFADDR, struct.pack("16sIi", ip, 128, index))
    except OSError:
        return False
    end = time.monotonic() + 10
    while any(int(line.split()[4], 16) & TENTATIVE for line in Path("/proc/net/if_inet6").read_text().splitlines()):
        if time.monotonic() > end:
            sys.exit("the kernel does not give out the addresses")
        time.sleep(0.01)  # nobody tells when
    return True


def opened_and_accepted() -> tuple[int, int]:
    """How many TCP connections this network's processes have begun, and how many of them found a server."""
    names, values = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Tcp:")]
    counts = dict(zip(names, values, strict=True))
    return int(counts["ActiveOpens"]), int(counts["PassiveOpens"])


# --- The name server.


class NameServer(asyncio.DatagramProtocol):
    """Answers questions for A and AAAA by the case's table, with a TTL of 0."""

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {}
        self.turns: collections.Counter[tuple[str, int]] = collections.Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # its class is none of those in 3.11

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        name, at = "", 12
        while length := data[at]:
            name += data[at + 1 : at + 1 + length].decode("ascii").lower() + "."
            at += 1 + length
        (kind,) = struct.unpack_from("!H", data, at + 1)
        records = self._records(name.rstrip("."), kind)
        code = NO_SUCH_NAME if records is None else 0
        head = data[:2] + struct.pack("!5H", 0x8580 | code, 1, len(records or []), 0, 0)
        self._transport.sendto(head + data[12 : at + 5] + b"".join(records or []), addr)

    def _records(self, name: str, kind: int) -> list[bytes] | None:
        """The answer's records, or None for a name that there is not."""
        if name not in self.names:
            return None
        turns = self.names[name]
        turn = min(self.turns[name, kind], len(turns) - 1)
        self.turns[name, kind] += 1
        records = []
        for answer in turns[turn]:
            try:
                ip = ipaddress.ip_address(answer)
            except ValueError:
                records += [_record(name, TYPE_CNAME, _encoded(answer)), *(self._records(answer, kind) or [])]
                continue
            if kind == (TYPE_A if ip.version == 4 else TYPE_AAAA):
                records.append(_record(name, kind, ip.packed))
        return records


def _encoded(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"


def _record(name: str, kind: int, content: bytes) -> bytes:
    return _encoded(name) + struct.pack("!HHIH", kind, 1, 0, len(content)) + content


# --- The web servers.


class WebServers:
    """A web server on each address, and what they saw in the present case."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.pages: dict[str, Page] = {}
        self.result = Result()

    async def start(self, addresses: list[str]) -> None:
        """Listens on port 80 of each address by itself: then each server knows which one a connection was made to."""
        for address in addresses:
            zone = "%lo" if address.startswith("fe80:") else ""
            await asyncio.start_server(self._serve_as(address), address + zone, 80)

    def _serve_as(self, address: str) -> "collections.abc.Callable[..., collections.abc.Awaitable[None]]":
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.result.connected.append(address)
            with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, OSError):
                while path := (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode():
                    self.result.asked.append(f"{address} {path}")
                    page = self.pages.get(path) if address in self._world.public else None
                    status, headers, text = page or (200, {}, "")
                    if status == HANG_UP:
                        return
                    body = (text or address).encode()
                    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}"]
                    lines += [f"{name}: {value}" for name, value in headers.items()]
                    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
                    await writer.drain()
                    if headers.get("Connection") == "close":
                        return

        return serve


# --- The cases.


async def ask_all(case: Case, network: NetworkConfig) -> list[str]:
    """The bodies, or the errors, of one client's requests."""

    async def ask(url: str) -> str:
        if case.way == "get":
            return (await client.get(url, max_bytes=MEGABYTE)).body.decode()
        async with client.stream(url) as answer:
            return (await answer.read()).decode()

    async with Client(network) as client:
        outcomes = [await asyncio.gather(ask(url), return_exceptions=True) for url in case.urls]
    return [each if isinstance(each, str) else f"{type(each).__name__}: {each}" for [each] in outcomes]


def poll_all(config: Config, urls: Sequence[str]) -> list[str]:
    """How polls of a feed went, one after the other; each knows what the last one has left."""
    state, said = pl.DataFrame(schema=SCHEMAS["feeds"]), []
    archive = Archive(Lake(config.data_path / "archive"), clock.now())
    for url in urls:
        state = poll(config, [Subscription(url)], state, lambda _: History((), ()), archive, clock.now()).feeds
        said.append(f"{state['status'].item()}: {state['error'].item()}")
    return said


def collect(config: Config, way: str, url: str) -> list[str]:
    """What became of the one file, audio or transcript, that an episode of a public feed names."""
    feed = {"episode_id": "1", "feed_url": "http://public.example/feed", "title": "One", "status": "ok"}
    files = {"enclosure_url": url, "transcripts": [{"url": url, "type": "text/vtt", "language": None, "rel": None}]}
    episodes = pl.DataFrame([dict.fromkeys(SCHEMAS["episodes"]) | feed | files], schema=SCHEMAS["episodes"])
    if way == "audio":
        found = audio.collect(Project(config), episodes, pl.DataFrame(schema=SCHEMAS["publisher_transcripts"]))
    else:
        found = transcripts.collect(Project(config), episodes)
    return [f"{found['status'].item()}: {found['reason'].item()}"]


def outcomes(case: Case, loop: str) -> list[str]:
    """What became of the requests of a case."""
    network = {"timeout_s": 5, "allow_private_hosts": case.allow_private_hosts}
    with tempfile.TemporaryDirectory() as folder:
        config = parse({"network": network}, Path(folder) / "podcasts.toml")
        match case.way:
            case "poll":
                return poll_all(config, case.urls)
            case "check":
                found = asyncio.run(check_all(config, [Subscription(url) for url in case.urls]))
                return [str(health.error) for health in found]
            case "audio" | "transcript":
                return collect(config, case.way, *case.urls)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop if loop == "uvloop" else None) as runner:
            return runner.run(ask_all(case, config.network))


async def run(case: Case, loop: str, names: NameServer, web: WebServers) -> Result:
    """The requests of one case, and what was seen of them."""
    names.names, names.turns = case.names, collections.Counter()
    web.pages, web.result = case.pages, Result()
    opened, accepted = opened_and_accepted()
    web.result.outcomes = await asyncio.to_thread(outcomes, case, loop)
    end = time.monotonic() + 5
    while len(web.result.connected) < opened_and_accepted()[1] - accepted and time.monotonic() < end:
        await asyncio.sleep(0)  # a connection that the kernel has taken is still on its way to the server
    web.result.opened = opened_and_accepted()[0] - opened
    return web.result


async def run_all(world: World, *, ipv6: bool) -> dict[str, Result]:
    """Every case, one after the other: what was connected to belongs to one of them alone."""
    listening = [*world.public, *world.private]
    web = WebServers(world)
    await web.start([address for address in listening if ipv6 or ":" not in address])
    loop = asyncio.get_running_loop()
    _, names = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 53))
    return {label: await run(case, world.loop, names, web) for label, case in world.cases.items()}


def main() -> None:
    """Reads a world, prints the results."""
    given = json.load(sys.stdin)
    world = World(**given | {"cases": {label: Case(**case) for label, case in given["cases"].items()}})
    loopback = {"127.0.0.1", "::1"}  # which come with the interface
    ipv6 = set_up([each for each in [*world.public, *world.private, *world.deaf] if each not in loopback])
    results = asyncio.run(run_all(world, ipv6=ipv6))
    json.dump(
        {"ipv6": ipv6, "results": {label: dataclasses.asdict(result) for label, result in results.items()}}, sys.stdout
    )


if __name__ == "__main__":
    main()
