"""What the README tells people to type has to work."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import ROOT
from tests.test_recipes import insight, pick, published

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
QUERIES = [query for block in BLOCKS for query in block.split(";") if query.strip()]

# One query looks a year back from today, one asks for a day by its date.
TODAY = dt.datetime.now(tz=dt.UTC).date()
NEWEST, OLDER, LONG_AGO = (TODAY - dt.timedelta(days=days) for days in (30, 40, 400))
NAMED, BEFORE = dt.date(2026, 3, 6), dt.date(2026, 3, 5)

TABLES: dict[str, list[dict[str, Any]]] = {
    "daily_top5": [
        pick(NEWEST, 2, "i2", "e2", "Alpha", "Tariffs on chips", 0.6),
        pick(NEWEST, 1, "i3", "e3", "Beta", "Chips eat power", 0.9),
        pick(OLDER, 1, "i1", "e1", "Alpha", "Chips get cheap", 0.8),
        pick(LONG_AGO, 1, "i0", "e0", "Alpha", "Nobody needs chips", 0.1),
    ],
    "insight_candidates": [
        insight(BEFORE, "k1", "e1", "Ploughs spoil soil"),
        insight(NAMED, "k2", "e2", "Worms make soil"),
        insight(NAMED, "k3", "e2", "Soil is made by worms"),
        insight(NAMED, "k4", "e3", "Rain takes soil away"),
    ],
    "ranked_insights": [
        {"day": BEFORE, "insight_id": "k1", "episode_id": "e1", "position": 2, "score": 0.2},
        {"day": NAMED, "insight_id": "k2", "episode_id": "e2", "position": 1, "picked_rank": 1, "score": 0.9},
        {
            "day": NAMED, "insight_id": "k3", "episode_id": "e2", "position": 3, "score": 0.3,
            "outcome": "said better by another", "lost_to": "k2",
        },
        {"day": NAMED, "insight_id": "k4", "episode_id": "e3", "position": 2, "score": 0.4, "outcome": "below the floor"},
    ],
}  # fmt: skip

ANSWERS: list[tuple[list[str], list[tuple[Any, ...]]]] = [  # in the README's order
    (
        ["rank", "claim", "speaker", "show", "audio_url"],
        [
            (1, "Chips eat power", "Ada", "Beta", "https://audio.example/e3.mp3#t=60"),
            (2, "Tariffs on chips", "Ada", "Alpha", "https://audio.example/e2.mp3#t=60"),
        ],
    ),
    (["show", "insights", "score"], [("Alpha", 2, 0.7), ("Beta", 1, 0.9)]),
    (
        ["position", "score", "outcome", "claim", "lost_to"],
        [
            (2, 0.4, "below the floor", "Rain takes soil away", None),
            (3, 0.3, "said better by another", "Soil is made by worms", "Worms make soil"),
        ],
    ),
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the lake above."""
    return published(tmp_path_factory.mktemp("readme"), TABLES, [])


def test_every_sql_example_has_an_answer_worked_out_by_hand() -> None:
    """An example that nobody ever checked would be shown."""
    assert len(QUERIES) == len(ANSWERS) == 3


@pytest.mark.parametrize("number", range(len(ANSWERS)))
def test_each_sql_example_answers_what_it_says(number: int, warehouse: Path) -> None:
    """Who types it gets an error, no rows, other columns or rows of another day."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute(QUERIES[number])
        assert ([column[0] for column in connection.description or ()], connection.fetchall()) == ANSWERS[number]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_each_link_leads_somewhere(link: str) -> None:
    """A reader's click ends at an error page."""
    assert (ROOT / link).exists()
