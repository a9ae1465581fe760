"""Progress of the long steps: a bar in the terminal, log lines in the Dagster UI.

A stage says ``with progress.steps("polling feeds", total, log) as step: ... step("Show title")``. What becomes of it is
decided at the edge: the command line puts a bar there (:func:`show_in`), everywhere else a log line tells of each tenth.
"""

import contextlib
import contextvars
import logging
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Optional, Protocol

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

Step = Callable[[str], None]
QUIET_S = 5.0  # a log line at most this often

_bars: contextvars.ContextVar[Optional["Progress"]] = contextvars.ContextVar("bars", default=None)


class Log(Protocol):
    """What can take a log line: Dagster's ``context.log`` or a standard logger."""

    def info(self, msg: object, /) -> None:
        """Logs a line."""


@contextlib.contextmanager
def show_in(console: "Console") -> Iterator[None]:
    """Shows the steps inside the block as bars on ``console``; each vanishes when it is done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("  {task.description}", style="bold"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[item]}", style="dim", markup=False),  # a stranger's words,
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        token = _bars.set(bars)
        try:
            yield
        finally:
            _bars.reset(token)


@contextlib.contextmanager
def steps(what: str, total: int, log: Log | None = None) -> Iterator[Step]:
    """Counts ``total`` steps of ``what``; call the yielded function once a step, with the item's name."""
    bars, log = _bars.get(), log or logging.getLogger(__name__)
    task = bars.add_task(what, total=total, item="") if bars else None
    done, told = 0, time.monotonic()

    def step(item: str = "") -> None:
        nonlocal done, told
        done += 1
        if bars is not None and task is not None:
            bars.update(task, advance=1, item=item[:40])
        if time.monotonic() - told >= QUIET_S:
            told = time.monotonic()
            log.info(f"{what}: {done} of {total}")

    try:
        yield step
    finally:
        if bars is not None and task is not None:
            bars.remove_task(task)
