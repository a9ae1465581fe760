"""Reading a day's worth of publishers' transcripts and writing their segments to the lake: real ones, some 50 hours of talk.

Where the folder of test data is not there (``PODCAST_ASSETS_SHARED``), nothing is measured, and the line says so.
"""

import dataclasses
import datetime as dt
import html
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import Figure
from benchmarks.parsing import SHARED

RUNS = 5
LIMIT_S = 2.0
EPISODES = 50
DAY = dt.date(2026, 3, 4)


def run() -> list[Figure]:
    """Measures the documents as they are (JSON), and the same talk as pages of HTML."""
    paths = sorted((SHARED / "corpus" / "transcripts").glob("*.json"))
    if not paths:
        return [Figure("documents", f"documents: not measured, there are no transcripts in {SHARED}", 0, LIMIT_S)]
    found = [path.read_bytes() for path in paths[:: max(1, len(paths) // EPISODES)][:EPISODES]]
    forms: dict[str, Callable[[bytes], bytes]] = {"json": lambda document: document, "html": _page}
    return [_measure(name, [form(document) for document in found]) for name, form in forms.items()]


def _measure(name: str, documents: list[bytes]) -> Figure:
    import polars as pl

    from podcast_assets.publisher_transcripts.formats import parse
    from podcast_assets.schemas import SCHEMAS
    from podcast_assets.speech import Segment
    from podcast_assets.storage import Lake

    fields = [field.name for field in dataclasses.fields(Segment)]
    columns = {name: SCHEMAS["segments"][name] for name in ("day", "episode_id", "seq", *fields)}
    seconds: list[float] = []
    hours, count, size = 0.0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(RUNS):
            started = time.process_time()
            said = [parse(document, name) for document in documents]
            rows = [
                (DAY, f"{number:016x}", seq, *dataclasses.astuple(each))
                for number, segments in enumerate(said)
                for seq, each in enumerate(segments)
            ]
            frame = pl.DataFrame(rows, schema=columns, orient="row").select(SCHEMAS["segments"].keys())
            written = Lake(Path(folder)).write("segments", frame, DAY)
            seconds.append(time.process_time() - started)
            hours = sum(segments[-1].end_s for segments in said) / 3600
            count, size = frame.height, written.stat().st_size
    value = statistics.median(seconds)
    line = (
        f"documents as {name}: {len(documents)} episodes, {hours:.0f} hours, {sum(map(len, documents)) / 1e6:.1f} MB read, "
        f"{count} segments written ({size / 1e6:.1f} MB) in {value:.2f} s of processor time "
        f"(at most {LIMIT_S:.0f}; median of {RUNS})"
    )
    return Figure(f"documents as {name}", line, value, LIMIT_S)


def _page(document: bytes) -> bytes:
    """The document's talk in the namespace's form of HTML."""
    turns = json.loads(document)["segments"]
    return "".join(
        f"<cite>{html.escape(turn['speaker'] or 'Somebody')}:</cite>\n<time>{_clock(turn['startTime'])}</time>\n"
        f"<p>{html.escape(html.unescape(turn['body']))}</p>\n"
        for turn in turns
    ).encode()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
