"""The archive: what it holds makes the same log again, and no crash at any place of a poll leaves the two different."""

import datetime as dt

import polars as pl
import pytest

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds import record
from podcast_assets.feeds.identity import Subscription
from podcast_assets.feeds.poll import Polled, poll
from podcast_assets.feeds.replay import Replayed, replayed_log
from podcast_assets.project import Project
from tests.conftest import Web
from tests.polling import Make, at, following, guids, one_poll, rss


def unwritten_poll(project: Project, moment: dt.datetime) -> Polled:
    """A poll that has written its bodies and nothing else."""
    archive, history = record.Archive(project.archive, moment), record.history_in(project.lake)
    followed = [Subscription(url) for url in project.config.feeds.urls]
    return poll(project.config, followed, project.lake.get("feeds"), history, archive, moment)


def agree(project: Project) -> bool:
    """Whether the archive gives the log, and nothing besides."""
    polls = replayed_log(project)
    logged = {path.stem for table in record.LOGS for path in project.lake.files(table)}
    return all(each.is_logged(project.lake) for each in polls) and logged == {each.name for each in polls}


@pytest.fixture
def project(web: Web, make_project: Make) -> Project:
    """Has polled twice: two episodes, then one more, and one of the first two with another GUID."""
    web.pages["/feed"] = rss(("1", at(9)), ("2", at(10)))
    project = following(make_project, web.url("/feed"))
    one_poll(project, at(11))
    web.pages["/feed"] = rss(("1", at(9)), ("2", at(10)), ("3", at(11))).replace(b">2</guid>", b">new 2</guid>")
    one_poll(project, at(12))
    assert len(project.lake.log("aliases")) == 1
    return project


def test_the_archive_gives_the_log(project: Project) -> None:
    assert agree(project)


def test_what_is_written_from_the_archive_is_the_log_byte_for_byte(project: Project) -> None:
    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for table in record.LOGS for path in project.lake.files(table)}

    before = files()
    polls = replayed_log(project)
    for path in before:
        project.lake.root.joinpath(path).unlink()
    for each in polls:
        record.write_log(project.lake, each.sightings, each.aliases, each.name)
    assert files() == before


def test_a_poll_that_died_before_its_log_is_forgotten_and_what_it_found_is_found_again(project: Project, web: Web) -> None:
    web.pages["/feed"] = rss(("4", at(12)))
    assert guids(unwritten_poll(project, at(13)).sightings) == ["4"]
    assert agree(project), "what was never logged is not replayed"
    record.settle(project.archive, project.lake)
    assert guids(one_poll(project, at(14)).sightings) == ["4"]
    assert agree(project)


def test_a_poll_that_died_between_the_files_of_its_log_is_forgotten_too(project: Project, web: Web) -> None:
    web.pages["/feed"] = rss(("4", at(12)), ("1", at(9))).replace(b">1</guid>", b">new 1</guid>")
    died = unwritten_poll(project, at(13))
    assert len(died.aliases) == 1
    project.lake.append("aliases", died.aliases, record.poll_name(at(13)))
    record.settle(project.archive, project.lake)
    assert guids(one_poll(project, at(14)).sightings) == ["4"]
    assert agree(project)


def test_a_poll_that_died_right_after_its_log_is_done(project: Project, web: Web) -> None:
    web.pages["/feed"] = rss(("4", at(12)))
    found = unwritten_poll(project, at(13))
    record.write_log(project.lake, found.sightings, found.aliases, record.poll_name(at(13)))
    record.settle(project.archive, project.lake)
    assert agree(project)


def test_a_lost_log_costs_no_body_however_often_is_polled(project: Project) -> None:
    """Without the log the archive is all there is."""
    for table in record.LOGS:
        for path in project.lake.files(table):
            path.unlink()
    before = list(record.bodies(project.archive))
    one_poll(project, at(15))
    record.settle(project.archive, project.lake)
    assert [row["body"] for row in record.bodies(project.archive)][: len(before)] == [row["body"] for row in before]


def test_a_later_configuration_changes_nothing_of_what_was_logged(project: Project, make_project: Make) -> None:
    later = make_project(timezone="Pacific/Apia", feeds={"backfill_days": 0}, network={"max_feed_mb": 1})
    assert agree(Project(later.config.model_copy(update={"data_dir": str(project.data_path)})))


def test_a_damaged_body_is_told_by_its_feed_and_poll(project: Project) -> None:
    first = project.archive.files("bodies")[0]
    frame = project.archive.read_file("bodies", first).with_columns(body=pl.lit(b"<rss/>"))
    frame.write_parquet(first)
    with pytest.raises(PodcastAssetsError, match=r"the body of http://.*/feed, polled at 2026-03-11 .* is damaged"):
        replayed_log(project)


def test_what_differs_from_the_log_is_seen(project: Project) -> None:
    """Else all of the above would prove nothing."""
    first, *_ = replayed_log(project)
    other = Replayed(first.name, first.polled_at, first.sightings.with_columns(title=pl.lit("another")), first.aliases)
    assert first.is_logged(project.lake)
    assert not other.is_logged(project.lake)
