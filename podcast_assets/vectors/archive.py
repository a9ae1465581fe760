"""The archive: all insights of all days with their vectors, as few flat files that are mapped into memory.

Belongs here: the form of the files, the manifest that says what in them counts, opening them. Does not belong here: when
they are written (``index``).

Layout, below ``<data_dir>/cache/vectors/<model>/``::

    manifest.json      the model, how many rows count, and which of them are which day's
    vectors-7          one column, row after row, nothing else; so ids-7, episodes-7, feeds-7, terms-7

Rows are added at the end, and count once the manifest says so. When too many belong to no insight any more, the columns are
written anew under the next number.
"""

import dataclasses
import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from podcast_assets.hashing import sha256
from podcast_assets.likeness import WIDTH, terms_of
from podcast_assets.storage import write_bytes

FORMAT = 1
MANIFEST = "manifest.json"
IDS: Final = {"ids": 16, "episodes": 16, "feeds": 12}  # bytes
GONE: Final = np.iinfo(np.int32).max  # the day of rows that belong to no insight any more: after all others
PROBE = "In 2019, Zoë Lovelace's team told Reuters that building cheap chips cost 40% more power: 安いチップは高くつく."


@dataclasses.dataclass(frozen=True)
class Archive:
    """The insights of all days in no particular order; a row of every array is one of them.

    Rows that belong to no insight any more have ``GONE`` for a day: ``before``, ``rows_of`` and ``find`` never give them.
    """

    model: str
    ids: NDArray[np.bytes_]
    episodes: NDArray[np.bytes_]
    feeds: NDArray[np.bytes_]
    days: NDArray[np.int32]  # proleptic ordinals
    vectors: NDArray[np.float32]
    terms: NDArray[np.uint32]

    def __len__(self) -> int:
        """How many rows the arrays have."""
        return len(self.ids)

    def before(self, day: dt.date) -> NDArray[np.bool_]:
        """A mask of the rows of all days before ``day``."""
        return self.days < day.toordinal()

    def rows_of(self, day: dt.date) -> NDArray[np.int64]:
        """The numbers of a day's rows, by insight_id."""
        return np.flatnonzero(self.days == day.toordinal())

    def named(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of these insights, and perhaps of some that begin alike; one may have rows of several days."""
        asked = np.array([name.encode() for name in ids], self.ids.dtype)
        heads, asked_heads = (names.view(np.uint64)[::2] for names in (self.ids, asked))  # numbers are found much faster
        return np.flatnonzero(np.isin(heads, asked_heads) & (self.days != GONE))

    def find(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The row of each insight, or -1."""
        rows = self.named(ids)
        places = dict(zip(self.ids[rows].tolist(), rows.tolist(), strict=True))
        return np.array([places.get(name.encode(), -1) for name in ids], np.int64)


@dataclasses.dataclass(frozen=True)
class Day:
    """Which rows are a day's, and of which file they were made."""

    first: int
    rows: int
    size: int
    mtime_ns: int


@dataclasses.dataclass(frozen=True)
class Manifest:
    """What in the files counts."""

    model: str
    terms: str  # tells by which rules words become terms
    dimensions: int = 0
    number: int = 0  # in the files' names
    rows: int = 0
    days: dict[dt.date, Day] = dataclasses.field(default_factory=dict)

    @property
    def alive(self) -> int:
        """How many rows belong to an insight."""
        return sum(day.rows for day in self.days.values())

    def columns(self) -> dict[str, tuple[np.dtype[Any], tuple[int, ...]]]:
        """The type of each column, and the shape of one of its rows."""
        return {
            **{name: (np.dtype(f"S{width}"), ()) for name, width in IDS.items()},
            "vectors": (np.dtype("<f4"), (self.dimensions,)),
            "terms": (np.dtype("<u4"), (WIDTH,)),
        }

    def path(self, folder: Path, column: str) -> Path:
        """The file of a column."""
        return folder / f"{column}-{self.number}"

    def bytes_of(self, column: str) -> int:
        """How much of a column's file counts."""
        kind, shape = self.columns()[column]
        return self.rows * kind.itemsize * int(np.prod(shape))


def folder_of(root: Path, model: str) -> Path:
    """Where the archive of a model lies; the hash tells apart what looks alike without its punctuation."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in model)[:60]
    return root / f"{plain.strip('-')}-{sha256(model)[:12]}"


def new_manifest(model: str) -> Manifest:
    """That of an archive without rows."""
    return Manifest(model, sha256(terms_of([PROBE]).tobytes())[:16])


def read_manifest(folder: Path, model: str) -> tuple[Manifest, str | None]:
    """The manifest of ``folder`` if its files bear it out, else that of an archive without rows, with the reason."""
    new = new_manifest(model)
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        if (found["format"], found["width"], found["model"], found["terms"]) != (FORMAT, WIDTH, model, new.terms):
            return new, "it was written by another version"
        days = {dt.date.fromisoformat(day): Day(*values) for day, values in found["days"].items()}
        manifest = Manifest(model, new.terms, found["dimensions"], found["number"], found["rows"], days)
        short = [column for column in manifest.columns() if _size(manifest.path(folder, column)) < manifest.bytes_of(column)]
        beyond = any(day.first + day.rows > manifest.rows for day in days.values())
    except FileNotFoundError:
        return new, None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, IsADirectoryError) as error:
        return new, f"{folder / MANIFEST} is damaged ({error!r})"
    if short or beyond:
        return new, f"{folder} is damaged: it has fewer rows than its manifest names"
    return manifest, None


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Lets all that ``manifest`` names count from now on."""
    days = {day.isoformat(): list(dataclasses.astuple(entry)) for day, entry in sorted(manifest.days.items())}
    known = {name: value for name, value in vars(manifest).items() if name != "days"}
    text = json.dumps({"format": FORMAT, "width": WIDTH, **known, "days": days}, separators=(",", ":"))
    write_bytes(folder / MANIFEST, text.encode())


def open_columns(folder: Path, manifest: Manifest) -> dict[str, NDArray[Any]]:
    """Each column, mapped into memory."""
    return {
        name: np.asarray(np.memmap(manifest.path(folder, name), kind, "r", shape=(manifest.rows, *shape)))
        if manifest.bytes_of(name)
        else np.zeros((manifest.rows, *shape), kind)
        for name, (kind, shape) in manifest.columns().items()
    }


def open_archive(folder: Path, manifest: Manifest) -> Archive:
    """The archive as ``manifest`` has it; what is added later does not show."""
    days = np.full(manifest.rows, GONE, np.int32)
    for day, entry in manifest.days.items():
        days[entry.first : entry.first + entry.rows] = day.toordinal()
    return Archive(model=manifest.model, days=days, **open_columns(folder, manifest))
