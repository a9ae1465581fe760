"""Whose turn it is to download, so that no host that is slow holds up the day.

Belongs here: how many at a time in all and from one host, and what is too slow. Does not belong here: what is downloaded.

A few places share the line. A download that turns out slow takes next to nothing of the line: it gives its place to the next
one and goes on apart. One that is too slow is stopped; what came is continued by a later run. Where a host has been slow for
as long as a single download may take, the rest of what it has waits for the next run.
"""

import asyncio
import contextlib
import dataclasses
import re
from collections.abc import AsyncIterator

from podcast_assets import sources
from podcast_assets.http.errors import FetchError

PLACES = 4  # more would only share the same line
APART = 8  # of the slow ones, at most
PER_HOST = 2
LONGEST_DOWNLOAD_S = 3600.0

# Speeds are averages of a window: long enough for a cold cache to wake up, and for a burst not to count for a file.
WINDOW_S = 30.0
# 128 kbit/s, as most shows are encoded: what comes more slowly takes longer than to listen to it, and an episode of an hour
# would just come within LONGEST_DOWNLOAD_S. A line of 2 Mbit/s still gives each of PLACES + APART as much.
TOO_SLOW = 16_000  # bytes a second
SLOW = 64_000  # all the places together would then use no more than 2 Mbit/s

# Trackers stand before the address that they lead to: https://tracker.example/e/host.example/show/1.mp3
_HOST_IN_PATH = re.compile(r"/(?:https?:/{1,2})?((?:[a-z0-9-]+\.)+[a-z]{2,})(?=[:/])", re.IGNORECASE)


class TooSlowError(FetchError):
    """A host that gives less than a download needs, for now."""

    def __init__(self, message: str) -> None:
        super().__init__(message, kind="timeout")
        self.is_silence = False


@dataclasses.dataclass
class Lane:
    """The downloads from one host."""

    turns: asyncio.Semaphore = dataclasses.field(default_factory=lambda: asyncio.Semaphore(PER_HOST))
    slow_since: float | None = None  # by the clock of the event loop
    is_closed: bool = False  # to the rest of this run

    def check(self) -> None:
        """Refuses a download where the host was too slow before."""
        is_late = self.slow_since is not None and _now() - self.slow_since > LONGEST_DOWNLOAD_S
        if self.is_closed or is_late:
            raise TooSlowError("its host is too slow in this run; left for the next one")


class Lanes:
    """The lanes of all hosts, and the places that they share."""

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(PLACES)
        self.apart = 0
        self._lanes: dict[str, Lane] = {}

    @contextlib.asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator["Turn"]:
        """Waits for the turn of ``address``; who waits for a host takes no place from others.

        Raises:
            TooSlowError: its host has been too slow in this run.
        """
        lane = self._lanes.setdefault(host_behind(address), Lane())
        async with lane.turns:
            lane.check()
            await self.places.acquire()
            turn = Turn(self, lane)
            try:
                yield turn
            finally:
                turn.end()


class Turn:
    """One download that has its turn."""

    def __init__(self, lanes: Lanes, lane: Lane) -> None:
        self._lanes = lanes
        self._lane = lane
        self._is_apart = False
        self.begin()

    def begin(self) -> None:
        """Measures the speed from here."""
        self._since, self._bytes = _now(), 0

    def moved(self, count: int) -> None:
        """Tells of ``count`` bytes that have come.

        Raises:
            TooSlowError: it is too slow.
        """
        self._bytes += count
        seconds = _now() - self._since
        if seconds < WINDOW_S:
            return
        speed = self._bytes / seconds
        if speed < TOO_SLOW:
            self._lane.is_closed = True
            raise TooSlowError(f"too slow: {speed / 1000:.1f} kB/s, and less than {TOO_SLOW / 1000:g} is given up")
        if speed < SLOW:
            self._lane.slow_since = self._lane.slow_since or _now()
            self.step_aside()
        else:
            self._lane.slow_since = None
        self.begin()

    def step_aside(self) -> None:
        """Gives the place to the next one, if there is room apart."""
        if not self._is_apart and self._lanes.apart < APART:
            self._is_apart = True
            self._lanes.apart += 1
            self._lanes.places.release()

    def end(self) -> None:
        """Gives back what it has."""
        if self._is_apart:
            self._lanes.apart -= 1
        else:
            self._lanes.places.release()


def host_behind(address: str) -> str:
    """The host that the bytes will come from, as far as the address tells: the last one that it names.

    A guess that is wrong costs some fairness and nothing else.
    """
    named = _HOST_IN_PATH.findall(sources.without_query(address))
    return named[-1].lower() if named else sources.host(address)


def _now() -> float:
    return asyncio.get_running_loop().time()
