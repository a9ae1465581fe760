"""Everything that a server can do wrong, all of it in one poll with feeds that are well."""

import asyncio
import gc
import logging
import re
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from podcast_assets.config import NetworkConfig
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.feeds.poll import Polled
from podcast_assets.http.client import Client
from tests.fault_server import FAULTS, FEED, FaultServer, fault_server
from tests.polling import Make, at, by_url, following, guids, one_poll

GOOD = 5
TIMEOUT_S = 1  # of which the messages of FAULTS speak
NETWORK: dict[str, Any] = {"allow_private_hosts": True, "timeout_s": TIMEOUT_S, "max_feed_mb": 1}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with fault_server(GOOD) as started:
        yield started


@pytest.fixture
def complaints(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What Python or asyncio has to say of what was left behind; to be read after the test's own work."""
    found: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda each: found.append(f"unraisable: {each.exc_value!r}"))
    monkeypatch.setattr(threading, "excepthook", lambda each: found.append(f"in a thread: {each.exc_value!r}"))
    with warnings.catch_warnings(record=True) as warned, caplog.at_level(logging.WARNING):
        warnings.simplefilter("always")
        yield found
        gc.collect()
    found += [f"{each.category.__name__}: {each.message}" for each in warned]
    found += [f"log: {record.getMessage()}" for record in caplog.records if record.name in {"asyncio", "aiohttp.client"}]
    assert found == []


def _wait_until(is_so: Any) -> bool:
    """Waits for what another thread does."""
    deadline = time.monotonic() + 20
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(is_so())


def _table(polled: Polled, names: dict[str, str]) -> str:
    rows = by_url(polled)
    lines = [f"{'fault':30} {'status':12} {'HTTP':>4} {'kind':11} error"]
    for url, name in names.items():
        row = rows[url]
        error = row["error"] or ""
        lines.append(f"{name:30} {row['status']:12} {row['http_status'] or '-':>4} {row['error_kind'] or '-':11} {error}")
    return "\n".join(lines)


def test_each_fault_is_a_row_and_harms_nobody_else(server: FaultServer, make_project: Make, complaints: list[str]) -> None:
    names = {url: name for name, url in server.urls.items()}
    threads = set(threading.enumerate())
    # Good ones first, in the middle and last: whoever waits behind a bad one shall not starve.
    bad = list(server.urls.values())
    urls = [*server.good[:2], *bad[::2], *server.good[2:3], *bad[1::2], *server.good[3:]]
    project = following(make_project, *urls, **NETWORK)
    started = time.monotonic()
    polled = one_poll(project, at(11))
    took = time.monotonic() - started
    print(_table(polled, names), f"{len(FAULTS)} faults, {took:.1f} s", sep="\n")
    assert took < 60, "four times the time-out, and what a busy machine adds"

    rows = by_url(polled)
    outcomes = {name: (rows[url]["error_kind"], rows[url]["http_status"]) for name, url in server.urls.items()}
    assert outcomes == {name: (fault.kind, fault.http_status) for name, fault in FAULTS.items()}
    for name, url in server.urls.items():
        row, fault = rows[url], FAULTS[name]
        expected = "ok" if fault.kind is None else "gone" if name == "410" else "error"
        assert row["status"] == expected, name
        assert row["consecutive_failures"] == (fault.kind is not None), name
        assert row["next_poll_at"] > at(11), name
        assert row["current_url"] is None, name
        if fault.kind:
            assert re.match(fault.error, row["error"]), (name, row["error"])
            assert row["error"].isprintable(), name
            assert 3 < len(row["error"]) < 300, name
            assert not re.search(r"Traceback|File \"|https?:|<\w+\(| object at ", row["error"]), (name, row["error"])
    for url in server.good:
        assert (rows[url]["status"], rows[url]["error"], rows[url]["episodes"]) == ("ok", None, 2)
        assert guids(polled.sightings.filter(pl.col("feed_url") == url)) == ["1", "2"]
    assert project.lake.log("sightings").equals(polled.sightings)
    assert project.lake.get("feeds").equals(polled.feeds)

    assert _wait_until(lambda: server.connections == 0), "a connection was left open"
    assert _wait_until(lambda: set(threading.enumerate()) <= threads), "a thread was left"
    assert complaints == []


def test_the_next_poll_asks_all_of_them_again_as_it_should(server: FaultServer, make_project: Make) -> None:
    """What was learnt of a fault must not break the poll after it."""
    slow = {name for name, fault in FAULTS.items() if fault.kind == "timeout"}
    urls = {name: url for name, url in server.urls.items() if name not in slow}
    project = following(make_project, *urls.values(), *server.good, **NETWORK)
    one_poll(project, at(11))
    asked = len(server.asked)
    rows = by_url(one_poll(project, at(11, 7, 5)))
    assert len(server.asked) > asked
    for name, url in urls.items():
        rests = name in {"410", "503, and when to come back"}
        kind = FAULTS[name].kind
        assert rows[url]["consecutive_failures"] == ((1 if rests else 2) if kind else 0), name
        assert rows[url]["error_kind"] == kind, name
    assert {rows[url]["status"] for url in server.good} == {"not_modified"}


def test_no_fault_leaves_a_task_in_the_loop(server: FaultServer, complaints: list[str]) -> None:
    async def ask() -> tuple[list[object], set[asyncio.Task[Any]]]:
        async with Client(NetworkConfig(**NETWORK), 100) as client:
            requests = [client.get(url, max_bytes=1_000_000) for url in (*server.urls.values(), *server.good)]
            answers = await asyncio.gather(*requests, return_exceptions=True)
        return list(answers), asyncio.all_tasks() - {asyncio.current_task()}

    answers, left = asyncio.run(ask())
    assert left == set()
    assert [
        answer for answer in answers if isinstance(answer, BaseException) and not isinstance(answer, PodcastAssetsError)
    ] == []
    assert [getattr(answer, "body", None) for answer in answers[-GOOD:]] == [FEED] * GOOD
    assert _wait_until(lambda: server.connections == 0)
    assert complaints == []
