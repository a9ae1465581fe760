"""What competes on a day, what was published, and the seals: everything that the ranking reads from the lake's tables."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from podcast_assets.ranking.history import Field, field_of, seal_before
from podcast_assets.storage import Lake
from tests.fields import DAY, candidate, days_before, episode, frame, ids, write


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def write_day(lake: Lake, day: dt.date, *names: str, five: Sequence[str] | None = ()) -> None:
    """A day that was ranked: its insights, and which of them were shown (None: its five are not written yet)."""
    write(lake, "insight_candidates", day, *(candidate(name) for name in names))
    write(lake, "episodes", day, *(episode(f"e-{name}", name) for name in names))
    write(lake, "ranked_insights", day, *({"insight_id": name} for name in names))
    if five is not None:
        write(lake, "daily_top5", day, *({"insight_id": name, "rank": n} for n, name in enumerate(five, 1)))


def add_late(lake: Lake, day: dt.date, *names: str) -> None:
    """Insights that a day gets after it was ranked."""
    old = lake.read("insight_candidates", day).to_dicts()
    write(lake, "insight_candidates", day, *old, *(candidate(name) for name in names))
    write(lake, "episodes", day, *lake.read("episodes", day).to_dicts(), *(episode(f"e-{n}", n) for n in names))


def field(lake: Lake, day: dt.date, *names: str, as_then: bool = False) -> Field:
    own = frame("insight_candidates", (candidate(name, day=day) for name in names))
    episodes = frame("episodes", (episode(f"e-{name}", name, day=day) for name in names))
    return field_of(lake, day, own, episodes, as_then=as_then)


def test_what_was_published_around_the_day_must_not_be_said_again(lake: Lake) -> None:
    """A day that is filled in later shows what the reader had from a later one."""
    write_day(lake, days_before(2), "old", five=["old"])
    write_day(lake, days_before(-2), "future", five=["future"])
    write_day(lake, DAY, "today", five=["today"])
    assert ids(field(lake, DAY, "today").published) == ["future", "old"]
    assert ids(field(lake, DAY, "today", as_then=True).published) == ["old"], "ranked as it was then, it knows no later day"


def test_what_was_published_long_ago_may_be_said_again(lake: Lake) -> None:
    write_day(lake, days_before(91), "ancient", five=["ancient"])
    write_day(lake, days_before(90), "old", five=["old"])
    assert ids(field(lake, DAY).published) == ["old"]


def test_rejected_insights_do_not_compete(lake: Lake) -> None:
    own = frame("insight_candidates", [candidate("a"), candidate("b", status="rejected", reject_reason="a question")])
    assert ids(field_of(lake, DAY, own, frame("episodes", [])).candidates) == ["a"]


def test_an_insight_that_two_rows_have_competes_once(lake: Lake) -> None:
    own = frame("insight_candidates", [candidate("a"), candidate("a"), candidate("b")])
    assert ids(field_of(lake, DAY, own, frame("episodes", [])).candidates) == ["a", "b"]


def test_a_late_insight_of_a_sealed_day_competes_with_its_own_episode(lake: Lake) -> None:
    write_day(lake, days_before(3), "old")
    lake.seal(days_before(3), "test")
    add_late(lake, days_before(3), "late")
    found = field(lake, DAY, "today")
    assert ids(found.candidates) == ["late", "today"]
    assert found.episodes["episode_id"].to_list() == ["e-today", "e-old", "e-late"]


def test_a_late_insight_competes_in_the_next_digest_of_a_daily_run(lake: Lake) -> None:
    """Yesterday is sealed by today's five only: waiting for its seal, a late insight would wait for ever."""
    write_day(lake, days_before(2), "old")
    lake.seal(days_before(2), "test")
    write_day(lake, days_before(1), "yesterday")
    add_late(lake, days_before(2), "late")
    assert ids(field(lake, DAY, "today").candidates) == ["late", "today"]


def test_a_late_insight_waits_while_an_older_day_is_still_without_its_five(lake: Lake) -> None:
    write_day(lake, days_before(3), "old")
    lake.seal(days_before(3), "test")
    add_late(lake, days_before(3), "late")
    write_day(lake, days_before(1), "open", five=None)
    assert ids(field(lake, DAY, "today").candidates) == ["today"]
    assert ids(field(lake, days_before(1), "open").candidates) == ["late", "open"]


def test_an_insight_competes_on_one_day_alone(lake: Lake) -> None:
    write_day(lake, days_before(3), "old")
    lake.seal(days_before(3), "test")
    add_late(lake, days_before(3), "late")
    write_day(lake, days_before(1), "own")
    write(lake, "ranked_insights", days_before(1), {"insight_id": "own"}, {"insight_id": "late"})
    lake.seal(days_before(1), "test")
    assert ids(field(lake, DAY, "today").candidates) == ["today"], "not again after the day that took it was sealed"
    assert ids(field(lake, days_before(3), "old", "late").candidates) == ["old"], "nor on its own day, ranked again"


def test_a_day_that_is_ranked_again_keeps_what_it_took(lake: Lake) -> None:
    """What is dropped by a re-run would be free to compete, and to be sent, once more."""
    write_day(lake, days_before(3), "old")
    lake.seal(days_before(3), "test")
    add_late(lake, days_before(3), "late", "later")
    write_day(lake, DAY, "today")
    write(lake, "ranked_insights", DAY, {"insight_id": "today"}, {"insight_id": "late"})
    assert ids(field(lake, DAY, "today").candidates) == ["late", "later", "today"], "an open day takes what is there"
    lake.seal(DAY, "test")
    assert ids(field(lake, DAY, "today").candidates) == ["late", "today"], "a sealed one takes nothing new"


def test_sealing_closes_every_earlier_day_with_its_five_once(lake: Lake) -> None:
    for count in (4, 3, 1):
        write_day(lake, days_before(count), f"d{count}")
    write_day(lake, days_before(2), "no five", five=None)
    write_day(lake, DAY, "today")
    lake.seal(days_before(4), "test")
    assert seal_before(lake, DAY) == [days_before(3), days_before(1)]
    assert lake.sealed_days() == [days_before(4), days_before(3), days_before(1)]
    assert seal_before(lake, DAY) == []
