"""Scanning beside the event loop: in one process or many the same, and no body harms more than itself."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import psutil
import pytest

from podcast_assets.feeds import loop, workers
from podcast_assets.feeds.identity import History, Subscription
from podcast_assets.feeds.scan import Body, Scanned, Trouble, scan
from podcast_assets.feeds.sightings import Conditions
from podcast_assets.feeds.workers import Workers
from tests.polling import at, march, rss

CONDITIONS = Conditions(at(11), "UTC", 7, march(1))
LARGE = workers.BYTES_FOR_MORE // 2 + 1  # two of them are a case for processes, and each is a batch


class OnArrival:
    """What a process does when it is handed this: the real way to have one die, or hang, in the middle of its work."""

    def __init__(self, does: Callable[..., Any], *arguments: Any) -> None:
        self._does = does, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._does


def body(name: str, size: int = 0, history: Any = None) -> Body:
    """The document of a feed, blown up to at least ``size`` bytes."""
    packed = rss((name, at(9)), (f"{name}, old", at(1)), title=f"Show {name}").ljust(size)
    subscription = Subscription(f"https://example.org/{name}")
    return Body(subscription, subscription.url, packed, "", None, 10**7, None, None, history or History())


def deadly(name: str, size: int = LARGE) -> Body:
    return body(name, size, OnArrival(sys.exit, 9))


def odd() -> list[Body]:
    """Bodies that give every kind of answer."""
    good = body("known")
    broken = [(b"", ""), (b"<html/>", ""), (b"\x1f\x8b", "gzip"), (rss(), "rot13")]
    troubled = [Body(good.subscription, "", packed, how, None, 10**7, None, None, History()) for packed, how in broken]
    known = scan(good, CONDITIONS)
    assert isinstance(known, Scanned)
    same = Body(good.subscription, "", good.packed, "", None, 10**7, at(10), known.body_sha256, History())
    return [*troubled, same]


def in_workers(work: Callable[[Workers], Awaitable[Any]], seconds: float = 60) -> Any:
    """As a poll does it."""

    async def main() -> Any:
        async with asyncio.timeout(seconds), Workers(CONDITIONS) as started:
            return await work(started)

    return loop.run(main())


def scanned(bodies: Sequence[Body]) -> list[Scanned | Trouble]:
    async def work(started: Workers) -> list[Scanned | Trouble]:
        return await asyncio.gather(*map(started.scan, bodies))

    answers: list[Scanned | Trouble] = in_workers(work)
    return answers


def processes() -> list[psutil.Process]:
    """Ours that scan."""
    found = []
    for each in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "podcast_assets.feeds.worker" in each.cmdline():
                found.append(each)
    return found


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    """Neither running, nor dead and not buried."""
    before = set(psutil.Process().children())
    yield
    assert not set(psutil.Process().children()) - before


async def _until(is_so: Callable[[], object]) -> None:
    while not is_so():
        await asyncio.sleep(0.01)


# --- The same results.


def test_one_process_and_many_give_what_scanning_gives() -> None:
    bodies = [*(body(str(n)) for n in range(30)), *odd()]
    expected = [scan(each, CONDITIONS) for each in bodies]
    assert sum(isinstance(answer, Trouble) for answer in expected) == 4
    assert scanned(bodies) == expected, "in one process"
    large = [body(f"large {n}", LARGE) for n in range(3)]
    assert scanned([*large, *bodies]) == [*(scan(each, CONDITIONS) for each in large), *expected], "in many"


def test_a_few_bodies_start_one_process_and_many_start_one_a_core() -> None:
    async def work(started: Workers) -> list[int]:
        await started.scan(body("small", 1000))
        counts = [len(processes())]
        await asyncio.gather(*(started.scan(body(str(n), LARGE)) for n in range(50)))
        return [*counts, len(processes())]

    assert in_workers(work) == [1, min(os.cpu_count() or 1, workers.MOST)]


def test_bodies_that_come_one_by_one_are_served_on_both_sides_of_the_change() -> None:
    async def work(started: Workers) -> list[Scanned | Trouble]:
        return [await started.scan(body(str(n), LARGE // 4)) for n in range(16)]

    assert in_workers(work) == [scan(body(str(n), LARGE // 4), CONDITIONS) for n in range(16)]


# --- Bodies that do harm.


@pytest.mark.parametrize(
    "fatal",
    [(sys.exit, 9), (os.abort,), (signal.raise_signal, signal.SIGKILL), (bytes, 10**17)],
    ids=["exit", "abort", "kill", "memory"],
)
def test_a_body_that_kills_its_process_costs_only_itself(fatal: tuple[Any, ...]) -> None:
    """It shares a batch with others, and its process with the next batch."""
    small = [body(str(n)) for n in range(20)]
    killer = body("killer", 0, OnArrival(*fatal))
    bodies = [body("large", LARGE), body("large, too", LARGE), *small[:10], killer, *small[10:]]
    answers = dict(zip([each.subscription.url for each in bodies], scanned(bodies), strict=True))
    assert answers.pop(killer.subscription.url) == Trouble("crash", "reading this feed killed the process")
    assert list(answers.values()) == [scan(each, CONDITIONS) for each in bodies if each is not killer]


def test_a_body_that_waited_behind_a_killer_is_not_taken_for_one() -> None:
    """Each is a batch of its own, and handed over before the one ahead of it has been answered."""
    count = 3 * workers.AHEAD * min(os.cpu_count() or 1, workers.MOST)
    bodies = [deadly(str(n)) if n % 3 == 1 else body(str(n), LARGE) for n in range(count)]  # the first goes to the thread
    kinds = ["Trouble" if n % 3 == 1 else "Scanned" for n in range(count)]
    assert [type(answer).__name__ for answer in scanned(bodies)] == kinds


def test_a_body_that_takes_too_long_costs_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "LONGEST_S", 5)  # a process must have started by then
    bodies = [body(str(n), LARGE) for n in range(7)]
    bodies.insert(1, body("slow", LARGE, OnArrival(time.sleep, 600)))
    started = time.monotonic()
    slow = scanned(bodies)
    assert slow.pop(1) == Trouble("crash", "reading this feed took longer than 5 s")
    assert slow == [scan(body(str(n), LARGE), CONDITIONS) for n in range(7)]
    assert time.monotonic() - started < 60


def test_a_process_that_died_while_it_had_nothing_to_do_is_replaced() -> None:
    """The system may kill any process when memory is short."""

    async def work(started: Workers) -> list[Scanned | Trouble]:
        await asyncio.gather(*(started.scan(body(str(n), LARGE)) for n in range(8)))
        killed = processes()
        for each in killed:
            each.kill()
        await _until(lambda: not any(each.is_running() for each in killed))
        return await asyncio.gather(*(started.scan(body(str(n), LARGE)) for n in range(8)))

    assert in_workers(work) == [scan(body(str(n), LARGE), CONDITIONS) for n in range(8)]


# --- The end of a poll.


def test_the_processes_end_with_the_poll_and_are_buried() -> None:
    """A process that polls for days would else collect dead children."""

    async def work(started: Workers) -> set[int]:
        await asyncio.gather(*(started.scan(body(str(n), LARGE)) for n in range(4)))
        return {each.pid for each in processes()}

    pids = in_workers(work) | in_workers(work)
    assert len(pids) >= 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.parametrize("when", ["starting", "scanning", "idle"])
def test_a_poll_that_is_cancelled_leaves_no_process_behind(when: str) -> None:
    """The fixture looks for one."""

    async def a_poll(is_so_far: asyncio.Event) -> None:
        async with Workers(CONDITIONS) as started:
            hangs = OnArrival(time.sleep, 600) if when == "scanning" else None
            bodies = [body("first", LARGE), *(body(str(n), LARGE, hangs) for n in range(4))]
            scans = asyncio.gather(*map(started.scan, bodies))
            if when == "idle":
                await scans
            elif when == "scanning":
                await _until(processes)
            is_so_far.set()
            await scans
            await asyncio.sleep(600)

    async def main() -> bool:
        is_so_far = asyncio.Event()
        task = asyncio.create_task(a_poll(is_so_far))
        await asyncio.wait_for(is_so_far.wait(), 60)
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task], timeout=60)
        return task.cancelled()

    assert loop.run(main())


def test_what_fails_in_the_poll_ends_the_processes_too() -> None:
    async def work(started: Workers) -> None:
        await asyncio.gather(*(started.scan(body(str(n), LARGE)) for n in range(4)))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_workers(work)


def test_the_processes_of_a_poll_that_is_killed_end_by_themselves() -> None:
    """Nobody is there to end them: they see that their input has ended."""
    script = (
        "import asyncio\n"
        "from tests import test_workers as t\n"
        "async def work(started):\n"
        "    await asyncio.gather(*(started.scan(t.body(str(n), t.LARGE)) for n in range(4)))\n"
        "    print(*(each.pid for each in t.processes()), flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "t.in_workers(work, 600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as killed:
        assert killed.stdout
        children = [psutil.Process(int(pid)) for pid in killed.stdout.readline().split()]
        killed.kill()
    assert children
    assert psutil.wait_procs(children, timeout=30)[1] == []
