"""What makes two items one episode, though nearly all of it has changed: each rule, and what feeds really do.

An episode that is taken for new is there twice. What must stay apart is tested in ``test_identity_alike``.
"""

import dataclasses
from functools import partial

import pytest

from podcast_assets.feeds.identity import LEAST_BYTES, MOST_ALIASES, History, episode_id, recognise
from tests.identities import (
    DAY,
    FEED_ID,
    T0,
    Change,
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

SAME: dict[str, tuple[Change, Change]] = {
    "nothing changes": (both(), both()),
    "titles in capitals": (reguided, lambda item: dataclasses.replace(item, title=item.title.upper())),
    # The GUID stays.
    "GUIDs stay, all moves": (both(), elsewhere),
    "GUIDs stay, tokens rotate": (token("a"), token("b")),
    "GUIDs stay, titles and addresses change": (both(), both(elsewhere, retitled)),
    "GUIDs stay, dates and addresses change": (both(), both(elsewhere, a_day_later)),
    "GUIDs stay, titles and dates change": (both(), both(a_day_later, retitled)),
    "GUIDs stay, recut at a later date": (both(), both(recut, a_day_later)),
    "GUIDs stay, the dates vanish": (both(), both(elsewhere, retitled, undated)),
    # The GUID changes.
    "new GUIDs": (both(), reguided),
    "new GUIDs and tokens": (token("a"), both(token("b"), reguided)),
    "new GUIDs and http": (both(), both(insecure, reguided)),
    "new GUIDs, host and files": (both(), both(elsewhere, reguided)),
    "new GUIDs and titles": (both(), both(reguided, retitled)),
    "new GUIDs, titles and tokens": (token("a"), both(token("b"), reguided, retitled)),
    "new GUIDs and dates": (both(), both(reguided, a_day_later)),
    "new GUIDs, no dates, no sizes": (both(undated, unsized), both(undated, unsized, reguided)),
    "new GUIDs, the dates vanish": (both(), both(undated, reguided)),
    # The GUID is missing.
    "no GUIDs": (without_guid, without_guid),
    "no GUIDs, new titles": (without_guid, both(without_guid, retitled)),
    "no GUIDs, new dates": (without_guid, both(without_guid, a_day_later)),
    "no GUIDs, recut": (without_guid, both(without_guid, recut)),
    "no GUIDs, undated, retitled": (both(undated, without_guid), both(undated, without_guid, retitled)),
    "no GUIDs, tokens rotate": (both(token("a"), without_guid), both(token("b"), without_guid, retitled)),
    "no GUIDs, http": (without_guid, both(insecure, without_guid)),
    "no GUIDs, another host": (without_guid, both(elsewhere, without_guid)),
    "no GUIDs, one script": (both(by_script, without_guid), both(by_script, without_guid)),
    "no GUIDs, one script, new titles": (both(by_script, without_guid), both(by_script, without_guid, retitled)),
    "GUIDs begin": (without_guid, both()),
    "GUIDs end": (both(), without_guid),
    # All have the same GUID.
    "one GUID": (one_guid, one_guid),
    "one GUID, new titles": (one_guid, both(one_guid, retitled)),
    "one GUID, new dates": (one_guid, both(one_guid, a_day_later)),
    "one GUID, recut": (one_guid, both(one_guid, recut)),
    "one GUID, tokens rotate": (both(one_guid, token("a")), both(one_guid, token("b"), retitled)),
    "one GUID, another host": (one_guid, both(one_guid, elsewhere)),
    "one GUID, one script": (both(by_script, one_guid), both(by_script, one_guid, retitled)),
    "GUIDs become one": (both(), one_guid),
    "one GUID becomes many": (one_guid, both()),
    "no GUIDs become one": (without_guid, one_guid),
}


@pytest.mark.parametrize("name", SAME)
def test_old_episodes_in_new_clothes_are_not_new_and_a_new_one_among_them_is(name: str) -> None:
    before, after = SAME[name]
    log = Log(document(3, 2, 1, change=before))
    assert len(log.seen) == 3, "the feed as it was first seen"
    new = log.poll(document(5, 4, 3, 2, 1, change=after))
    assert new == document(4, 5, change=after)
    assert log.poll(document(7, 6, 5, 4, change=after)) == document(6, 7, change=after)
    assert log.poll(document(3, 2, 1, change=after)) == [], "they come back"
    assert log.poll(document(6, 5, 4, 3, 2, 1, change=before)) == [], "all is undone"


@pytest.mark.parametrize("name", SAME)
def test_the_order_of_a_document_changes_nothing(name: str) -> None:
    before, after = SAME[name]
    one, other = Log(document(1, 2, 3, 4, change=before)), Log(document(3, 1, 4, 2, change=before))
    one.poll(document(2, 3, 4, 5, 6, change=after))
    other.poll(document(6, 4, 5, 2, 3, change=after))
    assert sorted(one.seen, key=lambda seen: seen.episode_id) == sorted(other.seen, key=lambda seen: seen.episode_id)
    assert sorted(one.aliases) == sorted(other.aliases)


# --- A document that holds an episode twice.


@pytest.mark.parametrize(
    "twin",
    [
        both(),
        retitled,
        a_day_later,
        both(retitled, a_day_later),
        token("x"),
        lambda item: dataclasses.replace(item, enclosure_url=f"{item.enclosure_url}.m4a", enclosure_bytes=5),
        reguided,
    ],
    ids=["alike", "title", "date", "title and date", "token", "another file", "another GUID"],
)
def test_an_episode_that_stands_twice_in_a_document_is_one(twin: Change) -> None:
    for items in ([episode(1), twin(episode(1)), episode(2)], [twin(episode(1)), episode(2), episode(1)]):
        log = Log(items)
        assert len(log.seen) == 2
        assert log.poll(document(3, 2, 1)) == [episode(3)]
        assert log.poll([twin(episode(1)), episode(2)]) == []
        new_guids = list(map(reguided, [episode(1), episode(1), episode(2)]))
        assert log.poll(new_guids) == [], "twice, and under a new GUID"


def test_what_has_one_file_under_one_guid_for_all_is_not_twice_the_same() -> None:
    """Several files of one GUID are one episode only where they say the same of themselves."""
    log = Log([one_guid(episode(n, title="Untitled", published_at=T0 + n * DAY)) for n in range(5)])
    assert len(log.seen) == 5


# --- Aliases.


def test_a_new_guid_is_remembered_and_then_enough() -> None:
    log = Log(document(2, 1))
    log.poll(document(2, 1, change=reguided))
    assert sorted(log.aliases) == [(f"new-guid-{n}", episode_id(FEED_ID, f"guid-{n}")) for n in (1, 2)]
    assert log.poll(document(2, 1, change=both(reguided, elsewhere, retitled))) == [], "nothing else is as it was"


def test_guids_that_are_new_at_each_poll_flood_neither_the_log_nor_the_aliases() -> None:
    log = Log(document(3, 2, 1))
    for n in range(5 * MOST_ALIASES):
        assert log.poll(document(3, 2, 1, change=partial(reguided, name=n))) == []
    assert len(log.aliases) == 3 * MOST_ALIASES
    last = document(4, 3, 2, change=partial(reguided, name="z"))
    assert log.poll(last) == [last[0]]


def test_guids_and_dates_that_are_new_at_each_poll_do_not_flood_the_log() -> None:
    """A script that makes the feed at each request and calls that the date: address, title and size tell."""
    log = Log(document(3, 2, 1))
    for n in range(20):
        made = [reguided(episode(number, published_at=T0 + n * DAY), n) for number in (3, 2, 1)]
        assert log.poll(made) == []


def test_an_alias_that_becomes_an_episode_of_its_own_is_one() -> None:
    """Its GUID was once taken for a new one of the first episode; now both stand side by side."""
    log = Log([episode(1)])
    log.poll([episode(1, guid="x")])
    other = episode(2, guid="x", title="Episode 1")
    assert log.poll([other, episode(1)]) == [other]


def test_a_guid_that_all_episodes_take_is_no_alias() -> None:
    log = Log(document(2, 1))
    assert log.poll(document(2, 1, change=one_guid)) == []
    assert log.aliases == []
    assert log.poll([one_guid(episode(3, title="Episode 1"))]) == [one_guid(episode(3, title="Episode 1"))]


def test_the_log_may_hold_a_row_and_an_alias_twice() -> None:
    """As two polls at once would leave it: the GUID is still one that is believed."""
    log = Log([episode(1)], [episode(1, guid="x")])
    twice = History([*log.seen, *log.seen], [*log.aliases, *log.aliases])
    assert not recognise(FEED_ID, [elsewhere(retitled(episode(1, guid="x")))], twice).new
    assert not recognise(FEED_ID, [elsewhere(retitled(episode(1)))], twice).new


def test_an_alias_of_nothing_that_is_known_is_left_alone() -> None:
    assert list(recognise(FEED_ID, [episode(1)], History([], [("guid-1", "nobody")])).new.values()) == [episode(1)]


# --- Identities.


def test_the_oldest_of_several_with_one_guid_has_the_identity_of_the_guid() -> None:
    """So it is whether they are seen one by one or all at once."""
    at_once, one_by_one = Log(document(3, 2, 1, change=one_guid)), Log(*[document(n, change=one_guid) for n in (1, 2, 3)])
    for log in (at_once, one_by_one):
        assert next(seen for seen in log.seen if seen.title == "Episode 1").episode_id == episode_id(FEED_ID, "podcast")
    assert {seen.episode_id for seen in at_once.seen} == {seen.episode_id for seen in one_by_one.seen}


def test_a_title_that_the_log_had_to_make_up_is_none() -> None:
    log = Log([episode(n, title="") for n in (1, 2)])
    assert log.poll([episode(n, title="", guid=f"x{n}") for n in (1, 2)]) == []
    assert log.poll([retitled(elsewhere(episode(1)))]) == []


@pytest.mark.parametrize("size", [None, 0, 1, LEAST_BYTES - 1])
def test_a_size_that_cannot_be_one_says_nothing(size: int | None) -> None:
    log = Log([episode(n, enclosure_bytes=size) for n in (1, 2, 3)])
    assert log.poll([reguided(episode(n)) for n in (1, 2, 3)]) == [], "it speaks against nothing"
    other = [a_day_later(episode(n, guid=f"y{n}", enclosure_bytes=size)) for n in (1, 2, 3)]
    assert log.poll(other) == other, "nor for anything"
