"""Related insights: edges from new to old, never into one's own episode, whatever the order of the rows."""

import datetime as dt
import random
from collections.abc import Callable

import polars as pl
import pytest

from podcast_assets.project import Project
from podcast_assets.ranking.day import rank_day, relate_day
from podcast_assets.schemas import SCHEMAS
from tests.fields import DAY, LOG, WORDS_ALONE, Days, Row, candidate, days_before, episode, metadata, words, write


@pytest.fixture
def project(make_project: Callable[..., Project]) -> Project:
    return make_project(embedding=WORDS_ALONE)


def hold(project: Project, day: dt.date, *rows: Row) -> None:
    write(project.lake, "insight_candidates", day, *rows)
    names = sorted({row["episode_id"] for row in rows})
    write(project.lake, "episodes", day, *(episode(name, f"of {name}") for name in names))


def edges(project: Project, *names: str, day: dt.date = DAY) -> list[tuple[str, str, int]]:
    """The edges of these insights when their day is ranked."""
    candidates, episodes = (project.lake.read(table, day) for table in ("insight_candidates", "episodes"))
    ranked = rank_day(project, day, candidates, episodes, LOG).ranked
    related, told = relate_day(project, day, ranked, LOG)
    assert related.schema == SCHEMAS["related_insights"]
    assert told is None, "nobody was asked"
    assert related["relation"].null_count() == len(related)
    assert related["similarity"].is_between(0, 1).all()
    assert related["similarity"].is_finite().all()
    return related.filter(pl.col("insight_id").is_in(names)).select("insight_id", "related_id", "rank").rows()


def test_the_nearest_come_first_and_edges_go_from_new_to_old(project: Project) -> None:
    half = f"{words('x', 15)} {words('y', 15)}"
    hold(project, days_before(9), candidate("same", topic="x"), candidate("half", body=half), candidate("none", topic="z"))
    hold(project, days_before(-1), candidate("later", topic="x"))
    hold(project, DAY, candidate("new", topic="x"))
    assert edges(project, "new")[:2] == [("new", "same", 1), ("new", "half", 2)]
    assert "later" not in [other for _, other, _ in edges(project, "new")]


def test_what_the_same_episode_says_is_no_relation(project: Project) -> None:
    """An insight's page would show its own episode ten times over."""
    hold(project, DAY, *(candidate(f"i{n}", topic="x", episode="one") for n in range(12)), candidate("other", topic="x"))
    assert edges(project, "i0") == [("i0", "other", 1)]


def test_insights_of_one_day_are_related_both_ways(project: Project) -> None:
    hold(project, DAY, candidate("a", topic="x"), candidate("b", topic="x"))
    assert edges(project, "a", "b") == [("a", "b", 1), ("b", "a", 1)]


def test_there_are_ten_at_most_and_of_equals_the_identity_decides(project: Project) -> None:
    names = [f"p{n:02}" for n in range(15)]
    rows = [candidate(name, topic="x") for name in names]
    random.Random(1).shuffle(rows)
    hold(project, days_before(2), *rows)
    hold(project, DAY, candidate("new", topic="x"))
    assert edges(project, "new") == [("new", name, rank) for rank, name in enumerate(names[:10], 1)]


def test_the_order_of_the_rows_changes_nothing(project: Project, make_project: Callable[..., Project]) -> None:
    rows = [candidate(f"p{n}", topic="xyz"[n % 3] * (1 + n % 2)) for n in range(20)]
    new = [candidate(f"n{n}", topic="xyz"[n % 3]) for n in range(6)]
    hold(project, days_before(2), *rows)
    hold(project, DAY, *new)
    other = make_project(embedding=WORDS_ALONE, data_dir="elsewhere")
    hold(other, days_before(2), *rows[::-1])
    hold(other, DAY, *new[::-1])
    names = [row["insight_id"] for row in new]
    assert edges(project, *names) == edges(other, *names[::-1])


def test_without_an_archive_there_are_no_edges(project: Project) -> None:
    hold(project, DAY, candidate("a"))
    assert edges(project, "a") == []
    assert edges(project) == []


def test_the_table_of_a_day_through_dagster(make_project: Callable[..., Project]) -> None:
    days = Days(make_project(embedding=WORDS_ALONE))
    for count, name in ((1, "old"), (0, "new")):
        write(days.lake, "insight_candidates", days_before(count), candidate(name, topic="x"))
        write(days.lake, "episodes", days_before(count), episode(f"e-{name}", name))
    days.run(days_before(1))
    told = metadata(days.run(DAY), "related_insights")
    table = days.lake.read("related_insights", DAY)
    assert table.select("day", "insight_id", "related_id", "rank").rows() == [(DAY, "new", "old", 1)]
    assert (told["edges"], told["insights"]) == (1, 1)
    assert days.lake.read("related_insights", days_before(1)).is_empty()
