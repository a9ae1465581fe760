"""The lake: Parquet files that are written whole or not at all, and the small files that lie beside them.

Belongs here: where each table lies, reading and writing it, the seals of days, the content-addressed caches. Nothing here
knows what a table means. Dagster's face of it is ``io_manager``.

Layout, below ``<data_dir>``::

    lake/<table>/day=YYYY-MM-DD/part-0.parquet     one file a partition
    lake/<table>/part-0.parquet                    tables without partitions
    lake/sightings/<poll>.parquet                  the append-only log, one immutable file a poll; so lake/aliases
    lake/seals/YYYY-MM-DD.json                     days whose five do not change any more
    cache/<kind>/ab/abcdef...                      content that was paid for once
    archive/bodies/<poll>-<n>.parquet              the bodies of feeds, which nobody can fetch again
"""

import contextlib
import datetime as dt
import fcntl
import glob
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.schemas import SCHEMAS

PART = "part-0.parquet"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside ``path`` that takes its place when the block ends, and vanishes when it raises.

    What a killed process left of the same kind is removed: a living one holds a lock on its own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary, descriptor = _temporary(path)
    try:
        yield temporary
        # mkstemp gives 0600; what we publish is for every reader of the folder, unless its owner has said otherwise
        temporary.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
        sync(temporary)  # else a power cut may leave an empty file under the final name
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
        os.close(descriptor)


def _temporary(path: Path) -> tuple[Path, int]:
    """A new temporary file for ``path``, and the descriptor that holds its lock."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        with contextlib.suppress(OSError):  # BlockingIOError: somebody is writing it
            descriptor = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(descriptor)
    while True:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:  # else it was taken for one that was left, before it had its lock
            return Path(name), descriptor
        os.close(descriptor)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes that ask for the same lock waiting; it goes with the process, and leaves no file behind."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def sync(path: Path) -> None:
    """Waits until a file (or a folder's list of names) is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, data: bytes) -> None:
    """Writes ``data`` to ``path`` whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def check_schema(table: str, frame: pl.DataFrame) -> None:
    """Refuses a frame whose columns or types are not those of the table.

    Raises:
        PodcastAssetsError: names the table and every column that is missing, unknown or of another type.
    """
    expected, found = SCHEMAS[table], frame.schema
    if found == expected:
        return
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    typed = [
        f"{name} is {found[name]}, not {expected[name]}"
        for name in expected
        if found.get(name, expected[name]) != expected[name]
    ]
    details = [
        *([f"missing: {', '.join(missing)}"] if missing else []),
        *([f"unknown: {', '.join(unknown)}"] if unknown else []),
        *typed,
    ] or ["the columns are in another order"]
    raise PodcastAssetsError(f"table {table!r}: the frame does not match its schema ({'; '.join(details)})")


def frame_of(table: str, data: bytes, path: object, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The frame in the bytes of the table's Parquet file at ``path``; columns that an older version lacked are null.

    With ``columns`` these alone are read.

    Raises:
        PodcastAssetsError: it is damaged.
    """
    try:
        present = None if columns is None else [name for name in pl.read_parquet_schema(data) if name in columns]
        frame = pl.read_parquet(data, columns=present, hive_partitioning=False)
    except pl.exceptions.PolarsError as error:
        raise PodcastAssetsError(
            f"{path}: damaged ({error}); restore it from a backup, or remove it and materialise its table anew"
        ) from error
    schema = SCHEMAS[table] if columns is None else {name: SCHEMAS[table][name] for name in columns}
    missing = {name: kind for name, kind in schema.items() if name not in frame.schema}
    if missing:
        frame = frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in missing.items())
    if frame.columns != list(schema):
        frame = frame.select([*schema, *(name for name in frame.columns if name not in schema)])
    return frame


class Lake:
    """The tables below ``<data_dir>/lake``, by name and day."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, table: str, day: dt.date | None = None) -> Path:
        """Where the table's partition of ``day`` lies; without a day, where the table without partitions lies."""
        folder = self.root / table
        return folder / f"day={day.isoformat()}" / PART if day else folder / PART

    def days(self, table: str) -> list[dt.date]:
        """The days of which the table has a partition, oldest first."""
        found = (self.root / table).glob(f"day=*/{PART}")
        return sorted(dt.date.fromisoformat(path.parent.name.removeprefix("day=")) for path in found)

    def files(self, table: str) -> list[Path]:
        """All Parquet files of a table, oldest partition first."""
        return sorted((self.root / table).glob("**/[!.]*.parquet"))

    def write(self, table: str, frame: pl.DataFrame, day: dt.date | None = None) -> Path:
        """Writes one partition; a reader sees the old file or the new one, never a part.

        Raises:
            PodcastAssetsError: the frame does not match the table's schema, or bears another day.
        """
        check_schema(table, frame)
        if day and not frame.is_empty() and set(frame["day"]) != {day}:
            raise PodcastAssetsError(f"table {table!r}: rows of other days than {day} in its partition")
        path = self.path(table, day)
        with replacing(path) as temporary:
            frame.write_parquet(temporary)
        return path

    def read(self, table: str, day: dt.date | None = None) -> pl.DataFrame:
        """One partition.

        Raises:
            FileNotFoundError: it has not been written.
        """
        path = self.path(table, day)
        return frame_of(table, path.read_bytes(), path)

    def get(self, table: str, day: dt.date | None = None) -> pl.DataFrame:
        """One partition, or a typed empty frame where none has been written."""
        return self.read(table, day) if self.path(table, day).exists() else pl.DataFrame(schema=SCHEMAS[table])

    def read_days(self, table: str, days: Iterable[dt.date]) -> pl.DataFrame:
        """The partitions of ``days`` that exist, as one frame, in the order given."""
        return pl.concat([pl.DataFrame(schema=SCHEMAS[table]), *(self.get(table, day) for day in days)])

    def columns(self, table: str, days: Iterable[dt.date], names: Sequence[str]) -> pl.DataFrame:
        """Some columns of the partitions of ``days`` that exist, in no order; of a thousand days in a tenth of a second."""
        schema = {name: SCHEMAS[table][name] for name in names}
        paths = [path for path in (self.path(table, day) for day in days) if path.exists()]
        if not paths:
            return pl.DataFrame(schema=schema)
        try:
            scan = pl.scan_parquet(
                paths, schema=SCHEMAS[table], hive_partitioning=False, missing_columns="insert", extra_columns="ignore"
            )
            return scan.select(names).collect()
        except pl.exceptions.PolarsError:  # one by one, the error says which it is
            return pl.concat([pl.DataFrame(schema=schema), *(self.read_file(table, path, names) for path in paths)])

    def append(self, table: str, frame: pl.DataFrame, name: str) -> Path:
        """Adds one immutable file to a log; ``name`` sorts in the order of time and is never used twice."""
        check_schema(table, frame)
        path = self.root / table / f"{name}.parquet"
        if path.exists():
            raise PodcastAssetsError(f"log {table!r}: {path} is there already; a file of a log is never rewritten")
        with replacing(path) as temporary:
            frame.write_parquet(temporary)
        return path

    def log(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A whole log, in the order it was written; with ``columns`` these alone."""
        empty = pl.DataFrame(schema=SCHEMAS[table]).select(columns or list(SCHEMAS[table]))
        return pl.concat([empty, *(self.read_file(table, path, columns) for path in self.files(table))])

    def read_log_file(self, table: str, name: str) -> pl.DataFrame:
        """One file of a log, or a typed empty frame where there is none of that name."""
        path = self.root / table / f"{name}.parquet"
        return self.read_file(table, path) if path.exists() else pl.DataFrame(schema=SCHEMAS[table])

    def read_file(self, table: str, path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """One file of a table; with ``columns`` these alone."""
        return frame_of(table, path.read_bytes(), path, columns)

    def seal(self, day: dt.date, reason: str) -> None:
        """Marks a day's five as final. Sealing again changes nothing."""
        if not self.is_sealed(day):
            write_bytes(self._seal(day), json.dumps({"day": day.isoformat(), "reason": reason}).encode() + b"\n")

    def is_sealed(self, day: dt.date) -> bool:
        """Whether the day's ranking and five are final."""
        return self._seal(day).exists()

    def sealed_days(self) -> list[dt.date]:
        """All sealed days, oldest first."""
        return sorted(dt.date.fromisoformat(path.stem) for path in (self.root / "seals").glob("[!.]*.json"))

    def _seal(self, day: dt.date) -> Path:
        return self.root / "seals" / f"{day.isoformat()}.json"


class Cache:
    """Content that was paid for once (a download, a transcription), by a key that says all it depends on."""

    def __init__(self, root: Path, kind: str) -> None:
        self.root = root / kind

    def path(self, key: str) -> Path:
        """Where the content of ``key`` (hex digits) lies."""
        return self.root / key[:2] / key

    def get(self, key: str) -> bytes | None:
        """The content, or None."""
        path = self.path(key)
        return path.read_bytes() if path.exists() else None

    def put(self, key: str, data: bytes) -> None:
        """Keeps the content, whole or not at all."""
        write_bytes(self.path(key), data)

    def get_json(self, key: str) -> Any:
        """The content as the JSON value it was put as, or None; what is damaged is as good as not there."""
        try:
            return json.loads(self.get(key) or b"null")
        except ValueError:
            return None

    def put_json(self, key: str, value: Any) -> None:
        """Keeps a JSON value; its texts may hold halves of surrogate pairs, which strangers' JSON does."""
        self.put(key, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass"))
