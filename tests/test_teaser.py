"""What the show's own editors chose: its teaser, the soundbites of its feed."""

from typing import Any

import pytest

from podcast_assets.ranking.teaser import editors_choice
from tests.fields import DAY, candidate, episode, frame

SAID = "the cheapest battery is the one that you never have to build because the kettle waits for noon"


def chosen(quote: str = SAID, start_s: float | None = 900.0, teaser: str | None = SAID, **about: Any) -> float | None:
    end_s = None if start_s is None else start_s + 20.0
    row = candidate("a", episode="e", quote=quote, quote_start_s=start_s, quote_end_s=end_s)
    segments = [{"day": DAY, "episode_id": "e", "seq": 0, "start_s": 12.0, "text": teaser or "hello and welcome"}]
    segments.append({"day": DAY, "episode_id": "other", "seq": 0, "start_s": 12.0, "text": SAID})
    found = editors_choice(
        frame("insight_candidates", [row]), frame("segments", segments), frame("episodes", [episode("e", "s", **about)])
    )
    assert len(found) == 1
    return found[0]


def test_what_the_teaser_holds_is_the_editors_choice() -> None:
    assert chosen(f"So I always say: {SAID}. That is all.") == 1.0


def test_a_teaser_of_another_episode_says_nothing() -> None:
    assert chosen(teaser=None) is None


def test_a_few_words_in_common_are_no_choice() -> None:
    assert chosen("the cheapest battery is the one that my brother bought in a sale in the north of the country") is None


@pytest.mark.parametrize("start_s", [12.0, 200.0, None])
def test_the_teaser_itself_and_what_follows_it_at_once_is_no_choice(start_s: float | None) -> None:
    """Whoever repeats himself in the first minutes would be taken for his own editor."""
    assert chosen(start_s=start_s) is None


def test_a_soundbite_of_the_feed_is_the_editors_choice() -> None:
    bite = [{"start_s": 895.0, "duration_s": 30.0, "title": None}]
    assert chosen(teaser=None, soundbites=bite) == 1.0
    assert chosen(teaser=None, soundbites=bite, start_s=600.0) is None
