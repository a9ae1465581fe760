"""Manners towards hosts: a few requests at a time, none after being asked to wait, none to one that is down.

A host may serve thousands of the feeds. What one of them learns of it spares it, and us, the others: that it wants to be
left alone holds for the rest of the poll, and so does silence, which would else cost a time-out each. What another host has
said or left unsaid, to which a feed was redirected, is nothing to this one's other feeds.
"""

import asyncio
import datetime as dt
import itertools
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from podcast_assets.http.errors import FetchError

T = TypeVar("T")

SILENT = 3  # requests in a row without any answer, after which a host counts as down


class WaitError(FetchError):
    """A host that wants to be left alone until ``moment``."""

    def __init__(self, moment: dt.datetime) -> None:
        super().__init__(f"not asked: its host wants to be left alone until {moment:%Y-%m-%d %H:%M} UTC")
        self.moment = moment


class Host:
    """What a poll knows of one host."""

    def __init__(self, name: str, at_once: int) -> None:
        self._name = name
        self._slots = asyncio.Semaphore(at_once)
        self._silences = 0
        self.has_answered = False
        self.waits_until: dt.datetime | None = None

    @property
    def is_silent(self) -> bool:
        """Whether it was asked, and never answered."""
        return self._silences > 0 and not self.has_answered

    def rest(self, until: dt.datetime | None) -> None:
        """Notes until when the host wants to be left alone; None says nothing of it."""
        self.waits_until = max(filter(None, (self.waits_until, until)), default=None)

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Waits for a place to ask the host in, and asks.

        Raises:
            WaitError: it wants to be left alone.
            FetchError: it is down, or what ``question`` raises.
        """
        async with self._slots:
            if self.waits_until:
                raise WaitError(self.waits_until)
            if self._silences >= SILENT:
                raise FetchError(f"not asked: its host did not answer {SILENT} others just now", kind="connect")
            try:
                answer = await question()
            except FetchError as error:
                self._note(answers=not error.is_silence or error.host not in {None, self._name})
                raise
            self._note(answers=True)
            return answer

    def _note(self, *, answers: bool) -> None:
        self._silences = 0 if answers else self._silences + 1
        self.has_answered |= answers


class Hosts(dict[str, Host]):
    """The hosts of a poll by their names, each there as soon as it is asked for."""

    def __init__(self, at_once: int) -> None:
        super().__init__()
        self._at_once = at_once

    def __missing__(self, name: str) -> Host:
        self[name] = Host(name, self._at_once)
        return self[name]


def in_turn(items: Iterable[T], host_of: Callable[[T], str]) -> list[T]:
    """The items so that hosts take turns: those of one in a row would all wait for it, and keep others from being asked."""
    by_host: dict[str, list[T]] = {}
    for item in items:
        by_host.setdefault(host_of(item), []).append(item)
    rounds = itertools.zip_longest(*([(item,) for item in group] for group in by_host.values()), fillvalue=())
    return [item for round_ in rounds for place in round_ for item in place]
