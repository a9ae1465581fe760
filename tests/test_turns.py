"""Whose turn it is to be heard, and how much fits into a run."""

import datetime as dt
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.turns import in_turn, within_cap


def test_shows_take_turns_newest_first() -> None:
    def episode(episode_id: str, feed_id: str, hour: int | None) -> dict[str, Any]:
        at = hour and dt.datetime(2026, 3, 3, hour, tzinfo=dt.UTC)
        seen = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
        return {"episode_id": episode_id, "feed_id": feed_id, "published_at": at, "first_seen_at": seen}

    rows = [episode("a1", "a", 1), episode("a2", "a", 2), episode("a3", "a", 3), episode("b1", "b", 1)]
    assert [row["episode_id"] for row in in_turn([*rows, episode("c", "c", None)])] == ["c", "a3", "b1", "a2", "a1"]


@given(st.lists(st.floats(1, 4 * 3600), max_size=60), st.floats(0.1, 10))
def test_the_cap_is_kept_and_what_it_leaves_would_not_have_fitted(lengths: list[float], cap: float) -> None:
    def seconds(number: int) -> float:
        return lengths[number]

    items = list(range(len(lengths)))
    taken, left = within_cap(items, seconds, cap)
    assert sorted([*taken, *left]) == items
    used = sum(map(seconds, taken))
    assert used <= cap * 3600 + 1e-6
    assert all(used + seconds(item) > cap * 3600 - 1e-6 for item in left)
    assert within_cap(items, seconds, 0) == (items, [])
