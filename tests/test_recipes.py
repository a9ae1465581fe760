"""The recipes of sql/recipes answer their question: on a lake small enough to work out each answer by hand."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from podcast_assets.resources import project_file
from podcast_assets.schemas import COMPONENTS, SCHEMAS
from podcast_assets.storage import Lake
from podcast_assets.warehouse import build, query

MON5, MON12, TUE13 = dt.date(2026, 1, 5), dt.date(2026, 1, 12), dt.date(2026, 1, 13)
RECIPES = sorted(project_file("sql/recipes").glob("*.sql"))


def frame(table: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of a table; what they do not name is null."""
    schema = SCHEMAS[table]
    assert all(set(row) <= set(schema) for row in rows)
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)


def moment(day: int, hour: int = 6) -> dt.datetime:
    return dt.datetime(2026, 1, day, hour, tzinfo=dt.UTC)


def episode(day: dt.date, episode_id: str, feed_id: str, show: str, title: str, **values: Any) -> dict[str, Any]:
    audio = f"https://{feed_id}.example/{episode_id}.mp3"
    known = {"day": day, "episode_id": episode_id, "feed_id": feed_id, "show": show, "title": title}
    return {**known, "enclosure_url": audio, "status": "ok", **values}


def transcript(day: dt.date, episode_id: str, source: str, words: int, speech_s: float, duration_s: float) -> dict[str, Any]:
    known = {"day": day, "episode_id": episode_id, "status": "ok", "source": source, "words": words}
    return {**known, "speech_s": speech_s, "duration_s": duration_s}


def feed(feed_id: str, title: str | None, status: str, failures: int, **values: Any) -> dict[str, Any]:
    known = {"feed_id": feed_id, "feed_url": f"https://{feed_id}.example/feed", "title": title, "status": status}
    return {**known, "consecutive_failures": failures, **values}


def insight(day: dt.date, insight_id: str, episode_id: str, claim: str | None, **values: Any) -> dict[str, Any]:
    known = {"day": day, "insight_id": insight_id, "episode_id": episode_id, "claim": claim, "topics": []}
    return {**known, "quote": f"the words of {insight_id}", "status": "accepted", "quality": 0.5, **values}


def pick(day: dt.date, rank: int, insight_id: str, episode_id: str, show: str, claim: str, score: float) -> dict[str, Any]:
    url = f"https://audio.example/{episode_id}.mp3#t=60"
    known = {"day": day, "rank": rank, "insight_id": insight_id, "episode_id": episode_id, "show": show, "claim": claim}
    return {**known, "score": score, "speaker": "Ada", "audio_url": url, "why": f"why {insight_id}"}


def gains(**values: float) -> dict[str, float | None]:
    return dict.fromkeys(COMPONENTS) | values


def vector(day: dt.date, insight_id: str, model: str, *numbers: float) -> dict[str, Any]:
    return {"day": day, "insight_id": insight_id, "model": model, "vector": list(numbers)}


def usage(episode_id: str | None, model: str, purpose: str, tokens: int, usd: float, latency_s: float) -> dict[str, Any]:
    known = {
        "day": TUE13,
        "episode_id": episode_id,
        "model": model,
        "purpose": purpose,
        "outcome": "ok",
        "called_at": moment(14, 3),
    }
    counts = {"input_tokens": tokens, "output_tokens": tokens // 10, "cached_tokens": 1}
    return {**known, **counts, "usd": usd, "latency_s": latency_s}


TABLES: dict[str, list[dict[str, Any]]] = {
    "episodes": [
        episode(MON5, "e1", "alpha", "Alpha", "Cheap chips"),
        episode(MON12, "e2", "alpha", "Alpha", "Tariffs"),
        episode(TUE13, "e3", "beta", "Beta", "Energy"),
        episode(TUE13, "e4", "alpha", "Alpha Daily", "Too late"),
        episode(TUE13, "e5", "beta", "Beta", "A video", status="skipped", reason="no audio"),
    ],
    "publisher_transcripts": [
        {"day": MON5, "episode_id": "e1", "status": "ok"},
        {"day": TUE13, "episode_id": "e4", "status": "failed", "reason": "HTTP 404"},
    ],
    "audio": [
        {"day": MON12, "episode_id": "e2", "status": "ok"},
        {"day": TUE13, "episode_id": "e4", "status": "deferred", "reason": "the host is down"},
    ],
    "transcripts": [
        transcript(MON5, "e1", "publisher", 9000, 3240.0, 3600.0),
        transcript(MON12, "e2", "asr", 4000, 1440.0, 1800.0),
        transcript(TUE13, "e3", "asr", 7000, 3600.0, 5400.0),
        {"day": TUE13, "episode_id": "e4", "status": "deferred", "reason": "no audio yet"},
    ],
    "insight_candidates": [
        insight(MON5, "i1", "e1", "Chips get cheap", speaker="Ada", topics=["chips", "trade"], quality=0.4),
        insight(MON5, "i6", "e1", "Buy our socks", status="rejected", reject_reason="advertisement", quality=0.9),
        insight(MON12, "i2", "e2", "Tariffs on chips", speaker="Ada", topics=["chips"], quality=0.9),
        insight(TUE13, "i3", "e3", "Chips eat power", speaker="Bo", topics=["energy", "chips"]),
        insight(TUE13, "i4", "e3", "Buy our shoes", status="rejected", reject_reason="advertisement", quality=0.2),
        insight(TUE13, "i5", "e3", "Power is eaten by chips", topics=["energy"]),
        insight(TUE13, "i7", "e3", None, status="rejected", reject_reason="too vague"),
    ],
    "ranked_insights": [
        {"day": MON5, "insight_id": "i1", "episode_id": "e1", "position": 1, "picked_rank": 1, "score": 0.8},
        {
            "day": TUE13, "insight_id": "i3", "episode_id": "e3", "position": 1, "picked_rank": 1, "score": 0.90049,
            "quality": 0.5, "novelty": 1.0, "nearest_id": "i2", "also_on": 1, "worth": 0.85, "outcome": "picked",
            "why": "new", "gains": gains(quality=0.5, novelty=0.35, corroboration=0.05049),
        },
        {
            "day": TUE13, "insight_id": "i5", "episode_id": "e3", "position": 2, "score": 0.3,
            "quality": 0.25, "novelty": 0.1, "duplicate_of": "i3", "outcome": "said better", "worth": 0.3, "lost_to": "i3",
            "also_on": 0, "why": "said already", "gains": gains(quality=0.25, novelty=0.05),
        },
    ],
    "related_insights": [
        {"day": TUE13, "insight_id": "i3", "related_id": "i1", "rank": 1, "similarity": 0.75, "relation": "contradicts"},
        {"day": TUE13, "insight_id": "i3", "related_id": "i5", "rank": 2, "similarity": 0.5},
        {"day": TUE13, "insight_id": "i5", "related_id": "i3", "rank": 1, "similarity": 0.5, "relation": "agrees"},
        {"day": TUE13, "insight_id": "i5", "related_id": "i1", "rank": 2, "similarity": 0.25},
    ],
    "vectors": [
        vector(MON5, "i1", "m", 0.6, 0.8),
        vector(MON5, "i1", "other", 0.0, 1.0),
        vector(MON5, "i6", "m", 0.0, 1.0),
        vector(MON12, "i2", "m", 0.28, 0.96),
        vector(TUE13, "i3", "m", 0.0, 1.0),
        vector(TUE13, "i5", "m", 0.0, 1.0),
    ],
    "daily_top5": [
        pick(MON5, 1, "i1", "e1", "Alpha", "Chips get cheap", 0.8),
        pick(MON12, 1, "i2", "e2", "Alpha", "Tariffs on chips", 0.6),
        pick(TUE13, 1, "i3", "e3", "Beta", "Chips eat power", 0.9),
    ],
    "llm_usage": [
        usage("e3", "large", "extract", 1000, 0.02, 3.0),
        usage("e3", "large", "extract", 3000, 0.04, 5.0),
        usage("e2", "large", "extract", 2000, 0.03, 1.0),
        usage("e3", "small", "judge", 100, 0.001, 0.5),
        {"day": TUE13, "episode_id": "e1", "model": "large", "outcome": "deferred", "reason": "no room"},
    ],
    "ranking_usage": [usage(None, "large", "compare", 400, 0.002, 2.0)],
}  # fmt: skip

FEEDS = [
    feed("alpha", "Alpha Daily", "not_modified", 0),
    feed(
        "beta", "Beta", "error", 4, http_status=503, error="HTTP 503",
        last_success_at=moment(9, 23), last_polled_at=moment(13, 1),
    ),
    feed("gamma", None, "gone", 9, http_status=410),
]  # fmt: skip

ANSWERS: dict[str, list[tuple[Any, ...]]] = {
    "top5": [
        (1, "Chips eat power", None, None, "Ada", "Beta", None, "https://audio.example/e3.mp3#t=60", "why i3"),
    ],
    "best_of_week": [  # the 5th is eight days before the 13th
        (TUE13, 1, 0.9, "Chips eat power", "Ada", "Beta", "https://audio.example/e3.mp3#t=60"),
        (MON12, 1, 0.6, "Tariffs on chips", "Ada", "Alpha", "https://audio.example/e2.mp3#t=60"),
    ],
    "similar": [  # not those of the same episode, not what was rejected, not by another model
        (MON12, "Tariffs on chips", None, "Ada", "Alpha", "m", 0.96),
        (MON5, "Chips get cheap", None, "Ada", "Alpha", "m", 0.8),
    ],
    "shows": [("Alpha Daily", 3, 2, 2, 0.67), ("Beta", 2, 2, 1, 0.5)],
    "hours_by_source": [
        (TUE13, "asr", 1, 1.5, 1.0, 7000),
        (MON12, "asr", 1, 0.5, 0.4, 4000),
        (MON5, "publisher", 1, 1.0, 0.9, 9000),
    ],
    "rejected": [
        ("advertisement", 2, 66.7, MON5, TUE13, "Buy our socks"),
        ("too vague", 1, 33.3, TUE13, TUE13, "the words of i7"),
    ],
    "cost_by_model": [
        ("large", "extract", 3, 2, 6000, 3, 600, 0.09, 0.045, 3.0, 0),
        ("large", "compare", 1, 0, 400, 1, 40, 0.002, None, 2.0, 0),
        ("small", "judge", 1, 1, 100, 1, 10, 0.001, 0.001, 0.5, 0),
    ],
    "waiting_for_a_model": [(TUE13, "Alpha", "Cheap chips", "no room")],
    "why_ranked": [
        (1, 1, "Chips eat power", "picked", None, "new", 1, "Tariffs on chips", "Beta", 0.9, 0.85, 1.0),
        (
            2,
            None,
            "Power is eaten by chips",
            "said better",
            "Chips eat power",
            "said already",
            0,
            None,
            "Beta",
            0.3,
            0.3,
            0.1,
        ),
    ],
    "gained_and_lost": [
        ("novelty", 0.35, 0.2, 0.15),
        ("quality", 0.5, 0.375, 0.125),
        ("corroboration", 0.05, 0.05, 0.0),
    ],
    "lost_against": [
        (TUE13, "Power is eaten by chips", "said better", "Chips eat power", "novelty", 0.05, 0.35, -0.3),
        (TUE13, "Power is eaten by chips", "said better", "Chips eat power", "quality", 0.25, 0.5, -0.25),
        (TUE13, "Power is eaten by chips", "said better", "Chips eat power", "corroboration", None, 0.05, -0.05),
    ],
    "related": [
        (MON5, "Chips get cheap", "Ada", "Alpha", "contradicts", 0.75),
        (TUE13, "Power is eaten by chips", None, "Beta", "agrees", 0.5),
    ],
    "failing_feeds": [
        (None, "https://gamma.example/feed", "gone", 410, None, None, 9, None, None, None),
        ("Beta", "https://beta.example/feed", "error", 503, None, "HTTP 503", 4, moment(9, 23), None, 4),
    ],
    "speakers": [("Ada", "Alpha", 2, 2, "Chips get cheap"), ("Bo", "Beta", 1, 1, "Chips eat power")],
    "not_transcribed": [
        (TUE13, "Alpha Daily", "Too late", "deferred", "no audio yet", "HTTP 404", "the host is down", "e4"),
        (TUE13, "Beta", "A video", "skipped", "no audio", None, None, "e5"),
    ],
    "themes": [
        (MON12, "chips", 2, 2, 1),
        (MON12, "energy", 2, 1, 2),
        (MON5, "chips", 1, 1, 1),
        (MON5, "trade", 1, 1, 1),
    ],
    "funnel": [(TUE13, 3, 1, 4, 2, 1), (MON12, 1, 1, 1, 1, 1), (MON5, 1, 1, 2, 1, 1)],
}


def published(folder: Path, tables: dict[str, list[dict[str, Any]]], feeds: list[dict[str, Any]]) -> Path:
    """The warehouse of a small lake, with what it is made of, in a folder of its own."""
    lake = Lake(folder / "lake")
    lake.write("feeds", frame("feeds", *feeds))
    for table, rows in tables.items():
        for day in sorted({row["day"] for row in rows}):
            lake.write(table, frame(table, *(row for row in rows if row["day"] == day)), day)
    build.publish(lake, folder / "podcasts.duckdb")
    return folder / "podcasts.duckdb"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the lake above."""
    return published(tmp_path_factory.mktemp("recipes"), TABLES, FEEDS)


def test_every_recipe_has_an_answer_worked_out_by_hand() -> None:
    """A recipe that nobody ever checked would be shipped."""
    assert {path.stem for path in RECIPES} == set(ANSWERS)
    assert len(RECIPES) >= 9


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_gives_the_answer(path: Path, warehouse: Path) -> None:
    """A recipe that runs and counts wrongly: joins that multiply rows, a window off by a day, a lost null."""
    with query.connect(warehouse) as connection:
        answer = [tuple(row.values()) for row in query.rows(connection, path.read_text("utf-8"))]
    assert answer == ANSWERS[path.stem]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipe_starts_with_its_question(path: Path) -> None:
    """A reader of the folder could not tell what a recipe is for."""
    first = path.read_text("utf-8").splitlines()[0]
    assert first.startswith("-- ")
    assert "?" in first


@pytest.mark.parametrize("name", ["top5", "why_ranked", "best_of_week"])
def test_recipe_of_a_day_can_ask_for_another(name: str, warehouse: Path) -> None:
    """The comment that says how to choose another day would be wrong."""
    text = project_file(f"sql/recipes/{name}.sql").read_text("utf-8")
    advice = next(line.split(": ", 1)[1] for line in text.splitlines() if line.startswith(("-- Another", "-- Other")))
    start, end = text.index("    select max(day)"), text.index("\n)")
    changed = text[:start] + advice.replace("2026-01-31", MON5.isoformat()) + text[end:]
    with query.connect(warehouse) as connection:
        assert [row["claim"] for row in query.rows(connection, changed)] == ["Chips get cheap"]


def test_recipes_run_on_an_empty_warehouse(tmp_path: Path) -> None:
    """On the first day, before anything was found, a recipe fails instead of answering with no rows."""
    build.publish(Lake(tmp_path / "lake"), tmp_path / "podcasts.duckdb")
    with query.connect(tmp_path / "podcasts.duckdb") as connection:
        assert [query.rows(connection, path.read_text("utf-8")) for path in RECIPES] == [[]] * len(RECIPES)
