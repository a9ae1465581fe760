"""Days that are ranked through Dagster: the tables, what is shown, seals, late arrivals, other weights."""

import re
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from podcast_assets.project import Project
from podcast_assets.ranking.assets import _preview, build_assets
from podcast_assets.ranking.five import project_picks
from podcast_assets.schemas import SCHEMAS
from tests.fields import DAY, WORDS_ALONE, Days, candidate, days_before, episode, frame, metadata, ranked, row_of, write


def test_picks_are_shown_in_order_with_the_second_in_the_address() -> None:
    rows = [candidate("a", quality=0.9, quote_start_s=61.99, speaker="Ann"), candidate("b", quote_start_s=0.0)]
    episodes = [episode("e-a", "Show A"), episode("e-b", "Show B")]
    shown = project_picks(
        ranked(rows, episodes),
        frame("insight_candidates", rows[::-1]),
        frame("episodes", episodes[::-1]),
        {"e-a": "https://a.example/a.mp3?x=1"},
    )
    assert shown.schema == SCHEMAS["daily_top5"]
    assert shown.select("rank", "insight_id", "show", "episode_title", "speaker", "audio_url").rows() == [
        (1, "a", "Show A", "Title of e-a", "Ann", "https://a.example/a.mp3?x=1#t=61"),
        (2, "b", "Show B", "Title of e-b", None, None),
    ]


@pytest.fixture
def days(make_project: Callable[..., Project]) -> Days:
    return Days(make_project(ranking={"top": 2}, embedding=WORDS_ALONE))


def test_a_day_through_dagster(days: Days) -> None:
    days.hold(DAY, "a", "b", "c", feed_url="https://a.example/feed", enclosure_url="https://a.example/a.mp3")
    result = days.run(DAY)
    told, shown = metadata(result, "ranked_insights"), metadata(result, "daily_top5")
    assert (told["competing"], told["picked"], told["shows"], told["archive"], told["late"]) == (3, 2, 3, 0, 0)
    assert (shown["insights"], shown["wanted"], shown["shows"]) == (2, 2, 2)
    assert f"### {DAY}" in shown["preview"]
    assert "01:01" in shown["preview"]
    assert days.lake.read("ranked_insights", DAY).schema == SCHEMAS["ranked_insights"]
    five = days.lake.read("daily_top5", DAY)
    assert five["insight_id"][0] == "a"
    assert len(five) == 2
    assert five["audio_url"].to_list() == ["https://a.example/a.mp3#t=61"] * 2
    assert days.lake.sealed_days() == []


def test_what_strangers_say_is_no_markup_in_dagster_s_ui() -> None:
    words = {name: f"![{name}](https://evil.example) <img src=x>" for name in ("claim", "quote", "speaker", "show")}
    row = dict.fromkeys(SCHEMAS["daily_top5"]) | words | {"rank": 1, "quote_start_s": 1.0, "why": "new"}
    shown = _preview(pl.DataFrame([row], schema=SCHEMAS["daily_top5"]), DAY)
    assert not re.search(r"(?<!\\)[\[<]", shown)
    assert all(f"\\[{name}\\]" in shown for name in words)


def test_an_empty_day_has_typed_empty_tables_and_says_so(days: Days) -> None:
    days.hold(DAY)
    result = days.run(DAY)
    for table in ("ranked_insights", "daily_top5"):
        assert days.lake.read(table, DAY).schema == SCHEMAS[table]
        assert days.lake.read(table, DAY).is_empty()
    assert "No insight is shown" in metadata(result, "daily_top5")["preview"]
    assert metadata(result, "ranked_insights")["best_score"] == 0.0


def test_two_runs_of_a_day_write_the_same_bytes(days: Days) -> None:
    days.hold(DAY, "a", "b", "c")
    written = []
    for _ in range(2):
        days.run(DAY)
        written.append([days.lake.path(table, DAY).read_bytes() for table in ("ranked_insights", "daily_top5")])
    assert written[0] == written[1]


def test_the_audio_of_a_local_feed_is_a_file_s_address_and_what_it_may_not_reach_is_none(
    make_project: Callable[..., Project], tmp_path: Path
) -> None:
    project = make_project(ranking={"top": 4}, embedding=WORDS_ALONE)
    folder = tmp_path / "my feed"
    folder.mkdir()
    (folder / "one.mp3").touch()
    (tmp_path / "secret.mp3").touch()
    names = {"a": "one.mp3", "b": "../secret.mp3", "c": "gone.mp3", "d": None}
    write(project.lake, "insight_candidates", DAY, *(candidate(name) for name in names))
    rows = [episode(f"e-{n}", n, feed_url="my feed/feed.xml", enclosure_url=url) for n, url in names.items()]
    write(project.lake, "episodes", DAY, *rows)
    Days(project).run(DAY)
    addresses = dict(project.lake.read("daily_top5", DAY).select("insight_id", "audio_url").rows())
    assert addresses == {"a": f"{(folder / 'one.mp3').as_uri()}#t=61", "b": None, "c": None, "d": None}
    assert addresses["a"].startswith("file:///")
    assert "%20" in addresses["a"]


def test_the_five_of_a_day_seal_the_days_before_it(days: Days) -> None:
    for count in (3, 2, 0):
        days.hold(days_before(count), f"d{count}")
        days.run(days_before(count))
    assert days.lake.sealed_days() == [days_before(3), days_before(2)]


def test_a_sealed_day_keeps_its_ranking_and_its_five(days: Days) -> None:
    """A backfill rewrites what the reader was sent."""
    days.hold(days_before(1), "a", "b")
    days.run(days_before(1))
    days.hold(DAY, "today")
    days.run(DAY)
    days.hold(days_before(1), "other", "b")
    for tag in (False, "yes"):
        assert metadata(days.run(days_before(1), reseal=tag), "ranked_insights")["sealed"] is True
        assert days.ranked(days_before(1)) == days.five(days_before(1)) == ["a", "b"]
    days.run(days_before(1), reseal=True)
    assert days.ranked(days_before(1)) == days.five(days_before(1)) == ["b", "other"]
    assert days.lake.is_sealed(days_before(1))


def test_an_open_day_is_ranked_anew(days: Days) -> None:
    days.hold(DAY, "a")
    days.run(DAY)
    days.hold(DAY, "a", "b")
    days.run(DAY)
    assert days.ranked(DAY) == days.five(DAY) == ["a", "b"]


@pytest.fixture
def with_late(days: Days) -> Days:
    """Three days, of which the oldest got an insight after it was sealed, and the newest took it."""
    for count, names in ((3, ["first"]), (2, ["second"]), (3, ["first", "late"]), (1, ["third"])):
        days.hold(days_before(count), *names)
        days.run(days_before(count))
    return days


def test_a_late_insight_is_shown_once_in_the_next_digest(with_late: Days) -> None:
    """It is lost, or it is sent twice."""
    days = with_late
    assert days.ranked(days_before(3)) == ["first"], "sealed"
    assert days.five(days_before(1)) == ["late", "third"]
    late = row_of(days.lake.read("ranked_insights", days_before(1)), "late")
    assert (late["insight_day"], late["competed_day"]) == (days_before(3), days_before(1))
    assert metadata(days.run(days_before(1)), "ranked_insights")["late"] == 1
    days.hold(DAY, "fourth")
    days.run(DAY)
    assert days.ranked(DAY) == ["fourth"]


def test_a_reseal_lets_no_insight_compete_twice(with_late: Days) -> None:
    days = with_late
    days.run(days_before(3), reseal=True)
    assert days.ranked(days_before(3)) == ["first"], "what came late has had its day"
    days.hold(DAY, "fourth")
    days.run(DAY)
    days.run(days_before(1), reseal=True)
    assert days.ranked(days_before(1)) == ["late", "third"], "and its day keeps it"
    assert days.ranked(DAY) == ["fourth"]


def test_a_day_that_is_filled_in_later_sees_the_past_as_it_was_and_repeats_nothing(days: Days) -> None:
    """It is judged by what came after it, or the reader gets an idea a second time."""
    write(days.lake, "insight_candidates", DAY, candidate("now", topic="x"))
    write(days.lake, "episodes", DAY, episode("e-now", "n"))
    days.run(DAY)
    write(days.lake, "insight_candidates", days_before(2), candidate("then", topic="x"), candidate("else"))
    write(days.lake, "episodes", days_before(2), episode("e-then", "t"), episode("e-else", "e"))
    days.run(days_before(2))
    then = row_of(days.lake.read("ranked_insights", days_before(2)), "then")
    assert (then["novelty"], then["novelty_published"]) == (1.0, None)
    assert (then["outcome"], then["duplicate_of"]) == ("published before", "now")
    assert days.five(days_before(2)) == ["else"]
    days.run(days_before(2), reseal=True)
    assert days.five(days_before(2)) == ["else", "then"], "as it was then, no later day is known"


def test_a_run_can_have_weights_of_its_own(days: Days) -> None:
    rows = [candidate("clear", quality=1.0, specificity=0.0), candidate("dense", quality=0.0, specificity=1.0)]
    write(days.lake, "insight_candidates", DAY, *rows)
    write(days.lake, "episodes", DAY, episode("e-clear", "c"), episode("e-dense", "d"))
    for heavy, light in (("quality", "specificity"), ("specificity", "quality")):
        days.run(DAY, weights={heavy: 1.0, light: 0.0})
        first = days.lake.read("ranked_insights", DAY)["insight_id"][0]
        assert first == {"quality": "clear", "specificity": "dense"}[heavy]


def test_the_metadata_says_by_which_vectors_and_why_not_by_a_model(days: Days) -> None:
    """A day that was ranked by words alone looks like any other."""
    days.hold(DAY, "a", "b")
    told = metadata(days.run(DAY), "ranked_insights")
    assert "words alone" in told["likeness_by"]
    assert "[embedding] model: none is named" in told["likeness_by"]
    assert told["embedded"] == 2
    assert metadata(days.run(DAY), "ranked_insights")["embedded"] == 0


def test_the_ranking_of_a_day_waits_for_that_of_the_day_before_and_no_five_feeds_back() -> None:
    partitions = dg.DailyPartitionsDefinition(start_date="2026-03-01")
    ranking, top, _ = build_assets(partitions)
    mapping = ranking.get_partition_mapping(ranking.key)
    assert mapping
    before = mapping.get_upstream_mapped_partitions_result_for_partitions(
        partitions.subset_with_partition_keys(["2026-03-06"]), partitions, partitions
    )
    assert list(before.partitions_subset.get_partition_keys()) == ["2026-03-05"]
    assert top.key not in ranking.dependency_keys
