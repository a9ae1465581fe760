"""Which days are run: no day with something open on it is forgotten, and none is run for nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from podcast_assets.operation.catchup import days_to_run, is_polled, newest_day_with_episodes
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS

TARGET = dt.date(2026, 3, 30)


def before(days: int) -> dt.date:
    return TARGET - dt.timedelta(days=days)


@pytest.fixture
def project(make_project: Callable[..., Project]) -> Project:
    return make_project()


def table(name: str, *rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(SCHEMAS[name]) | row for row in rows], schema=SCHEMAS[name])


def see(project: Project, *sightings: tuple[str, dt.date | None]) -> None:
    """Logs episodes as a poll does."""
    name = f"poll-{len(project.lake.files('sightings'))}"
    project.lake.append("sightings", table("sightings", *({"episode_id": e, "day": day} for e, day in sightings)), name)


def finish(project: Project, day: dt.date, *episodes: str, status: str = "ok") -> None:
    """Leaves what a day's run leaves."""
    project.lake.write("episodes", table("episodes", *({"episode_id": e, "day": day} for e in episodes)), day)
    rows = ({"episode_id": e, "day": day, "status": status} for e in episodes)
    project.lake.write("transcripts", table("transcripts", *rows), day)
    path = project.digest_path(day)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


def test_the_first_run_ever_runs_its_day_alone(project: Project) -> None:
    assert days_to_run(project, TARGET) == [TARGET]


def test_days_off_are_made_up_for_oldest_first(project: Project) -> None:
    see(
        project,
        ("a", before(2)),
        ("b", before(1)),
        ("c", before(5)),
        ("today", TARGET),
        ("later", before(-1)),
        ("old", None),
    )
    assert days_to_run(project, TARGET) == [before(5), before(2), before(1), TARGET]


def test_a_day_that_is_done_is_not_run_again(project: Project) -> None:
    see(project, ("a", before(2)), ("b", before(1)))
    finish(project, before(2), "a")
    assert days_to_run(project, TARGET) == [before(1), TARGET]


def test_a_day_whose_run_failed_before_the_digest_is_run_again(project: Project) -> None:
    see(project, ("a", before(1)))
    finish(project, before(1), "a")
    project.digest_path(before(1)).unlink()
    assert days_to_run(project, TARGET) == [before(1), TARGET]


def test_an_episode_that_was_seen_after_its_day_had_run_opens_the_day(project: Project) -> None:
    see(project, ("a", before(3)))
    finish(project, before(3), "a")
    see(project, ("late", before(3)))
    assert days_to_run(project, TARGET) == [before(3), TARGET]


def test_deferred_work_is_tried_again_for_two_weeks(project: Project) -> None:
    see(project, ("a", before(14)), ("b", before(15)), ("c", before(2)))
    finish(project, before(14), "a", status="deferred")
    finish(project, before(15), "b", status="deferred")
    finish(project, before(2), "c", status="failed")
    assert days_to_run(project, TARGET) == [before(14), TARGET]


def test_after_a_long_pause_the_newest_14_days_are_run(project: Project) -> None:
    see(project, *((str(days), before(days)) for days in range(1, 30)))
    assert days_to_run(project, TARGET) == [*(before(days) for days in range(14, 0, -1)), TARGET]


def test_the_newest_day_is_one_that_is_over(project: Project) -> None:
    assert newest_day_with_episodes(project, TARGET) is None
    see(project, ("a", before(3)), ("b", before(-1)), ("c", None))
    assert newest_day_with_episodes(project, TARGET) == before(3)


def test_days_before_the_start_date_are_left_alone(make_project: Callable[..., Project]) -> None:
    """A start date that was moved forward leaves older days in the log; no partition of Dagster's has them any more."""
    project = make_project(start_date=str(before(2)))
    see(project, ("a", before(3)), ("b", before(2)))
    assert days_to_run(project, TARGET) == [before(2), TARGET]
    assert newest_day_with_episodes(project, before(3)) is None


@pytest.mark.parametrize(
    ("answered", "polled"),
    [
        (dt.datetime(2026, 3, 30, 23, 0, tzinfo=dt.UTC), False),  # 19:00 in New York: the day is not over
        (dt.datetime(2026, 3, 31, 3, 59, tzinfo=dt.UTC), False),
        (dt.datetime(2026, 3, 31, 4, 0, tzinfo=dt.UTC), True),
        (None, False),  # every feed failed: the network is down
    ],
)
def test_a_day_is_polled_when_a_feed_has_answered_after_its_end(
    make_project: Callable[..., Project], answered: dt.datetime | None, polled: bool
) -> None:
    project = make_project(timezone="America/New_York")
    assert not is_polled(project, TARGET)
    project.lake.write("feeds", table("feeds", {"feed_id": "a"}, {"feed_id": "b", "last_success_at": answered}))
    assert is_polled(project, TARGET) == polled


def test_times_that_the_audio_would_tell_are_tried_again_and_those_that_nothing_will_are_not(project: Project) -> None:
    see(project, ("a", before(1)), ("b", before(2)))
    for day, episode_id, sound in ((before(1), "a", "deferred"), (before(2), "b", "failed")):
        finish(project, day, episode_id)
        known = {"episode_id": episode_id, "day": day}
        transcript = known | {"status": "ok", "reason": "the times are estimated"}
        project.lake.write("transcripts", table("transcripts", transcript), day)
        project.lake.write("audio", table("audio", known | {"status": sound}), day)
    assert days_to_run(project, TARGET) == [before(1), TARGET]
