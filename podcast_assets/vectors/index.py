"""Bringing the archive up to date with the lake.

Belongs here: which days have changed, adding their rows, clearing out rows that belong to nothing any more. Does not belong
here: the form of the files (``archive``), the vectors of a day (``store``).

Everything here can be made again from the lake. One process writes at a time. What was added counts when the manifest is
replaced, so a process that is killed at any moment leaves the archive as it was before.
"""

import dataclasses
import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from podcast_assets import progress
from podcast_assets.embedding import Embedder
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.likeness import terms_of
from podcast_assets.storage import Lake, locked, sync
from podcast_assets.vectors.archive import (
    IDS,
    MANIFEST,
    Archive,
    Day,
    Manifest,
    folder_of,
    open_archive,
    open_columns,
    read_manifest,
    write_manifest,
)
from podcast_assets.vectors.store import text_of, vectors_of

DEAD = 0.25  # the share of rows that may belong to no insight
COLUMNS = ("insight_id", "episode_id", "claim", "body", "quote", "status")


@dataclasses.dataclass(frozen=True)
class Refreshed:
    """What bringing the archive up to date took."""

    embedded: int  # texts
    of_earlier_days: int  # of these, those of other days than the newest
    days: int  # that were read anew
    rebuilt: str | None  # why it was made from nothing, where there was one


def refresh(lake: Lake, root: Path, embedder: Embedder, log: progress.Log) -> tuple[Archive, Refreshed]:
    """The archive of the embedder's model below ``root`` as the lake is now; only days that have changed are read.

    Raises:
        PodcastAssetsError: an id of the lake is longer than ours are, or the model gives vectors of different lengths.
    """
    folder = folder_of(root, embedder.name)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(root):  # of all models: they share the lake's partitions
        kept, rebuilt = read_manifest(folder, embedder.name)
        if rebuilt:
            log.info(f"the archive of vectors is made anew: {rebuilt}")
            (folder / MANIFEST).unlink(missing_ok=True)
        _sweep(folder, kept)
        stamps = {day: lake.path("insight_candidates", day).stat() for day in lake.days("insight_candidates")}
        manifest = dataclasses.replace(
            kept,
            days={
                day: entry
                for day, entry in kept.days.items()
                if day in stamps
                and (entry.size, entry.mtime_ns) == (stamps[day].st_size, stamps[day].st_mtime_ns)
                and (not entry.rows or lake.path("vectors", day).exists())
            },
        )
        changed = sorted(stamps.keys() - manifest.days.keys())
        embedded = dict.fromkeys(changed, 0)
        with progress.steps("reading insights", len(changed), log) as step:
            for day in changed:
                stamp = stamps[day]  # of before it is read: what comes meanwhile is read the next time
                columns, embedded[day] = _read(lake, day, embedder, log, manifest.dimensions)
                manifest = _added(folder, manifest, columns)
                entry = Day(manifest.rows - len(columns["ids"]), len(columns["ids"]), stamp.st_size, stamp.st_mtime_ns)
                manifest = dataclasses.replace(manifest, days={**manifest.days, day: entry})
                step(str(day))
        if manifest != kept:
            if manifest.rows - manifest.alive > DEAD * manifest.rows:
                manifest = _compacted(folder, manifest)
            for path in folder.iterdir():
                sync(path)
            write_manifest(folder, manifest)
            _sweep(folder, manifest)
        archive = open_archive(folder, manifest)
    earlier = sum(count for day, count in embedded.items() if day != max(stamps))
    return archive, Refreshed(sum(embedded.values()), earlier, len(changed), rebuilt)


def _read(
    lake: Lake, day: dt.date, embedder: Embedder, log: progress.Log, dimensions: int
) -> tuple[dict[str, NDArray[Any]], int]:
    """The columns of a day's accepted insights, and how many texts were embedded for them."""
    table = lake.path("insight_candidates", day)
    found = lake.read_file("insight_candidates", table, COLUMNS).filter(pl.col("status") == "accepted")
    heard = lake.get("episodes", day).select("episode_id", "feed_id").unique("episode_id")
    found = found.unique("insight_id", keep="first", maintain_order=True).sort("insight_id")
    found = found.join(heard, on="episode_id", how="left", maintain_order="left")
    texts = [text_of(*row) for row in found.select("claim", "body", "quote").iter_rows()]
    insights = found.select("insight_id", pl.Series("text", texts, pl.String))
    vectors, embedded = vectors_of(lake, day, insights, embedder, log, dimensions)
    names = {"ids": "insight_id", "episodes": "episode_id", "feeds": "feed_id"}
    ids = {column: _ids(found[name], IDS[column], day) for column, name in names.items()}
    return {**ids, "vectors": vectors, "terms": terms_of(texts)}, embedded


def _ids(names: pl.Series, width: int, day: dt.date) -> NDArray[np.bytes_]:
    encoded = [name.encode() for name in names.fill_null("").to_list()]
    for name in encoded:
        if len(name) > width:
            raise PodcastAssetsError(
                f"the insights of {day}: {names.name} {name.decode()!r} is longer than {width} bytes, and none of ours is; "
                "materialise insight_candidates for that day anew"
            )
    return np.array(encoded, f"S{width}")


def _added(folder: Path, manifest: Manifest, columns: Mapping[str, NDArray[Any]]) -> Manifest:
    """Writes rows behind those that count; what a killed process left there goes."""
    count, dimensions = columns["vectors"].shape
    if count:
        manifest = dataclasses.replace(manifest, dimensions=dimensions)
    for name, (kind, _) in manifest.columns().items():
        path = manifest.path(folder, name)
        path.touch()
        with path.open("r+b") as file:
            file.truncate(manifest.bytes_of(name))
            file.seek(0, 2)
            file.write(np.ascontiguousarray(columns[name], kind).data)
    return dataclasses.replace(manifest, rows=manifest.rows + count)


def _compacted(folder: Path, manifest: Manifest) -> Manifest:
    """Writes the rows that belong to an insight anew, day after day, beside the old files."""
    old = open_columns(folder, manifest)
    entries = sorted(manifest.days.items())
    firsts = np.cumsum([0, *(entry.rows for _, entry in entries)]).tolist()
    days = {day: dataclasses.replace(entry, first=first) for (day, entry), first in zip(entries, firsts, strict=False)}
    new = dataclasses.replace(manifest, number=manifest.number + 1, rows=firsts[-1], days=days)
    for name, column in old.items():
        with new.path(folder, name).open("wb") as file:
            for _, entry in entries:
                file.write(np.ascontiguousarray(column[entry.first : entry.first + entry.rows]).data)
    return new


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Removes the columns that the manifest does not name: older ones, those of others, those that were never finished.

    They are removed and never cut, since some process may have them open.
    """
    ours = {MANIFEST, *(manifest.path(folder, column).name for column in manifest.columns() if manifest.rows)}
    for path in folder.iterdir():
        if path.name not in ours:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
