"""The room that downloaded audio takes: what is old goes, and what was heard goes first where room is needed.

Belongs here: the rules of removal, and whether another file may come. Does not belong here: fetching it (``fetch``).
"""

import contextlib
import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from podcast_assets.audio.partial import UNFINISHED

SHA256_LENGTH = 64  # hex digits
OURS = re.compile(rf"[0-9a-f]{{{SHA256_LENGTH}}}(\.[0-9a-z]+)?|{re.escape(UNFINISHED)}.*")  # the names we give
YOUNGEST_REMOVED = dt.timedelta(hours=6)  # another run may have just downloaded it, and wait for the GPU before it is heard


def prune(folder: Path, keep_days: int, now: dt.datetime) -> list[Path]:
    """Removes the downloads in ``folder`` that are older than ``keep_days``, and tells which.

    What we did not write stays. So does, for six hours at least, what another run may be about to hear, and for a day at
    least a temporary file that it may be writing.
    """
    removed = []
    for path in _downloads(folder):
        least = dt.timedelta(days=1) if path.name.startswith(UNFINISHED) else YOUNGEST_REMOVED
        with contextlib.suppress(FileNotFoundError):  # another run prunes the same folder
            if path.stat().st_mtime < (now - max(dt.timedelta(days=keep_days), least)).timestamp():
                path.unlink()
                removed.append(path)
    return removed


class Room:
    """The room for the audio of a run. Once a file had to wait, so do all that come after it: they are not more urgent."""

    def __init__(self, folder: Path, most_bytes: float, is_heard: Callable[[str], bool]) -> None:
        """``is_heard`` tells by a file's SHA-256 whether nobody needs it any more."""
        self._folder = folder
        self._most = most_bytes
        self._is_heard = is_heard
        self._coming = 0
        self._is_full = False

    @contextlib.contextmanager
    def for_one(self, size: int) -> Iterator[bool]:
        """Whether a file of about ``size`` bytes may come; while the block runs, its room is kept for it."""
        fits = not self._is_full and self.fits(size)
        self._is_full = self._is_full or (not fits and size <= self._most)  # one that never fits is no reason
        self._coming += size if fits else 0
        try:
            yield fits
        finally:
            self._coming -= size if fits else 0

    def fits(self, size: int = 0) -> bool:
        """Whether there is room for so many bytes more; what was heard makes way, the oldest first, if that is enough."""
        files = sorted(self._files())
        over = sum(length for _, _, length in files) + self._coming + size - self._most
        if over <= 0:
            return True
        heard = [(path, length) for _, path, length in files if self._is_heard(path.name[:SHA256_LENGTH])]
        if sum(length for _, length in heard) < over and size:
            return False
        for path, length in heard:
            if over <= 0:
                break
            path.unlink(missing_ok=True)
            over -= length
        return over <= 0

    def _files(self) -> Iterator[tuple[float, Path, int]]:
        """What is there whole; what is on its way has its room already."""
        for path in _downloads(self._folder):
            if not path.name.startswith(UNFINISHED):
                with contextlib.suppress(FileNotFoundError):
                    found = path.stat()
                    yield found.st_mtime, path, found.st_size


def _downloads(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if OURS.fullmatch(path.name) and not path.is_symlink() and path.is_file():
            yield path
