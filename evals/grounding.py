"""What a language model's insights are worth before anybody reads them.

How many of its quotes were said, what is refused and why, how long its texts are, and what all of it costs. Only where
``[extraction] model`` is set. The model is asked through the product's own stage, within its budget; its replies are kept in
the configured ``data_dir``, so that a second look costs nothing.
"""

import datetime as dt
import json
import logging
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from evals.corpus import episode, episode_ids
from podcast_assets import config
from podcast_assets.insights import DEFERRED
from podcast_assets.insights.day import find_day
from podcast_assets.insights.rows import CUT, kind_of
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS

EPISODES = 10  # of a corpus, spread over it
MOST_REASONS = 12
DAY = dt.date(2000, 1, 1)  # of no episode: the ledger's rows for it are in no table


def grounding(folder: Path, configured: config.Config) -> list[str]:
    """What a configured model's insights are worth; a line that says so where none is."""
    if not configured.extraction.model:
        return ["Not measured: [extraction] model is not set."]
    return list(_lines(folder, configured))


def _lines(folder: Path, settings: config.Config) -> Iterator[str]:
    ids = episode_ids(folder)
    chosen = ids[:: max(1, len(ids) // EPISODES)][:EPISODES]
    (episodes, transcripts, segments), hours = _tables(folder, chosen)
    day = find_day(Project(settings), DAY, episodes, transcripts, segments, logging.getLogger(__name__))
    proposed = day.candidates.filter(pl.col("extractor") != CUT)
    accepted = proposed.filter(pl.col("status") == "accepted")
    found = len(proposed.filter(pl.col("quote_start_s").is_not_null()))
    yield f"{day.asked}: {len(chosen)} episodes, {hours:.1f} hours of talk"
    yield f"  proposed {len(proposed)}, quote found in the transcript {found} ({_share(found, len(proposed))})"
    yield f"  accepted {len(accepted)} ({_share(len(accepted), len(proposed))})"
    for reason, count in Counter(map(kind_of, proposed["reject_reason"].drop_nulls())).most_common(MOST_REASONS):
        yield f"  {count:>5}  {reason}"
    for field in ("claim", "body", "quote"):
        if words := [len(text.split()) for text in accepted[field]]:
            yield f"  words of a {field}: {min(words)} to {max(words)}, median {statistics.median(words):g}"
    calls = day.usage.filter(pl.col("called_at").is_not_null())
    waiting = len(day.usage.filter(pl.col("outcome") == DEFERRED))
    usd, tokens = float(calls["usd"].sum()), int(calls["input_tokens"].sum())
    yield f"  {len(calls)} calls, ${usd:.4f}; an hour of talk ${usd / hours:.4f}, {tokens / hours:,.0f} tokens of questions"
    if waiting:
        yield f"  {waiting} episodes had to wait: {day.usage.filter(pl.col('outcome') == DEFERRED)['reason'][0]}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"


def _tables(folder: Path, ids: list[str]) -> tuple[list[pl.DataFrame], float]:
    """The tables that the stage takes, and the hours of talk in them."""
    rows: dict[str, list[dict[str, object]]] = {"episodes": [], "transcripts": [], "segments": []}
    listed = (folder / "episodes.jsonl").read_text(encoding="utf-8").splitlines()
    told = {row["id"]: row for row in map(json.loads, listed)}
    seconds = 0.0
    for name in ids:
        known = {"day": DAY, "episode_id": name}
        seen = dt.datetime.combine(DAY, dt.time(), dt.UTC)
        about = {"show": told[name]["show"], "title": told[name]["title"], "first_seen_at": seen}
        rows["episodes"].append({**known, "feed_id": told[name]["show"], **about})
        rows["transcripts"].append({**known, "status": "ok"})
        segments = episode(folder, name, 0.0).segments
        seconds += segments[-1].end_s - segments[0].start_s
        for seq, segment in enumerate(segments):
            said = {field: getattr(segment, field) for field in ("start_s", "end_s", "speaker", "text", "timing")}
            rows["segments"].append({**known, "seq": seq, **said})
    frames = [
        pl.DataFrame([dict.fromkeys(SCHEMAS[table]) | row for row in found], schema=SCHEMAS[table])
        for table, found in rows.items()
    ]
    return frames, seconds / 3600
