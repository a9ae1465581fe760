"""A day of fifty hours of talk, read and graded by a model whose server takes two seconds for a reply.

The server is a process of its own on loopback that speaks OpenAI's chat API and proposes what an honest model might; it is
asked through litellm. The floor is what the calls take if the places are never empty: calls x latency / concurrency.
Tokens are those of the questions, by the tokenizer of the model that is named, for an hour of talk.
"""

import datetime as dt
import json
import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from benchmarks import Figure
from benchmarks.parsing import SHARED

EPISODES, LEAST_S, MOST_S = 50, 3_000, 4_300
LATENCY_S, CONCURRENCY = 2.0, 16
OVER_FLOOR, TOKENS_AN_HOUR = 1.25, 20_000
DAY = dt.date(2026, 3, 4)
MODEL = "openai/gpt-4o-mini"


def run() -> list[Figure]:
    """Measures a day, once: it is long, and most of it is waiting."""
    listed = SHARED / "corpus" / "episodes.jsonl"
    if not listed.exists():
        return [Figure("asking", f"asking a model: not measured, there are no transcripts in {SHARED}", 0, OVER_FLOOR)]
    episodes = [json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines()]
    chosen = [row for row in episodes if LEAST_S <= row["duration_s"] <= MOST_S][:EPISODES]
    with tempfile.TemporaryDirectory() as folder:
        return _measured(Path(folder), chosen)


def _measured(folder: Path, chosen: list[dict[str, object]]) -> list[Figure]:
    from podcast_assets import config
    from podcast_assets.insights.day import find_day
    from podcast_assets.llm.models import litellm
    from podcast_assets.project import Project

    with subprocess.Popen(
        [sys.executable, "-m", "tests.model_peer", str(LATENCY_S)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if server.stdin is None or server.stdout is None:
            sys.exit("the server has no pipes")
        keys = {"model": MODEL, "api_base": server.stdout.readline().strip(), "concurrency": CONCURRENCY}
        values = {"data_dir": str(folder), "extraction": {**keys, "max_usd_per_day": 1000.0}}
        project = Project(config.parse(values, folder / "podcasts.toml"))
        frames = _day(chosen)
        began = time.monotonic()
        litellm()
        start_s = time.monotonic() - began
        began = time.monotonic()
        day = find_day(project, DAY, *frames, logging.getLogger(__name__))
        took_s = time.monotonic() - began
        server.stdin.close()
    hours = sum(float(str(row["duration_s"])) for row in chosen) / 3600
    calls = len(day.usage)
    floor_s = calls * LATENCY_S / CONCURRENCY
    tokens = int(day.usage["input_tokens"].sum()) / hours
    accepted = len(day.candidates.filter(pl.col("status") == "accepted"))
    line = (
        f"asking a model: {len(chosen)} episodes ({hours:.0f} h), {calls} calls in {took_s:.1f} s, {took_s / floor_s:.2f} "
        f"times the floor of {floor_s:.1f} s (at most {OVER_FLOOR}); {accepted} insights; litellm's import {start_s:.1f} s"
    )
    return [
        Figure("asking a model", line, took_s / floor_s, OVER_FLOOR),
        Figure(
            "tokens of questions",
            f"tokens of questions: {tokens:,.0f} an hour of talk, both passes (at most {TOKENS_AN_HOUR:,})",
            tokens,
            TOKENS_AN_HOUR,
        ),
    ]


def _day(chosen: list[dict[str, object]]) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The tables that the stage takes."""
    from podcast_assets.publisher_transcripts.formats import parse
    from podcast_assets.schemas import SCHEMAS

    tables: dict[str, list[dict[str, object]]] = {"episodes": [], "transcripts": [], "segments": []}
    for row in chosen:
        known = {"day": DAY, "episode_id": row["id"]}
        tables["episodes"].append({**known, "feed_id": row["show"], "show": row["show"], "title": row["title"]})
        tables["transcripts"].append({**known, "status": "ok", "language": "en"})
        document = (SHARED / "corpus" / "transcripts" / f"{row['id']}.json").read_bytes()
        for seq, segment in enumerate(parse(document, "application/json")):
            said = {name: getattr(segment, name) for name in ("start_s", "end_s", "speaker", "text", "timing")}
            tables["segments"].append({**known, "seq": seq, **said})
    for row_ in tables["episodes"]:
        row_["published_at"] = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    frames = [
        pl.DataFrame([dict.fromkeys(SCHEMAS[table]) | row for row in rows], schema=SCHEMAS[table])
        for table, rows in tables.items()
    ]
    return frames[0], frames[1], frames[2]
