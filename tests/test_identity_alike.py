"""Different episodes that look alike: none may be taken for another one, for then it would be lost, which is the worst."""

import dataclasses
import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.feeds.identity import MOST_ALIASES
from tests.identities import (
    DAY,
    T0,
    Change,
    Episode,
    Log,
    a_day_later,
    both,
    by_script,
    document,
    elsewhere,
    episode,
    insecure,
    one_guid,
    recut,
    reguided,
    retitled,
    token,
    undated,
    unsized,
    without_guid,
)


def always(**values: object) -> Callable[[int], Episode]:
    return lambda n: episode(n, **values)


LATEST = "https://cdn.example/news/latest.mp3"
PLAY = "https://cdn.example/play.php?id="
ALIKE: dict[str, Callable[[int], Episode]] = {
    "constant title": always(title="News"),
    "constant address": always(enclosure_url=LATEST),
    "constant title and address": always(title="News", enclosure_url=LATEST),
    "constant title, address and size": always(title="News", enclosure_url=LATEST, enclosure_bytes=10_000_000),
    "constant title and address, no size": always(title="News", enclosure_url=LATEST, enclosure_bytes=None),
    "constant title and address, a size of 1": always(title="News", enclosure_url=LATEST, enclosure_bytes=1),
    "constant address and date, no size": always(enclosure_url=LATEST, published_at=T0, enclosure_bytes=None),
    "constant address, no date, no size": always(enclosure_url=LATEST, published_at=None, enclosure_bytes=None),
    "constant title, address and date": always(title="News", enclosure_url=LATEST, published_at=T0),
    "constant title and address, no date": always(title="News", enclosure_url=LATEST, published_at=None),
    "constant title and date": always(title="Untitled", published_at=T0),
    "no title, constant date": always(title="", published_at=T0),
    "no title, no date": always(title="", published_at=None),
    "one script": lambda n: by_script(episode(n)),
    "one script and title": lambda n: by_script(episode(n, title="News")),
    "one script and title, no size": lambda n: by_script(episode(n, title="News", enclosure_bytes=None)),
    "one script and title, constant size": lambda n: by_script(episode(n, title="News", enclosure_bytes=10_000_000)),
    "one script, a token": lambda n: both(by_script, token(f"{n}"))(episode(n, title="News")),
    "no GUID, constant address": lambda n: without_guid(episode(n, enclosure_url=LATEST, enclosure_bytes=None)),
    "no GUID, constant address and title": lambda n: without_guid(episode(n, title="News", enclosure_url=LATEST)),
    "no GUID, the same, no size": lambda n: unsized(without_guid(episode(n, title="News", enclosure_url=LATEST))),
    "no GUID, one script": lambda n: both(by_script, without_guid)(episode(n)),
    "no GUID, one script and title": lambda n: both(by_script, without_guid, unsized)(episode(n, title="News")),
    "one GUID": lambda n: one_guid(episode(n)),
    "one GUID, one script": lambda n: both(by_script, one_guid)(episode(n)),
    "one GUID, constant address": lambda n: one_guid(episode(n, enclosure_url=LATEST)),
}


@pytest.mark.parametrize("name", ALIKE)
def test_a_feed_of_its_newest_episode_alone_loses_none(name: str) -> None:
    """Bulletins: each document has one item, and the one before it is gone."""
    log = Log()
    for n in range(2 * MOST_ALIASES):
        assert log.poll([ALIKE[name](n)]) == [ALIKE[name](n)]
        assert log.poll([ALIKE[name](n)]) == []


# In one document these are one episode: there is one file to hear, and nothing else tells them apart.
ONE_AUDIO = {"one GUID, constant address", "constant title, address and date"}


@pytest.mark.parametrize("name", sorted(ALIKE.keys() - ONE_AUDIO))
@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_feed_of_its_newest_episodes_loses_none(name: str, size: int) -> None:
    log, everything = Log(), [ALIKE[name](n) for n in range(size + 6)]
    found = [item for end in range(size, len(everything) + 1, 2) for item in log.poll(everything[end - size : end][::-1])]
    assert sorted(found, key=everything.index) == everything


def test_several_at_the_same_moment_with_the_same_title_are_several() -> None:
    """A season put online at once, in a feed that shows the newest ten: those that fell out must not swallow the others."""
    season = [episode(n, title="Untitled", published_at=T0) for n in range(20)]
    log = Log(season[:10])
    log.poll(season[10:])
    log.poll(season[5:15])
    assert len(log.seen) == 20


def test_two_editions_on_a_day_that_say_no_hour_are_two() -> None:
    """One item at a time, the same title, a date without a time: the sizes tell."""
    log = Log([episode(1, title="News", published_at=T0)])
    evening = episode(2, title="News", published_at=T0)
    assert log.poll([evening]) == [evening]


def test_a_trailer_and_its_episode_are_two() -> None:
    """Announced under the same title, and at the same moment."""
    trailer, whole = episode(1, title="The Case", enclosure_bytes=900_000), episode(2, title="The Case")
    log = Log([trailer])
    assert log.poll([whole, trailer]) == [whole]
    assert log.poll([whole]) == []
    at_once = dataclasses.replace(whole, published_at=trailer.published_at)
    assert len(Log([trailer, at_once]).seen) == 2


def test_a_guid_that_is_given_to_another_episode_is_another_episode() -> None:
    log = Log(document(3, 2, 1))
    reused = episode(4, guid="guid-2")
    assert log.poll([reused, *document(3, 1)]) == [reused]
    assert log.poll([reused, *document(3, 2, 1)]) == []
    assert len({seen.episode_id for seen in log.seen}) == 4


@pytest.mark.parametrize("change", [both(), retitled, reguided, undated, both(retitled, a_day_later), one_guid])
def test_what_was_seen_without_audio_is_new_when_it_has_some(change: Change) -> None:
    """A post whose audio comes an hour later: it was left alone, and the log says so for good."""
    silent = [episode(n, enclosure_url=None, enclosure_bytes=None) for n in (1, 2)]
    log = Log(silent)
    assert log.poll([change(episode(1)), silent[1]]) == [change(episode(1))]
    assert log.poll(silent) == [], "the audio is gone again"
    assert log.poll([both(change, elsewhere)(episode(1)), silent[1]]) == []
    if change(episode(1)).guid == "guid-1":
        assert log.poll([both(retitled, a_day_later)(change(episode(1)))]) == [], "its GUID is still believed"


def test_guids_that_count_from_the_newest_lose_none() -> None:
    """The newest episode always has the first GUID, so that at each new one all have another's."""
    log = Log()
    for newest in range(3, 9):
        log.poll([episode(newest - n, guid=f"{n}") for n in range(3)])
    assert sorted(seen.title for seen in log.seen) == [f"Episode {n}" for n in range(1, 9)]


# --- Hostile feeds.

HOSTILE: dict[str, Callable[[int], Episode]] = {
    **{name: ALIKE[name] for name in ("constant title and address", "constant title and date", "one script and title")},
    **{name: ALIKE[name] for name in ("one GUID", "one GUID, one script", "no GUID, one script and title")},
    "all the same": lambda n: episode(1, guid=f"{n % 2}"),
    "nothing said": lambda n: Episode(f"{n}", "", None, None, None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_feed_of_many_episodes_takes_no_more_than_its_length(name: str) -> None:
    """Compared each with each, these would take minutes."""
    items = [HOSTILE[name](n) if n < 2000 else dataclasses.replace(HOSTILE[name](n), published_at=None) for n in range(6000)]
    started = time.process_time()
    log = Log(items)
    log.poll([retitled(reguided(item)) for item in items])
    log.poll([recut(item) for item in items])
    assert time.process_time() - started < 20


# --- Whatever a feed does.

numbers = st.integers(0, 5)
windows = st.lists(st.lists(numbers, min_size=1, max_size=6, unique=True), min_size=1, max_size=8)


@settings(deadline=None, max_examples=300)
@given(
    kinds=st.lists(
        st.tuples(numbers, numbers, numbers, st.booleans()), min_size=6, max_size=6, unique_by=lambda kind: kind[:2]
    ),
    polls=windows,
)
def test_episodes_with_guids_of_their_own_are_each_seen_once_whatever_else_they_share(
    kinds: list[tuple[int, int, int, bool]], polls: list[list[int]]
) -> None:
    """No two of them have both title and date in common; the rest comes from a small stock."""
    addresses = [
        LATEST,
        f"{LATEST}?t=1",
        f"{LATEST}?t=2",
        "https://cdn.example/news/1.mp3",
        "https://x.example/latest.mp3",
        None,
    ]
    items = [
        episode(n, title=f"{title}", published_at=T0 + date * DAY, enclosure_url=addresses[address])
        for n, (title, date, address, _) in enumerate(kinds)
    ]
    items = [unsized(item) if without else item for item, (*_, without) in zip(items, kinds, strict=True)]
    log = Log()
    found = [item for poll in polls for item in log.poll([items[n] for n in poll])]
    assert sorted(found, key=items.index) == [items[n] for n in sorted({n for poll in polls for n in poll})]


CHAOS = (reguided, elsewhere, one_guid, insecure, without_guid, by_script, token("a"), token("b"), unsized)


@settings(deadline=None, max_examples=300)
@given(
    polls=windows, chaos=st.lists(st.lists(st.sampled_from(CHAOS), max_size=3), min_size=8, max_size=8), seed=st.randoms()
)
def test_episodes_with_titles_and_dates_of_their_own_are_each_seen_once_whatever_else_changes(
    polls: list[list[int]], chaos: list[list[Change]], seed: random.Random
) -> None:
    """GUIDs, hosts, addresses, tokens and sizes change from poll to poll, and come back; so does the order."""
    log, other = Log(), Log()
    for poll, changes in zip(polls, chaos, strict=False):
        items = [both(*changes)(episode(n)) for n in poll]
        log.poll(items)
        seed.shuffle(items)
        other.poll(items)
    assert sorted(seen.title for seen in log.seen) == [f"Episode {n}" for n in sorted({n for poll in polls for n in poll})]
    assert {seen.episode_id for seen in log.seen} == {seen.episode_id for seen in other.seen}, "the order changes something"


@settings(deadline=None, max_examples=200)
@given(polls=st.lists(st.permutations(range(5)), min_size=2, max_size=6))
def test_guids_that_wander_from_episode_to_episode_tell_nothing_and_lose_nothing(polls: list[list[int]]) -> None:
    log = Log()
    for shown, poll in enumerate(polls, 3):
        log.poll([episode(n, guid=f"{guid}") for n, guid in enumerate(poll[:shown])])
    assert sorted(seen.title for seen in log.seen) == [f"Episode {n}" for n in range(min(5, len(polls) + 2))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"title": "News 23", "enclosure_url": f"{PLAY}101", "enclosure_bytes": None, "published_at": T0},
            {"title": "News 24", "enclosure_url": f"{PLAY}102", "enclosure_bytes": None, "published_at": T0 + DAY},
        ),
        (
            {"title": "Monday", "enclosure_url": "https://cdn.example/1.mp3", "published_at": None},
            {
                "title": "Tuesday",
                "enclosure_url": "https://cdn.example/2.mp3",
                "published_at": None,
                "enclosure_bytes": 20_000,
            },
        ),
        (
            {"title": "Morning", "enclosure_url": "https://cdn.example/1.mp3", "published_at": T0.replace(hour=0)},
            {
                "title": "Evening",
                "enclosure_url": "https://cdn.example/2.mp3",
                "published_at": T0.replace(hour=0),
                "enclosure_bytes": 20_000,
            },
        ),
    ],
    ids=["a program that plays", "no date", "a date without a time"],
)
def test_a_show_whose_one_item_always_has_the_same_guid_is_new_each_day(
    before: dict[str, object], after: dict[str, object]
) -> None:
    first, second = (episode(1, **{"guid": "show", **values}) for values in (before, after))
    assert Log([first]).poll([second]) == [second]
