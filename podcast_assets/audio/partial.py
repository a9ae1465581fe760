"""A file on its way: what of it is on the disk already, and of which file of the web it is a part.

Belongs here: the temporary file, the note beside it, the lock, the hash. Does not belong here: the network. Each download
has one temporary name, which every process finds again; whoever holds the lock on that file alone writes to it.
"""

import asyncio
import contextlib
import dataclasses
import hashlib
import io
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

from podcast_assets.audio.ranges import Origin
from podcast_assets.hashing import sha256
from podcast_assets.storage import sync

UNFINISHED = ".download-"  # the start of a temporary name
NOTE_EVERY = 4_000_000  # bytes; so many at most are lost where the process is killed
LOOK_EVERY_S = 0.2  # at a lock that another process holds


class Part:
    """The first ``size`` bytes of ``origin``, in a file that is locked; use :func:`opened`.

    The note beside the file says how many bytes of what origin there are, and their hash: it need not be forced to the disk,
    since what a power cut leaves of either is found out by the hash.
    """

    def __init__(self, path: Path, file: io.FileIO) -> None:
        self.path = path
        self.size = 0
        self.best = 0  # the largest size so far, also of what was begun anew
        self.origin: Origin | None = None
        self._note = path.with_name(f"{path.name}.json")
        self._file = file
        self._noted = 0
        self._digest = hashlib.sha256()
        self._is_published = False

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are there that were announced."""
        return self.origin is not None and self.size == self.origin.total

    @property
    def sha256(self) -> str:
        """Of the bytes that are there."""
        return self._digest.hexdigest()

    def load(self) -> None:
        """Takes up what was left, if it is still what was noted; else begins anew."""
        try:
            note = json.loads(self._note.read_bytes())
            origin, size, expected = Origin(**note["origin"]), int(note["size"]), note["sha256"]
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            self.restart(None)
            return
        digest, left = hashlib.sha256(), size
        while left > 0 and (chunk := self._file.read(min(left, 1 << 20))):
            digest.update(chunk)
            left -= len(chunk)
        if left or digest.hexdigest() != expected:
            self.restart(None)
            return
        self._file.truncate(size)
        self._file.seek(size)
        self.origin, self.size, self.best, self._noted, self._digest = origin, size, size, size, digest

    def restart(self, origin: Origin | None) -> None:
        """Begins anew, with a file of ``origin``."""
        self._note.unlink(missing_ok=True)
        self._file.seek(0)
        self._file.truncate()
        self.origin, self.size, self._noted, self._digest = origin, 0, 0, hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Adds what comes next."""
        left = memoryview(chunk)
        while left:  # a disk that is nearly full may take a part
            left = left[self._file.write(left) :]
        self._digest.update(chunk)
        self.size += len(chunk)
        self.best = max(self.best, self.size)
        if self.size - self._noted >= NOTE_EVERY:
            self.note()

    def note(self) -> None:
        """Notes what is there, where it could be continued."""
        if self.origin is None or self.origin.validator is None:
            return
        note = {"origin": dataclasses.asdict(self.origin), "size": self.size, "sha256": self.sha256}
        self._note.write_text(json.dumps(note))
        self._noted = self.size

    def fileno(self) -> int:
        """Of the open file, for who looks into it."""
        return self._file.fileno()

    def publish(self, path: Path) -> None:
        """Gives the file, which is on the disk (``os.fsync``), its final name."""
        os.fchmod(self.fileno(), 0o644)  # a worker of another user may have to read it
        self._note.unlink(missing_ok=True)
        self.path.replace(path)
        self._is_published = True  # what has the temporary name from now on is another process's
        sync(path.parent)

    def discard(self) -> None:
        """Removes what has not been published."""
        if not self._is_published:
            self._note.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def leave(self) -> None:
        """Keeps on the disk what a later run can continue, and nothing else."""
        if self.size and self.origin is not None and self.origin.validator is not None and not self._is_published:
            self.note()
        else:
            self.discard()


@contextlib.asynccontextmanager
async def opened(folder: Path, key: str) -> AsyncIterator[Part]:
    """The part of the download ``key`` in ``folder``, for nobody else until the block ends; waits for who has it now.

    It is kept where the block raises and it can be continued; what a block that ends well has not published is not needed.

    Raises:
        OSError: our own disk refuses it; then nothing is kept, since room may be what is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{UNFINISHED}{sha256(key)}"
    with await _locked(path) as file:
        part = Part(path, file)
        await asyncio.to_thread(part.load)
        try:
            yield part
            part.discard()
        except OSError:
            part.discard()
            raise
        except BaseException:  # also where the run is interrupted
            part.leave()
            raise


async def _locked(path: Path) -> io.FileIO:
    """The file at ``path``, locked. Who had it before may have renamed or removed it: then it is another file by now."""
    import fcntl

    while True:
        file = io.FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except BlockingIOError:
            await asyncio.sleep(LOOK_EVERY_S)
        except FileNotFoundError:
            pass
        except BaseException:
            file.close()
            raise
        file.close()
