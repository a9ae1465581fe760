"""Progress of the long steps: bars in the terminal, log lines in the Dagster UI.

A stage says ``with progress.steps("polling feeds", total, log) as step: ... step("Show title")``; what listens to audio for
minutes says ``progress.hearing``. What becomes of it is decided at the edge: the command line puts bars there
(:func:`show_in`), everywhere else a log line tells of it now and then.
"""

import contextlib
import contextvars
import io
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Optional, Protocol

from podcast_assets.clock import as_clock
from podcast_assets.text import one_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

Step = Callable[[str], None]
Reached = Callable[[float], None]
Episode = Callable[[str, float], contextlib.AbstractContextManager[Reached]]
QUIET_S = 5.0  # a log line at most this often
QUIET_HEARING_S = 15.0
LONGEST_ITEM = 40  # characters
SHORTEST_NAME = 20  # what is left for a name beside its bar and figures on 80 columns
FIGURES = 60
MINUTE_S = 60

_bars: contextvars.ContextVar[Optional["Progress"]] = contextvars.ContextVar("bars", default=None)


class Log(Protocol):
    """What can take a log line: Dagster's ``context.log`` or a standard logger."""

    def info(self, msg: object, /) -> None:
        """Logs a line."""


@contextlib.contextmanager
def show_in(console: "Console") -> Iterator[None]:
    """Shows the steps inside the block as bars on ``console``; each vanishes when it is done."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("  {task.description}", style="bold", markup=False),  # a stranger's words, as the last ones
        BarColumn(bar_width=12),
        TextColumn("{task.fields[amount]}", style="progress.download"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", style="progress.remaining"),
        TextColumn("{task.fields[item]}", style="dim", markup=False),
    )
    with (
        _lasting(console) as terminal,
        Progress(*columns, console=terminal, transient=True, disable=not terminal.is_terminal) as bars,
    ):
        token = _bars.set(bars)
        try:
            yield
        finally:
            _bars.reset(token)


@contextlib.contextmanager
def _lasting(console: "Console") -> Iterator["Console"]:
    """The same terminal, by a way of our own: while a step runs, Dagster keeps what goes to stdout in a file."""
    from rich.console import Console

    if not console.is_terminal or isinstance(console.file, io.StringIO):
        yield console
        return
    with os.fdopen(os.dup(console.file.fileno()), "w", encoding=console.encoding) as file:
        yield Console(file=file, markup=False, emoji=False, highlight=False)


@contextlib.contextmanager
def _bar(what: str, total: float, amount: str) -> Iterator[Callable[..., None]]:
    """A bar, if there is a terminal; the yielded function moves it."""
    if (bars := _bars.get()) is None:
        yield lambda **_: None
        return
    name = one_line(what, max(bars.console.width - FIGURES, SHORTEST_NAME))
    task = bars.add_task(name, total=total, amount=amount, left="", item="")

    def move(**fields: Any) -> None:
        bars.update(task, **fields)

    try:
        yield move
    finally:
        bars.remove_task(task)


@contextlib.contextmanager
def steps(what: str, total: int, log: Log | None = None) -> Iterator[Step]:
    """Counts ``total`` steps of ``what``; call the yielded function once a step, with the item's name."""
    log = log or logging.getLogger(__name__)
    done, started = 0, time.monotonic()
    told = started
    with _bar(what, total, f"0/{total}") as move:

        def step(item: str = "") -> None:
            nonlocal done, told
            done += 1
            now = time.monotonic()
            left = time_left((total - done) * (now - started) / done)
            move(completed=done, amount=f"{done}/{total}", left=left, item=one_line(item, LONGEST_ITEM))
            if now - told >= QUIET_S:
                told = now
                log.info(f"{what}: {done} of {total}")

        yield step


@contextlib.contextmanager
def hearing(lengths_s: Sequence[float], log: Log) -> Iterator[Episode]:
    """Follows the hearing of episodes that are ``lengths_s`` seconds long, as far as that is known.

    ``with episode(title, length_s) as reached`` is one of them, in turn; ``reached(second)`` says how far it is heard.
    """
    count, total_s = len(lengths_s), sum(lengths_s)
    started = told = time.monotonic()
    ended, passed_s = 0, 0.0  # also those that needed no hearing
    heard_s = 0.0  # what the speed is reckoned by

    with _bar("transcribing", total_s, f"0/{count}") as move_all:

        @contextlib.contextmanager
        def episode(title: str, length_s: float) -> Iterator[Reached]:
            nonlocal ended, passed_s, heard_s
            began, before_s = time.monotonic(), heard_s

            with _bar(title, length_s, _amount(0, length_s)) as move:

                def reached(second: float) -> None:
                    nonlocal told, heard_s
                    now = time.monotonic()
                    heard_s = before_s + second
                    speed = second / (now - began)
                    left = time_left((length_s - second) / speed) if 0 < second < length_s else ""
                    amount = _amount(second, length_s)
                    ahead_s = total_s - passed_s - min(second, length_s)
                    all_left = time_left(ahead_s * (now - started) / heard_s) if heard_s else ""
                    move(completed=min(second, length_s), amount=amount, left=left, item=f"{speed:.1f}x")
                    move_all(completed=total_s - ahead_s, left=all_left)
                    if now - told >= QUIET_HEARING_S:
                        told = now
                        others = f"{all_left} for all {count - ended}" if count - ended > 1 else ""
                        pace = f"{speed:.1f} times real time"
                        log.info(f"{title}: {amount} ({', '.join(filter(None, (pace, left, others)))})")

                yield reached
            ended, passed_s = ended + 1, passed_s + length_s
            move_all(completed=passed_s, amount=f"{ended}/{count}")

        yield episode


def _amount(second: float, length_s: float) -> str:
    """How far an episode is heard; past the length that was expected, nobody knows how much is to come."""
    return f"{as_clock(second)} of {as_clock(length_s)}" if second < length_s else as_clock(second)


def time_left(seconds: float) -> str:
    """How long something will still take, as people say it: ``50 s left``, ``4 min left``, ``2 h 5 min left``."""
    if seconds < MINUTE_S:
        return f"{seconds:.0f} s left"
    hours, minutes = divmod(round(seconds / MINUTE_S), 60)
    return f"{hours} h {minutes} min left" if hours else f"{minutes} min left"
