"""What the archive, what was published and the other shows say about the insights of a day. Pure functions over arrays.

* novelty: 1 less (p / s) ^ 6, where p is the greatest chance that an insight of an earlier day makes the same point and s
  that from which on it is taken to (0 from there on). The power, because among very many some are always somewhat near, and
  an archive that grows must not make everything old. What other shows said in the last ``LATELY_DAYS`` days does not count
  against it: that is corroboration.
* novelty against what was published: the same, against the insights that were shown in the last 90 days.
* corroboration: how many other shows make the same point on the day or lately, as n / (n + 1).
"""

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from podcast_assets.likeness import AROUND, Around, Measure, Texts, around
from podcast_assets.ranking.related import LOOKED_AT, most_related
from podcast_assets.vectors.archive import Archive
from podcast_assets.vectors.nearest import nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

LATELY_DAYS = 14
HELD_AGAINST = 128  # of the nearest by meaning, for novelty
LOOKED_AT_PUBLISHED, LOOKED_AT_NEW = 32, 64
DIGITS = 5  # of a chance: further ones depend on how many are worked out at once
SAMPLE = 16_384  # insights of the archive that may surround another one
FAR = 0.2  # the cosine of two insights of a day below which they make no common point
PAIRS = 4_096  # compared at once: what they need stays in the processor's cache
STEEP = 6


@dataclasses.dataclass(frozen=True)
class Contest:
    """Insights that compete, a row each: identities, shows, episodes, and what they are compared by."""

    ids: Sequence[str]
    feeds: Sequence[str]
    episodes: Sequence[str]
    texts: Texts


@dataclasses.dataclass(frozen=True)
class Published:
    """Insights that were shown: identities, whether on a day before, and what they are compared by."""

    ids: Sequence[str]
    is_before: "NDArray[np.bool_]"
    texts: Texts


@dataclasses.dataclass(frozen=True)
class Evidence:
    """A row an insight that competes. ``nearest`` are identities, None where there is nothing; ``same`` is symmetric.

    ``novelty_published`` is NaN where nothing was published; ``repeats`` names the published insight that says the same;
    ``related`` are identities of other episodes with how related they are, best first.
    """

    novelty: "NDArray[Any]"
    nearest: list[str | None]
    novelty_published: "NDArray[Any]"
    nearest_published: list[str | None]
    repeats: list[str | None]
    also_on: "NDArray[Any]"
    same: "NDArray[Any]"
    related: list[list[tuple[str, float]]]


def evidence_of(day: dt.date, own: Contest, archive: Archive, published: Published, measure: Measure) -> Evidence:
    """What is known about the insights that compete on ``day``; they may be rows of the archive themselves."""
    is_past = archive.before(day)
    is_past[archive.named(own.ids)] = False  # what comes late is not held against itself, nor against what came with it
    is_lately = is_past & (np.asarray(archive.days) >= day.toordinal() - LATELY_DAYS)
    scale = _Scale(own.texts, surroundings(own, archive, is_past), measure)
    same = scale.all_pairs()
    # Apart, so that what other shows say lately, and does not count, hides nothing older.
    older, lately = (
        nearest(own.texts.vectors, archive.vectors, rows, LOOKED_AT)[0] for rows in (is_past & ~is_lately, is_lately)
    )
    said_lately = scale.chances(Texts(archive.vectors, archive.terms), lately)
    known, nearest_ids = _best_known(own, archive, (older[:, :HELD_AGAINST], lately), said_lately, scale)
    shown, _ = nearest(own.texts.vectors, published.texts.vectors, None, LOOKED_AT_PUBLISHED)
    chances = scale.chances(published.texts, shown)
    names = np.array([*published.ids, ""])  # the last is that of place -1
    repeats = _best(chances, shown, names)
    before = _best(np.where(published.is_before[shown], chances, -1.0) if len(published.ids) else chances, shown, names)
    return Evidence(
        novelty=_novelty(known, measure),
        nearest=nearest_ids,
        novelty_published=_novelty(before[1], measure) if published.is_before.any() else np.full(len(own.ids), np.nan),
        nearest_published=[str(names[place]) or None for place in before[0]],
        repeats=[str(names[at]) if value >= measure.same_from else None for at, value in zip(*repeats, strict=True)],
        also_on=_also_on(own, archive, lately, said_lately, same, measure),
        same=same,
        related=_related(day, own, archive, np.hstack([older, lately]), is_past, measure),
    )


def surroundings(own: Contest, archive: Archive, is_past: "NDArray[np.bool_]") -> Around:
    """What surrounds insights among those of the days before: what is said beside them changes nothing for them.

    Of an archive with more than ``SAMPLE`` insights a sample counts, so that it does not become denser as it grows.
    Identities are hashes: those that come first in their order are as good as drawn by lot.
    """
    rows = np.flatnonzero(is_past)
    if len(rows) > SAMPLE:
        heads = archive.ids[rows].view(">u8")[::2]
        rows = rows[heads < int.from_bytes(f"{int(SAMPLE / len(rows) * 16**8):08x}".encode())]
    places, _ = nearest(own.texts.vectors, archive.vectors, rows, AROUND)
    return around(Texts(archive.vectors, archive.terms), places)


@dataclasses.dataclass(frozen=True)
class _Scale:
    """How insights are held against others."""

    texts: Texts
    near: Around
    measure: Measure

    def chances(self, others: Texts, places: "NDArray[Any]") -> "NDArray[Any]":
        """The chance that each insight and each of the others at its ``places`` make the same point; -1 for none."""
        chances = np.full(places.shape, -1.0, np.float32)
        rows, columns = np.nonzero(places >= 0)
        for start in range(0, len(rows), PAIRS):
            at, to = rows[start : start + PAIRS], columns[start : start + PAIRS]
            chances[at, to] = self.measure.same(self.texts[at], others[places[at, to]], self.near[at])
        return np.round(chances, DIGITS)

    def all_pairs(self) -> "NDArray[Any]":
        """The same for the insights among each other: the mean of both ways, 1 on the diagonal, 0 where they are far."""
        same = np.zeros((len(self.texts), len(self.texts)), np.float32)
        left, right = np.nonzero(np.round(self.texts.vectors @ self.texts.vectors.T, 5) >= FAR)
        for start in range(0, len(left), PAIRS):
            rows, columns = left[start : start + PAIRS], right[start : start + PAIRS]
            same[rows, columns] = self.measure.same(self.texts[rows], self.texts[columns], self.near[rows])
        both = np.round((same + same.T) / 2, DIGITS)
        np.fill_diagonal(both, 1.0)
        return both


def _novelty(chance: "NDArray[Any]", measure: Measure) -> "NDArray[Any]":
    return np.round(1 - np.clip(chance.astype(np.float64) / measure.same_from, 0.0, 1.0) ** STEEP, 6)


def _best(chances: "NDArray[Any]", places: "NDArray[Any]", names: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any]]":
    """In each row the place of the greatest chance, of equals that whose name comes first, and the chance; -1 for none."""
    if not chances.size:
        return np.full(len(chances), -1), np.full(len(chances), -1.0)
    value = chances.max(axis=1)
    place = [min(at[row == most], key=lambda one: names[one]) for row, most, at in zip(chances, value, places, strict=True)]
    return np.where(value < 0, -1, place), value


def _best_known(
    own: Contest,
    archive: Archive,
    places: "tuple[NDArray[Any], NDArray[Any]]",
    said_lately: "NDArray[Any]",
    scale: _Scale,
) -> "tuple[NDArray[Any], list[str | None]]":
    """The greatest chance that something older, or said lately by the same show, makes the same point; and what."""
    older, lately = places
    feeds = np.array(own.feeds, archive.feeds.dtype)[:, None]
    by_own_show = np.where(archive.feeds[lately] == feeds, said_lately, -1.0) if len(archive) else said_lately
    chances = np.hstack([scale.chances(Texts(archive.vectors, archive.terms), older), by_own_show])
    place, value = _best(chances, np.hstack([older, lately]), archive.ids)
    return value, [archive.ids[at].decode() if at >= 0 else None for at in place]


def _also_on(
    own: Contest,
    archive: Archive,
    lately: "NDArray[Any]",
    said_lately: "NDArray[Any]",
    same: "NDArray[Any]",
    measure: Measure,
) -> "NDArray[Any]":
    """How many other shows make the same point, on the day or lately."""
    shows: list[set[str]] = [set() for _ in own.ids]
    for row, column in np.argwhere(same >= measure.same_from):
        shows[row].add(own.feeds[column])
    for row, column in np.argwhere(said_lately >= measure.same_from):
        shows[row].add(archive.feeds[lately[row, column]].decode())
    return np.array([len(found - {feed, ""}) for found, feed in zip(shows, own.feeds, strict=True)], np.int64)


def _related(
    day: dt.date, own: Contest, archive: Archive, past: "NDArray[Any]", is_past: "NDArray[np.bool_]", measure: Measure
) -> list[list[tuple[str, float]]]:
    """The most related of other episodes, of the days before and of those that came with them."""
    is_new = (np.asarray(archive.days) <= day.toordinal()) & ~is_past
    new, _ = nearest(own.texts.vectors, archive.vectors, is_new, LOOKED_AT_NEW)
    places = np.hstack([past, new])
    if len(archive):
        ours = archive.episodes[places] == np.array(own.episodes, archive.episodes.dtype)[:, None]
        places[ours] = -1
    found = most_related(own.texts, Texts(archive.vectors, archive.terms), places, measure, np.asarray(archive.ids))
    return [[(archive.ids[place].decode(), value) for place, value in each] for each in found]
