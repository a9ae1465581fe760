"""Manners towards a host: how many requests at once, and when there are to be no more."""

import asyncio

import pytest

from podcast_assets.errors import RefusedError
from podcast_assets.feeds.hosts import SILENT, Host, WaitError, in_turn
from podcast_assets.http.errors import UNREACHED, FetchError, Kind
from tests.polling import at

NAME = "shows.example"


async def _answer() -> str:
    return "answer"


def _failing(kind: Kind) -> FetchError:
    return FetchError("no", kind=kind)


async def _outcome(host: Host, error: Exception | None) -> str:
    """What becomes of one request, which would fail with ``error``: "asked", or why it was not."""
    asked = False

    async def question() -> str:
        nonlocal asked
        asked = True
        if error:
            raise error
        return await _answer()

    try:
        await host.ask(question)
    except WaitError:
        return "wait"
    except (FetchError, RefusedError) as raised:
        return "asked" if raised is error and asked else "down"
    return "asked"


def outcomes(host: Host, *errors: Exception | None) -> list[str]:
    """What becomes of requests that are made one after the other."""

    async def ask() -> list[str]:
        return [await _outcome(host, error) for error in errors]

    return asyncio.run(ask())


def test_an_answer_is_handed_on() -> None:
    host = Host(NAME, 1)
    assert asyncio.run(host.ask(_answer)) == "answer"
    assert host.has_answered


@pytest.mark.parametrize("at_once", [1, 3])
def test_so_many_requests_at_once_and_no_more(at_once: int) -> None:
    async def ask() -> int:
        host, busy, most = Host(NAME, at_once), 0, 0
        together = asyncio.Barrier(at_once)

        async def question() -> None:
            nonlocal busy, most
            busy += 1
            most = max(most, busy)
            await together.wait()
            busy -= 1

        await asyncio.wait_for(asyncio.gather(*(host.ask(question) for _ in range(3 * at_once))), 20)
        return most

    assert asyncio.run(ask()) == at_once


@pytest.mark.parametrize("kind", sorted(UNREACHED))
def test_a_host_that_is_silent_three_times_is_not_asked_again(kind: Kind) -> None:
    silent = _failing(kind)
    host = Host(NAME, 1)
    assert outcomes(host, *[silent] * 5, None) == ["asked"] * SILENT + ["down"] * 3
    assert not host.has_answered


@pytest.mark.parametrize("error", [None, _failing("http"), _failing("incomplete"), _failing("tls")], ids=str)
def test_any_answer_shows_that_a_host_is_there(error: Exception | None) -> None:
    """A timeout now and then is no reason to leave hundreds of feeds unasked."""
    silent = _failing("timeout")
    host = Host(NAME, 1)
    assert outcomes(host, silent, silent, error, silent, silent, error, None) == ["asked"] * 7
    assert host.has_answered


def test_an_address_that_was_refused_says_nothing_of_its_host() -> None:
    host = Host(NAME, 1)
    assert outcomes(host, *[RefusedError("private")] * 5) == ["asked"] * 5
    assert not host.has_answered


def test_a_host_that_wants_rest_gets_it_also_from_those_who_wait_already() -> None:
    moment = at(12)

    async def ask() -> tuple[BaseException | str, ...]:
        host = Host(NAME, 1)

        async def question() -> str:
            host.rest(moment)
            raise _failing("http")

        return await asyncio.gather(host.ask(question), host.ask(_answer), host.ask(_answer), return_exceptions=True)

    first, *others = asyncio.run(ask())
    assert isinstance(first, FetchError)
    assert not isinstance(first, WaitError)
    for other in others:
        assert isinstance(other, WaitError)
        assert other.moment == moment
        assert str(other) == "not asked: its host wants to be left alone until 2026-03-12 06:00 UTC"


def test_the_latest_of_several_wishes_for_rest_holds() -> None:
    """Answers come back in any order, and most say nothing of rest."""
    host = Host(NAME, 1)
    for until in (None, at(12), at(13), at(12), None):
        host.rest(until)
    assert host.waits_until == at(13)


def test_a_host_is_silent_when_it_was_asked_and_never_answered() -> None:
    host, silent = Host(NAME, 1), _failing("dns")
    assert not host.is_silent, "nobody has asked it"
    outcomes(host, silent)
    assert host.is_silent
    outcomes(host, None, silent)
    assert not host.is_silent


def test_a_request_that_was_cancelled_gives_its_place_back() -> None:
    async def ask() -> str:
        host = Host(NAME, 1)
        task = asyncio.create_task(host.ask(asyncio.Event().wait))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return await asyncio.wait_for(host.ask(_answer), 20)

    assert asyncio.run(ask()) == "answer"


def test_the_silence_of_a_host_that_a_redirect_led_to_is_not_this_one_s() -> None:
    elsewhere = _failing("connect")
    elsewhere.host = "dead.example"
    host = Host(NAME, 1)
    assert outcomes(host, *[elsewhere] * 5) == ["asked"] * 5
    assert not host.is_silent


def test_an_answer_that_stops_is_no_silence() -> None:
    stopped = _failing("timeout")
    stopped.host, stopped.is_silence = NAME, False
    assert outcomes(Host(NAME, 1), *[stopped] * 5) == ["asked"] * 5


def test_hosts_take_turns_so_that_none_keeps_the_others_waiting() -> None:
    urls = ["a1", "a2", "a3", "b1", "c1", "c2"]
    assert in_turn(urls, lambda url: url[0]) == ["a1", "b1", "c1", "a2", "c2", "a3"]
    assert in_turn([], str) == []
