"""Polling 2,000 feeds, against the usual loop (httpx, feedparser) and against fetching alone (aiohttp, nothing parsed).

Side by side in one run, on loopback, each client in a process of its own. Every feed is fetched by HTTPS over a connection
of its own, as feeds of as many hosts are, and the peer answers at once: any wait for a network would be the same for all.
The same over plain HTTP from one host is what no poll meets; it is measured too, since it shows our own work alone.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import Figure, peer

FEEDS = 2000
CHANGED = FEEDS // 100
CONNECTIONS = 64
ROUNDS = 3
FASTER, SLOWER, BYTES, MEMORY_MB = 15.0, 1.5, 0.05, 400
INDEX_FEEDS = 4_550_000  # of the Podcast Index
HOUR_S = 3600
CORES = 2


@dataclasses.dataclass(frozen=True)
class Times:
    """Seconds of a poll that finds all new, of one that finds 1 % changed; bytes likewise; processor time; peak memory."""

    cold_s: float
    warm_s: float
    cold_bytes: int = 0
    warm_bytes: int = 0
    warm_cpu_s: float = 0.0
    peak_mb: float = 0.0


def run() -> list[Figure]:
    """Measures all in turn, several times; the figures are medians."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        peer.write(folder, FEEDS, CHANGED)
        usual, bare, ours, watched, bare_plain, ours_plain = zip(*(_round(folder) for _ in range(ROUNDS)), strict=True)
    figures = []
    for name, which in (("that are all new", "cold_s"), ("of which 1 % have changed", "warm_s")):
        usual_s, bare_s, ours_s = (_median(each, which) for each in (usual, bare, ours))
        faster, slower = 1 / _ratio(ours, usual, which), _ratio(ours, bare, which)
        plain = _ratio(ours_plain, bare_plain, which)
        what = f"polling {FEEDS} feeds {name}: ours {ours_s:.2f} s"
        usual_line = f"{what}, the usual loop {usual_s:.1f} s: {faster:.0f} times faster (at least {FASTER:.0f})"
        bare_line = f"{what}, aiohttp alone {bare_s:.2f} s: {slower:.2f} times (at most {SLOWER}; by plain HTTP {plain:.1f})"
        figures += [
            Figure(f"polling {name}, the usual loop against ours", usual_line, faster, FASTER, at_least=True),
            Figure(f"polling {name}, ours against aiohttp alone", bare_line, slower, SLOWER),
        ]
    return [*figures, *_costs(ours, _median(watched, "peak_mb"))]


def _costs(ours: Sequence[Times], peak_mb: float) -> list[Figure]:
    cold_bytes, warm_bytes, cpu_s = (_median(ours, name) for name in ("cold_bytes", "warm_bytes", "warm_cpu_s"))
    share, feeds_a_s = warm_bytes / cold_bytes, CORES * FEEDS / cpu_s
    world_s = INDEX_FEEDS / feeds_a_s
    moved = f"{warm_bytes / 1e6:.2f} MB against {cold_bytes / 1e6:.1f} MB where all is new"
    world = (
        f"{INDEX_FEEDS / 1e6:.2f} million feeds with 1 % changed, at {cpu_s / FEEDS * 1e3:.2f} ms of processor time a feed, "
        f"{feeds_a_s:.0f} feeds a second on {CORES} cores"
    )
    memory = f"memory of a cold poll, all processes: {peak_mb:.0f} MB (at most {MEMORY_MB})"
    return [
        Figure("bytes", f"bytes of a poll with 1 % changed: {moved}: {share:.1%} (at most {BYTES:.0%})", share, BYTES),
        Figure("memory", memory, peak_mb, MEMORY_MB),
        Figure("the world", f"{world}: {world_s / 60:.0f} minutes (at most 60)", world_s, HOUR_S),
    ]


def _median(times: Sequence[Times], which: str) -> float:
    return float(statistics.median(getattr(each, which) for each in times))


def _ratio(ones: Sequence[Times], others: Sequence[Times], which: str) -> float:
    pairs = zip(ones, others, strict=True)
    return float(statistics.median(getattr(one, which) / getattr(other, which) for one, other in pairs))


def _round(folder: Path) -> list[Times]:
    https = [_measure(what, folder) for what in ("usual", "bare", "ours", "watched")]
    return https + [_measure(what, folder, "plain") for what in ("bare", "ours")]


def _measure(what: str, folder: Path, *how: str) -> Times:
    """One client in a process of its own, with a server that nobody has asked yet."""
    env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "SSL_CERT_FILE": str(folder / peer.CERTIFICATE)}
    with _peer(folder, *how) as port, tempfile.TemporaryDirectory(dir=folder) as data:
        address = f"{'http' if how else 'https'}://127.0.0.1:{port}"
        command = [sys.executable, "-m", "benchmarks.polling", what, address, data]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    return Times(**json.loads(done.stdout.splitlines()[-1]))


@contextlib.contextmanager
def _peer(folder: Path, *how: str) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.peer", str(folder), *how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline() if process.stdout else "")
        finally:
            process.kill()


def _ask(site: str, path: str) -> int:
    with urllib.request.urlopen(f"{site}/{path}") as answer:
        return int(answer.read())


def _usual(site: str) -> Times:
    """One feed after the other, whole, with the parser's defaults."""
    import feedparser
    import httpx

    with httpx.Client() as client:
        started = time.perf_counter()
        for number in range(FEEDS):
            feedparser.parse(client.get(f"{site}/feed/{number}").content)
        seconds = time.perf_counter() - started
    return Times(seconds, seconds)  # it knows no conditions: what has not changed costs it the same


def _bare(site: str) -> Times:
    """The same requests by aiohttp as it comes, and the bodies thrown away."""
    import aiohttp

    etags: dict[int, str] = {}

    async def poll() -> float:
        queue = iter(range(FEEDS))

        async def worker() -> None:
            for number in queue:
                headers = {"If-None-Match": etags[number]} if number in etags else {}
                async with session.get(f"{site}/feed/{number}", headers=headers) as answer:
                    await answer.read()
                    etags[number] = answer.headers["ETag"]

        started = time.perf_counter()
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
            await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
        return time.perf_counter() - started

    cold = asyncio.run(poll())
    _ask(site, "change")
    return Times(cold, asyncio.run(poll()))


def _ours(site: str, folder: Path, *, watched: bool = False) -> Times:
    """What the asset ``feeds`` does, but for Dagster: from reading the state to writing archive, log and state.

    Where the memory is watched the times are worth little, since looking at it costs a tenth of them.
    """
    from podcast_assets import clock, config
    from podcast_assets.feeds import record
    from podcast_assets.feeds.poll import poll
    from podcast_assets.feeds.subscriptions import subscriptions
    from podcast_assets.project import Project

    urls = [f"{site}/feed/{number}" for number in range(FEEDS)]
    # All lie on one host here, which in the world they do not: no limit of its own for that.
    feeds = {"urls": urls, "poll_concurrency": CONNECTIONS, "poll_concurrency_per_host": CONNECTIONS}
    values = {"feeds": feeds, "network": {"allow_private_hosts": True}}
    project = Project(config.parse(values, folder / "podcasts.toml"))
    followed = subscriptions(project.config)

    def once() -> tuple[float, int, float]:
        before, started, worked = _ask(site, "moved"), time.perf_counter(), sum(os.times()[:4])
        polled_at, lake = clock.now(), project.lake
        archive = record.Archive(project.archive, polled_at)
        polled = poll(project.config, followed, lake.get("feeds"), record.history_in(lake), archive, polled_at)
        record.write_log(lake, polled.sightings, polled.aliases, archive.name)
        lake.write("feeds", polled.feeds)
        seconds, cpu_s = time.perf_counter() - started, sum(os.times()[:4]) - worked
        statuses = dict(polled.feeds.group_by("status").len().iter_rows())
        expected = {"ok": FEEDS} if before == 0 else {"ok": CHANGED, "not_modified": FEEDS - CHANGED}
        if statuses != expected:
            sys.exit(f"expected {expected}, found {statuses}")
        return seconds, _ask(site, "moved") - before, cpu_s

    with _peak_memory() if watched else contextlib.nullcontext([0.0]) as peak:
        cold_s, cold_bytes, _ = once()
    _ask(site, "change")
    warm_s, warm_bytes, warm_cpu_s = once()
    return Times(cold_s, warm_s, cold_bytes, warm_bytes, warm_cpu_s, peak[0])


@contextlib.contextmanager
def _peak_memory() -> Iterator[list[float]]:
    """The largest sum of the resident memory of this process and its children, in MB, looked at every 20 ms."""
    import psutil

    peak, done = [0.0], threading.Event()

    def watch() -> None:
        this = psutil.Process()
        while not done.wait(0.02):
            total = 0
            for process in (this, *this.children(recursive=True)):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_info().rss
            peak[0] = max(peak[0], total / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def main(what: str, site: str, folder: str) -> None:
    """One client, in this process; prints its times."""
    match what:
        case "usual":
            times = _usual(site)
        case "bare":
            times = _bare(site)
        case _:
            times = _ours(site, Path(folder), watched=what == "watched")
    print(json.dumps(dataclasses.asdict(times)))


if __name__ == "__main__":
    main(*sys.argv[1:])
