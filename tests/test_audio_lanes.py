"""Whose turn it is: a slow host must hold up nobody else, and a fast one must not take all the places either."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from podcast_assets.audio import lanes
from podcast_assets.audio.lanes import Lanes, TooSlowError

LONG_S = 30.0  # against hangs


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://cdn.example/show/1.mp3", "cdn.example"),
        ("https://CDN.example:8443/1.mp3?x=https://other.example/", "cdn.example"),
        ("https://op.example/e/cdn.example/show/1.mp3", "cdn.example"),
        ("https://op.example/e/https://cdn.example:8443/show/1.mp3", "cdn.example"),
        ("https://a.example/redirect.mp3/b.example/track/X1/traffic.cdn.example/1.mp3", "traffic.cdn.example"),
        ("https://a.example/redirect.mp3/1.mp3", "a.example"),
        ("https://a.example/episode.final/", "episode.final"),  # a wrong guess; its cost is a lane of its own
        ("http://127.0.0.1:80/a.mp3", "127.0.0.1"),
        ("https://[::1]/a.mp3", "[::1]"),
    ],
)
def test_the_host_behind_a_tracker_is_the_one_whose_lane_it_is(address: str, host: str) -> None:
    """Else all shows that use one tracker would wait for each other."""
    assert lanes.host_behind(address) == host


def run(work: Callable[[Lanes], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(LONG_S):
            await work(Lanes())

    asyncio.run(limited())


async def crawl(all_: Lanes, host: str, speed: float, end: asyncio.Event) -> None:
    """A download of so many bytes a second that ends when it is told."""
    clock = asyncio.get_running_loop().time
    async with all_.turn(f"https://{host}/a.mp3") as turn:
        last = clock()
        while not end.is_set():
            await asyncio.sleep(0.01)
            last, before = clock(), last
            turn.moved(round((last - before) * speed))


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        await asyncio.sleep(0.01)


@pytest.fixture
def _short_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "WINDOW_S", 0.1)


FAST, SLOW = lanes.SLOW * 100, (lanes.SLOW + lanes.TOO_SLOW) / 2


@pytest.mark.usefixtures("_short_window")
def test_slow_hosts_give_their_places_to_others() -> None:
    async def work(all_: Lanes) -> None:
        end = asyncio.Event()
        slow = [asyncio.create_task(crawl(all_, f"slow-{n}.example", SLOW, end)) for n in range(lanes.PLACES)]
        await until(all_.places.locked)
        async with all_.turn("https://good.example/a.mp3"):
            await until(lambda: all_.apart == lanes.PLACES)
            assert not any(task.done() for task in slow), "they were to go on"
        end.set()
        await asyncio.gather(*slow)
        assert (all_.apart, all_.places._value) == (0, lanes.PLACES)

    run(work)


@pytest.mark.usefixtures("_short_window")
def test_fast_hosts_keep_their_places() -> None:
    async def work(all_: Lanes) -> None:
        end = asyncio.Event()
        fast = [asyncio.create_task(crawl(all_, f"fast-{n}.example", FAST, end)) for n in range(lanes.PLACES + 2)]
        await asyncio.sleep(0.3)
        assert (all_.apart, all_.places.locked()) == (0, True)
        end.set()
        await asyncio.gather(*fast)

    run(work)


@pytest.mark.usefixtures("_short_window")
def test_no_more_go_apart_than_there_are_connections_for() -> None:
    async def work(all_: Lanes) -> None:
        end, count = asyncio.Event(), lanes.PLACES + lanes.APART + 3
        slow = [asyncio.create_task(crawl(all_, f"slow-{n}.example", SLOW, end)) for n in range(count)]
        await until(lambda: all_.apart == lanes.APART and all_.places.locked())
        await asyncio.sleep(0.3)
        assert (all_.apart, all_.places.locked()) == (lanes.APART, True)
        end.set()
        await asyncio.gather(*slow)
        assert (all_.apart, all_.places._value) == (0, lanes.PLACES)

    run(work)


def test_who_waits_for_a_host_takes_no_place() -> None:
    async def work(all_: Lanes) -> None:
        end = asyncio.Event()
        one_host = [asyncio.create_task(crawl(all_, "host.example", FAST, end)) for _ in range(50)]
        await asyncio.sleep(0.05)
        assert all_.places._value == lanes.PLACES - lanes.PER_HOST
        async with all_.turn("https://tracker.example/good.example/a.mp3"):
            end.set()
        await asyncio.gather(*one_host)

    run(work)


@pytest.mark.usefixtures("_short_window")
def test_a_host_that_is_too_slow_gets_no_more_of_this_run() -> None:
    async def work(all_: Lanes) -> None:
        never = asyncio.Event()
        with pytest.raises(TooSlowError, match=r"too slow: \d+\.\d kB/s, and less than 16 is given up") as failure:
            await crawl(all_, "slow.example", 1000, never)
        assert (failure.value.is_temporary, failure.value.kind) == (True, "timeout")
        with pytest.raises(TooSlowError, match="left for the next one"):
            await crawl(all_, "slow.example", FAST, never)
        assert all_.places._value == lanes.PLACES

    run(work)


@pytest.mark.usefixtures("_short_window")
def test_a_host_that_is_slow_for_long_gets_no_more_of_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of many episodes could else hold up the day by each in turn."""

    async def work(all_: Lanes) -> None:
        monkeypatch.setattr(lanes, "LONGEST_DOWNLOAD_S", 0.5)
        end = asyncio.Event()
        queue = [asyncio.create_task(crawl(all_, "slow.example", SLOW, end)) for _ in range(6)]
        await until(lambda: all_.apart == lanes.PER_HOST)
        await asyncio.sleep(0.6)
        end.set()
        found = await asyncio.gather(*queue, return_exceptions=True)
        assert [type(each) for each in found] == [type(None)] * lanes.PER_HOST + [TooSlowError] * 4

    run(work)


def test_a_burst_that_ends_early_is_no_matter() -> None:
    """Small files end within the window, however slowly they began."""

    async def work(all_: Lanes) -> None:
        async with all_.turn("https://host.example/a.mp3") as turn:
            turn.moved(1)
        with contextlib.suppress(ZeroDivisionError):
            async with all_.turn("https://host.example/a.mp3"):
                raise ZeroDivisionError
        assert all_.places._value == lanes.PLACES, "a download that fails gives its place back"

    run(work)
