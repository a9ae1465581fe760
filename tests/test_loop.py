"""The event loop of a poll: results, errors and interrupts pass through it, and nothing is left of it."""

import asyncio
import contextvars
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest
import uvloop

from podcast_assets.feeds import loop


class StopError(BaseException):
    """What Dagster's handlers raise is no KeyboardInterrupt, and no Exception either."""


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_what_main_gives_is_given_by_uvloop_in_another_thread() -> None:
    async def main() -> tuple[type, bool]:
        return type(asyncio.get_running_loop()), threading.current_thread() is threading.main_thread()

    assert loop.run(main()) == (uvloop.Loop, False)


@pytest.mark.parametrize("error", [ValueError("odd"), KeyboardInterrupt(), asyncio.CancelledError(), StopError()])
def test_what_main_raises_is_raised(error: BaseException) -> None:
    async def main() -> None:
        raise error

    with pytest.raises(type(error)):
        loop.run(main())


def test_the_callers_context_is_that_of_main_and_stays_as_it_was() -> None:
    """The progress bars depend on it."""
    variable = contextvars.ContextVar("variable", default="nobody's")
    token = variable.set("the caller's")

    async def main() -> str:
        found = variable.get()
        variable.set("main's")
        return found

    assert loop.run(main()) == "the caller's"
    assert variable.get() == "the caller's"
    variable.reset(token)


def test_loops_follow_each_other_and_may_run_inside_of_another_loop() -> None:
    async def inner() -> int:
        return 1

    async def outer() -> int:
        return loop.run(inner()) + loop.run(inner())

    assert asyncio.run(outer()) == 2


@pytest.mark.parametrize("raised", [KeyboardInterrupt, StopError])
def test_an_interrupt_of_the_caller_cancels_main_which_cleans_up_first(raised: type[BaseException]) -> None:
    done: list[str] = []

    def handler(_signal: int, _frame: FrameType | None) -> None:
        raise raised

    async def main() -> None:
        try:
            await asyncio.sleep(0.1)  # the caller waits by then
            os.kill(os.getpid(), signal.SIGINT)  # as Ctrl-C; it is for the main thread
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)
            done.append("cleaned up")
            raise

    before = signal.signal(signal.SIGINT, handler)
    try:
        with pytest.raises(raised):
            loop.run(main())
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == ["cleaned up"]


def test_an_interrupt_after_the_end_is_nothing_to_the_loop() -> None:
    """The loop is closed by then: there is nobody to tell."""

    async def main() -> str:
        return "done"

    def handler(_signal: int, _frame: FrameType | None) -> None:
        raise StopError

    before = signal.signal(signal.SIGINT, handler)
    try:
        assert loop.run(main()) == "done"
        with pytest.raises(StopError):
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


# --- Doing one thing for many.


def test_each_item_is_done_once_and_no_more_at_once_than_allowed() -> None:
    done: list[int] = []
    busy = most = 0

    async def work(item: int) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        await asyncio.sleep(0.001 * (item % 3))
        busy -= 1
        done.append(item)

    loop.run(loop.for_all(range(50), work, 7))
    assert sorted(done) == list(range(50))
    assert most == 7


@pytest.mark.parametrize("items", [[], [1]])
def test_fewer_items_than_places(items: list[int]) -> None:
    done: list[int] = []

    async def work(item: int) -> None:
        done.append(item)

    loop.run(loop.for_all(items, work, 7))
    assert done == items


def test_an_error_of_one_item_ends_it_all() -> None:
    """What a feed does wrong is a row; what gets through to here is our own mistake, and must be seen."""
    cancelled: list[int] = []

    async def work(item: int) -> None:
        if item == 3:
            raise ZeroDivisionError
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    with pytest.raises(ZeroDivisionError):
        loop.run(loop.for_all(range(9), work, 5))
    assert sorted(cancelled) == [0, 1, 2, 4]
