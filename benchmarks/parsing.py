"""Parsing large feeds, against feedparser: with every property of every episode read, as ours are worked out when asked for.

Real feeds of 1 MB and more where the folder of test data is there (``PODCAST_ASSETS_SHARED``), else one of our own making.
"""

import os
import statistics
import time
from pathlib import Path

from benchmarks import Figure
from benchmarks.shows import feed

RUNS = 5
LIMIT = 5.0
LARGE = 1_000_000  # bytes
SHARED = Path(os.environ.get("PODCAST_ASSETS_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def run() -> list[Figure]:
    """Measures both in turn, for each feed."""
    return [_compare(name, body) for name, body in _feeds()]


def _feeds() -> list[tuple[str, bytes]]:
    files = sorted((SHARED / "data" / "feeds").glob("*/*.xml"))
    found = [(path.stem, path.read_bytes()) for path in files if path.stat().st_size >= LARGE]
    return found or [("made", max((feed(show) for show in range(3000)), key=len))]


def _compare(name: str, body: bytes) -> Figure:
    import feedparser

    from podcast_assets.feeds.parse import Item, parse

    properties = [each for each in vars(Item) if not each.startswith("_")]
    pairs = []
    for _ in range(RUNS):
        started = time.perf_counter()
        theirs = feedparser.parse(body)
        between = time.perf_counter()
        ours = parse(body, "https://shows.example/feed.xml")
        for item in ours.items:
            for each in properties:
                getattr(item, each)
        pairs.append((between - started, time.perf_counter() - between))
    ratio = statistics.median(their_s / our_s for their_s, our_s in pairs)
    their_s, our_s = (statistics.median(column) for column in zip(*pairs, strict=True))
    line = (
        f"parsing {name} ({len(body) / 1e6:.1f} MB): {len(theirs.entries)} episodes by feedparser in {their_s:.2f} s, "
        f"{len(ours.items)} by ours in {our_s:.3f} s ({len(body) / 1e6 / our_s:.0f} MB/s): {ratio:.0f} times faster "
        f"(at least {LIMIT:.0f}; medians of {RUNS})"
    )
    return Figure(f"parsing {name}", line, ratio, LIMIT, at_least=True)
