"""A day by a model whose server fails, stalls or dies, or whose own run is killed: it ends, and the next run finishes it.

What was answered is never asked for again, and the day's insights are those of an undisturbed run.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest

from podcast_assets import config
from podcast_assets.insights.day import Day
from podcast_assets.llm.client import Patience
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from tests.conftest import ROOT
from tests.model_day import calls, check_none_twice, extraction, question_of, rows_of, run, told
from tests.model_peer import Answer, Asked, Given, Peer, TroubleError, honest, served
from tests.talks import DAY
from tests.test_insights_asset import materialise, metadata
from tests.test_insights_asset import rows_of as segment_rows

MakeProject = Callable[..., Project]
EPISODES = [told(number) for number in range(12)]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with served() as server:
        yield server


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The candidates of the day when nothing goes wrong."""
    with served() as server:
        file = tmp_path_factory.mktemp("undisturbed") / "podcasts.toml"
        day = run(Project(config.parse({"extraction": extraction(server)}, file)), EPISODES)
    assert len(day.candidates.filter(pl.col("status") == "accepted")) == 3 * len(EPISODES)
    return day.candidates


def waiting(day: Day) -> dict[str, str]:
    """The episodes that wait, each with the reason."""
    rows = day.usage.filter(pl.col("outcome") == "deferred")
    return dict(zip(rows["episode_id"], rows["reason"], strict=True))


def finish(project: Project, runs: int = 10) -> Day:
    """Runs the day until nothing of it waits."""
    for _ in range(runs):
        day = run(project, EPISODES)
        if not waiting(day):
            return day
    raise AssertionError(waiting(day))


def storm(fails: Callable[[int], int]) -> Answer:
    """An honest model whose call of a number fails with a status, where that is not 0."""

    def answer(asked: Asked) -> Given:
        if status := fails(asked.number):
            raise TroubleError(status)
        return honest(asked)

    return answer


@pytest.mark.parametrize("status", [429, 500])
@pytest.mark.parametrize(
    "fails", [lambda n: n % 2 == 0, lambda n: n <= 30, lambda n: n % 4 != 0], ids=["every second", "the first 30", "most"]
)
def test_storms_pass(
    make_project: MakeProject, peer: Peer, undisturbed: pl.DataFrame, status: int, fails: Callable[[int], bool]
) -> None:
    replied: Counter[str] = Counter()

    def answer(asked: Asked) -> Given:
        if fails(asked.number):
            raise TroubleError(status)
        replied[question_of(asked)] += 1
        return honest(asked)

    peer.answer = answer
    project = make_project(extraction=extraction(peer))
    day = finish(project)
    assert day.candidates.equals(undisturbed)
    assert set(replied.values()) == {1}
    assert len(replied) == 2 * len(EPISODES)
    assert len(peer.asked) == len(calls(project)) == len(day.usage)
    assert Counter(call["outcome"] for call in calls(project)) == {
        "ok": len(replied),
        "rate limited" if status == 429 else "unavailable": len(peer.asked) - len(replied),
    }
    check_none_twice(project)


@pytest.mark.parametrize("status", [429, 500, 401])
def test_a_server_that_fails_for_good_defers_the_day_and_the_next_run_finishes_it(
    make_project: MakeProject, peer: Peer, undisturbed: pl.DataFrame, status: int
) -> None:
    project = make_project(extraction=extraction(peer))
    peer.answer = storm(lambda number: status if number > 9 else 0)
    day = run(project, EPISODES)
    late = waiting(day)
    assert len(late) > len(EPISODES) / 2
    assert all(reason for reason in late.values())
    assert set(day.candidates["episode_id"]) == {one.episode_id for one in EPISODES} - late.keys()
    assert all(len(rows_of(day, episode)) == 3 for episode in set(day.candidates["episode_id"]))
    peer.answer = honest
    assert finish(project, runs=1).candidates.equals(undisturbed)
    check_none_twice(project)


def test_a_server_that_stalls_defers_what_it_stalls(
    make_project: MakeProject, peer: Peer, undisturbed: pl.DataFrame
) -> None:
    project = make_project(extraction=extraction(peer, timeout_s=0.4))
    peer.latency_s = 2.0
    day = run(project, EPISODES, Patience(tries=2, first_wait_s=0.01))
    assert len(waiting(day)) == len(EPISODES)
    assert set(day.usage["outcome"]) == {"timeout", "deferred"}
    assert day.usage.filter(pl.col("outcome") == "timeout")["usd"].min() > 0, "it may have to be paid"  # type: ignore[operator]
    peer.latency_s = 0.0
    patient = make_project(extraction=extraction(peer))
    assert finish(patient, runs=1).candidates.equals(undisturbed)
    check_none_twice(patient)


def test_a_server_that_dies_and_comes_back_is_waited_for(
    make_project: MakeProject, peer: Peer, undisturbed: pl.DataFrame
) -> None:
    project = make_project(extraction=extraction(peer))
    peer.latency_s = 0.02

    def restart() -> None:
        while peer.replied < 8:
            time.sleep(0.005)
        peer.stop()
        time.sleep(0.3)
        peer.start_again()

    restarting = threading.Thread(target=restart)
    restarting.start()
    day = run(project, EPISODES, Patience(tries=12, first_wait_s=0.02, longest_wait_s=0.2))
    restarting.join()
    assert not waiting(day)
    assert day.candidates.equals(undisturbed)
    assert {"unavailable", "unreachable"} & set(day.usage["outcome"])
    check_none_twice(project)


def test_a_server_that_dies_leaves_a_day_that_the_next_run_finishes(
    make_project: MakeProject, peer: Peer, undisturbed: pl.DataFrame
) -> None:
    project = make_project(extraction=extraction(peer))
    peer.latency_s = 0.02

    def stop() -> None:
        while peer.replied < 8:
            time.sleep(0.005)
        peer.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    day = run(project, EPISODES)
    stopping.join()
    assert waiting(day)
    peer.start_again()
    assert finish(project, runs=1).candidates.equals(undisturbed)
    check_none_twice(project)


def test_a_judge_that_cannot_be_reached_defers_and_costs_no_proposal_twice(
    make_project: MakeProject, peer: Peer, undisturbed: pl.DataFrame
) -> None:
    project = make_project(extraction=extraction(peer))

    def answer(asked: Asked) -> Given:
        if asked.is_grade:
            raise TroubleError(503)
        return honest(asked)

    peer.answer = answer
    day = run(project, EPISODES)
    assert len(waiting(day)) == len(EPISODES)
    assert day.candidates.is_empty()
    peer.answer = honest
    before = len(peer.asked)
    assert finish(project, runs=1).candidates.equals(undisturbed)
    assert all(asked.is_grade for asked in peer.asked[before:])


# --- Through Dagster ---------------------------------------------------------------------------------------------------


def test_a_day_through_dagster_says_what_waits_and_is_finished_by_the_next_run(
    make_project: MakeProject, peer: Peer
) -> None:
    project = make_project(extraction=extraction(peer))
    transcripts = [{"episode_id": one.episode_id, "status": "ok", "language": "en"} for one in EPISODES[:4]]
    spoken = [row for one in EPISODES[:4] for row in segment_rows(one.episode_id, one.segments)]
    peer.answer = storm(lambda number: 401 if number > 5 else 0)
    told_of = metadata(materialise(project, transcripts, spoken), "llm_usage")
    assert 0 < told_of["deferred"] <= 4
    assert "401" in told_of["deferred_because"] or "trouble" in told_of["deferred_because"]
    assert set(project.lake.read("llm_usage", DAY)["outcome"]) >= {"ok", "deferred", "not allowed"}
    peer.answer = honest
    result = materialise(project, transcripts, spoken)
    assert metadata(result, "llm_usage")["deferred"] == 0
    assert metadata(result, "insight_candidates")["accepted"] == 12
    assert project.lake.read("insight_candidates", DAY).schema == SCHEMAS["insight_candidates"]
    check_none_twice(project)
    written = project.lake.path("insight_candidates", DAY).read_bytes()
    materialise(project, transcripts, spoken)
    assert project.lake.path("insight_candidates", DAY).read_bytes() == written


# --- Killed ------------------------------------------------------------------------------------------------------------


def run_in(folder: str) -> None:
    """The day in a process of its own."""
    run(Project(config.load(Path(folder) / "podcasts.toml")), EPISODES)


@pytest.mark.slow
def test_a_run_that_is_killed_in_the_middle_of_its_calls_pays_for_no_reply_twice(
    tmp_path: Path, peer: Peer, undisturbed: pl.DataFrame
) -> None:
    keys = extraction(peer, concurrency=4)
    lines = [f"{name} = {json.dumps(value)}" for name, value in keys.items()]
    (tmp_path / "podcasts.toml").write_text("\n".join(["[extraction]", *lines]))
    project = Project(config.load(tmp_path / "podcasts.toml"))
    peer.latency_s = 0.3
    command = [sys.executable, "-c", f"from tests.test_model_trouble import run_in; run_in({str(tmp_path)!r})"]
    kept: set[str] = set()
    interrupted = 0
    for moment in (3, 8):  # so many questions have been asked when the process is killed
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            end, before = time.monotonic() + 60, len(peer.asked)
            while len(peer.asked) < before + moment - 2 and time.monotonic() < end:
                time.sleep(0.01)
            time.sleep(0.1)  # in the middle of those calls
            process.kill()
        files = {path.name for path in project.cache("replies").root.glob("*/*") if not path.name.startswith(".")}
        assert kept <= files
        kept = files
        time.sleep(0.5)  # the server replies to the dead
        open_calls = sum(call["outcome"] == "interrupted" for call in calls(project))
        assert open_calls > interrupted, "the kill came between calls"
        interrupted = open_calls
    peer.latency_s = 0.0
    before = len(peer.asked)
    day = run(project, EPISODES)
    assert day.candidates.equals(undisturbed)
    assert len(peer.asked) - before == 2 * len(EPISODES) - len(kept), "a kept reply was asked for again, or one is missing"
    assert day.usage.filter(pl.col("outcome") == "interrupted")["usd"].min() > 0  # type: ignore[operator]
    check_none_twice(project)
