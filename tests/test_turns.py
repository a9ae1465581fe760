"""Whose turn it is to be heard, and how much fits into a run."""

import datetime as dt
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.turns import in_turn, length_s, within_cap


def test_shows_take_turns_newest_first() -> None:
    def episode(episode_id: str, feed_id: str, hour: int | None) -> dict[str, Any]:
        at = hour and dt.datetime(2026, 3, 3, hour, tzinfo=dt.UTC)
        seen = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
        return {"episode_id": episode_id, "feed_id": feed_id, "published_at": at, "first_seen_at": seen}

    rows = [episode("a1", "a", 1), episode("a2", "a", 2), episode("a3", "a", 3), episode("b1", "b", 1)]
    assert [row["episode_id"] for row in in_turn([*rows, episode("c", "c", None)])] == ["c", "a3", "b1", "a2", "a1"]


@given(st.lists(st.floats(1, 4 * 3600), max_size=60), st.floats(360, 36_000))
def test_the_cap_is_kept_and_what_it_leaves_would_not_have_fitted(lengths: list[float], cap_s: float) -> None:
    def seconds(number: int) -> float:
        return lengths[number]

    items = list(range(len(lengths)))
    taken, left = within_cap(items, seconds, cap_s)
    assert sorted([*taken, *left]) == items
    used_s = sum(min(cap_s, seconds(item)) for item in taken)
    assert used_s <= cap_s + 1e-6
    assert all(used_s + min(cap_s, seconds(item)) > cap_s - 1e-6 for item in left)
    assert within_cap(items, seconds, math.inf) == (items, [])
    assert within_cap(items, seconds, cap_s, cap_s)[0] == []


def test_what_is_longer_than_the_cap_is_heard_alone_when_its_turn_comes() -> None:
    """It would wait for ever else."""
    assert within_cap([13, 1], float, 12) == ([13], [1])
    assert within_cap([1, 13], float, 12) == ([1], [13])


def test_an_episode_of_which_nothing_is_known_counts_as_an_hour() -> None:
    assert length_s(None, None, None) == 3600
