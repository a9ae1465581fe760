"""The asset ``feeds``: the log before the state, whenever the machine goes down; and the days that are read from it."""

import datetime as dt
from typing import Any

import dagster as dg
import polars as pl
import pytest
import time_machine

from podcast_assets.episodes.assets import build_assets as build_episodes
from podcast_assets.feeds.assets import build_assets as build_feeds
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.project import Project
from tests.conftest import Web
from tests.polling import Make, at, following, guids, march, rss

DAYS = dg.DailyPartitionsDefinition(start_date="2026-03-01", end_date="2026-04-01")
FEEDS, EPISODES = build_feeds(), build_episodes(DAYS)


class _Dies(LakeIOManager):
    """The machine goes down just before the state is written."""

    def dump_to_path(self, context: dg.OutputContext, obj: pl.DataFrame, path: Any) -> None:
        raise dg.Failure("no space left on device", allow_retries=False)  # no time for what would only fail again


def materialise(
    project: Project, assets: list[dg.AssetsDefinition], moment: dt.datetime, day: dt.date | None = None, **options: Any
) -> dg.ExecuteInProcessResult:
    """A run of the assets alone; others are taken as they lie in the lake."""
    manager = options.pop("manager", LakeIOManager)(project.lake)
    with time_machine.travel(moment), dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            assets,
            resources={"project": project, "io_manager": manager},
            instance=instance,
            partition_key=day.isoformat() if day else None,
            **options,
        )


def test_the_asset_feeds_writes_the_log_and_the_state_and_episodes_is_a_days_view_of_it(
    web: Web, make_project: Make
) -> None:
    web.pages["/feed"] = rss(("1", at(9)), ("2", at(9, 3)), ("3", at(10)), ("old", at(1)))
    web.pages["/gone"] = (410, {}, b"")
    project = following(make_project, web.url("/feed"), web.url("/gone"))
    polled = materialise(project, FEEDS, at(11))
    assert polled.success
    (materialization,) = polled.asset_materializations_for_node("feeds")
    metadata = {name: value.value for name, value in materialization.metadata.items()}
    assert (metadata["subscriptions"], metadata["new_episodes"], metadata["seen_and_left_alone"]) == (2, 3, 1)
    assert (metadata["feeds_ok"], metadata["feeds_gone"]) == (1, 1)
    assert "HTTP 410 Gone" in str(metadata["failing"])
    assert project.lake.get("feeds")["status"].to_list() == ["ok", "gone"]
    assert guids(project.lake.log("sightings")) == ["old", "2", "1", "3"], "in the order of their dates"

    for day, expected in ((9, ["2", "1"]), (10, ["3"]), (8, [])):
        result = materialise(project, EPISODES, at(11), march(day))
        assert result.success
        assert guids(project.lake.read("episodes", march(day))) == expected
        (materialization,) = result.asset_materializations_for_node("episodes")
        assert materialization.metadata["episodes"].value == len(expected)


def test_a_second_run_of_the_asset_logs_nothing_new(web: Web, make_project: Make) -> None:
    web.pages["/feed"] = (200, {"ETag": '"v1"'}, rss(("1", at(9))))
    project = following(make_project, web.url("/feed"))
    materialise(project, FEEDS, at(11))
    before = project.lake.files("sightings")
    assert materialise(project, FEEDS, at(12)).success
    assert web.asked[1][1]["If-None-Match"] == '"v1"'
    assert project.lake.files("sightings") == before
    assert project.lake.get("feeds")["status"].to_list() == ["not_modified"]


@pytest.mark.parametrize("hours", [1, 24, 72])
def test_a_crash_between_the_log_and_the_state_loses_nothing_and_doubles_nothing(
    web: Web, make_project: Make, hours: int
) -> None:
    web.pages["/feed"] = (200, {"ETag": '"v1"'}, rss(("1", at(9)), ("2", at(10))))
    project = following(make_project, web.url("/feed"))
    crashed = materialise(project, FEEDS, at(11), manager=_Dies, raise_on_error=False)
    assert not crashed.success
    assert guids(project.lake.log("sightings")) == ["1", "2"]
    assert project.lake.get("feeds").is_empty(), "the state was written although its run had died"

    web.pages["/feed"] = (200, {"ETag": '"v2"'}, rss(("1", at(9)), ("2", at(10)), ("3", at(11))))
    assert materialise(project, FEEDS, at(11) + dt.timedelta(hours=hours)).success
    log = project.lake.log("sightings")
    assert sorted(guids(log)) == ["1", "2", "3"]
    assert dict(zip(log["guid"], log["day"], strict=True)) == {"1": march(9), "2": march(10), "3": march(11)}
    assert project.lake.get("feeds")["etag"].to_list() == ['"v2"']


def test_a_crash_after_the_state_was_known_keeps_the_old_one(web: Web, make_project: Make) -> None:
    """The poll before has its tag in the state: the next poll must not be told that nothing has changed."""

    def conditional(handler: Any) -> Any:
        version, body = web.pages["current"]
        return (304, {}, b"") if handler.headers.get("If-None-Match") == version else (200, {"ETag": version}, body)

    web.pages["/feed"] = conditional
    web.pages["current"] = ('"v1"', rss(("1", at(9))))
    project = following(make_project, web.url("/feed"))
    materialise(project, FEEDS, at(10))
    web.pages["current"] = ('"v2"', rss(("1", at(9)), ("2", at(10))))
    assert not materialise(project, FEEDS, at(11), manager=_Dies, raise_on_error=False).success
    assert project.lake.get("feeds")["etag"].to_list() == ['"v1"']
    assert materialise(project, FEEDS, at(12)).success
    assert sorted(guids(project.lake.log("sightings"))) == ["1", "2"]
    assert project.lake.get("feeds")["etag"].to_list() == ['"v2"']
    assert project.lake.get("feeds")["last_changed_at"].item() >= at(12)
