"""Whatever is done to a feed, it parses or is refused, in little time and little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podcast_assets.feeds.parse import parse
from podcast_assets.feeds.reader import FeedError
from tests.conftest import ROOT
from tests.fuzzing import DAMAGES, FRAGMENTS, LONGEST_S, OWN, Case, cases, check, seeds
from tests.parsing import ADDRESS, everything, rss


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases(OWN))
def test_a_damaged_feed_parses_or_is_refused(case: Case) -> None:
    check(case)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12))
def test_every_document_of_pieces_of_markup_parses_or_is_refused(pieces: list[str]) -> None:
    check(Case(rss("".join(pieces)), ADDRESS, None))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_parse_or_are_refused(body: bytes) -> None:
    for document in (body, b"<rss>" + body, b"<rss><channel><item><title>" + body + b"</title></item></channel></rss>"):
        check(Case(document, ADDRESS, None))


def test_what_is_damaged_gives_its_episodes_as_it_is() -> None:
    """Else the damage would be done to feeds that say nothing anyway."""
    found = [check(Case(body, ADDRESS, None)) for body in OWN]
    assert min(found) >= 1
    rich = everything(parse(OWN[0], ADDRESS).items[0])
    assert [name for name, value in rich.items() if not value] == ["explicit"], "it is clean"
    assert len(DAMAGES) > 10


def fuzzed(*arguments: str) -> dict[str, int]:
    """What ``tests.fuzzing`` says, in a process whose memory is its own."""
    command = [sys.executable, "-m", "tests.fuzzing", *arguments]
    env = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")
    }  # it takes memory too
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=900, check=False)
    assert ended.returncode == 0, ended.stderr[-6000:]
    print(ended.stdout)
    said: dict[str, int] = json.loads(ended.stdout)
    return said


def in_bounds(said: dict[str, int], least: int) -> None:
    assert said["cases"] >= least
    assert said["slowest_s"] < LONGEST_S
    assert said["grown_mb"] < 300
    kinds = ("refused", "without episodes", "with episodes")
    assert min(said[kind] for kind in kinds) > least / 50, (
        "one kind of outcome hardly ever comes: the damage is too small or too large"
    )


@pytest.mark.slow
def test_five_thousand_damaged_feeds_cost_little_time_and_memory() -> None:
    in_bounds(fuzzed("5000"), 5000)


@pytest.mark.slow
def test_two_thousand_real_feeds_that_were_damaged_cost_little_time_and_memory(shared: Path) -> None:
    assert len(seeds(shared)) > 250
    in_bounds(fuzzed("2000", "shared"), 2000)


def test_a_case_that_raises_is_found() -> None:
    """The test of the test: what is neither a feed nor refused comes out as what it is."""
    with pytest.raises(FeedError):
        parse(b"no feed", ADDRESS)
    with pytest.raises(AttributeError):
        check(Case(None, ADDRESS, None))  # type: ignore[arg-type]
