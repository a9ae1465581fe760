"""Which insights the show's own editors chose: what its teaser holds, or what the feed marks as a soundbite. Pure functions.

A teaser says at the start, word for word, what the talk says later.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

TEASER_S = 180.0  # teasers are over by this second
APART_S = 60.0  # what is said again so soon is no teaser, but somebody who repeats himself
GRAM = 5  # words of a sequence
FEWEST = 6  # sequences in common: ten words in a row

Gram = tuple[str, ...]


def editors_choice(candidates: pl.DataFrame, segments: pl.DataFrame, episodes: pl.DataFrame) -> list[float | None]:
    """1 for each candidate that the show's editors chose; None where they said nothing of it.

    Args:
        candidates: rows of ``insight_candidates``.
        segments: of their episodes, as far as they are known.
        episodes: the same, with their soundbites.
    """
    bites = {row["episode_id"]: row["soundbites"] or () for row in episodes.iter_rows(named=True)}
    teasers: dict[str, set[Gram]] = {}
    for row in segments.filter(pl.col("start_s") < TEASER_S).iter_rows(named=True):
        teasers.setdefault(row["episode_id"], set()).update(_grams(row["text"] or ""))

    def is_chosen(row: Mapping[str, Any]) -> bool:
        name = row["episode_id"]
        return _is_bite(row, bites.get(name, ())) or _is_teased(row, teasers.get(name, set()))

    return [1.0 if is_chosen(row) else None for row in candidates.iter_rows(named=True)]


def _is_bite(row: Mapping[str, Any], bites: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the middle of a quote lies in a soundbite."""
    start, end = row["quote_start_s"], row["quote_end_s"]
    if start is None or end is None:
        return False
    marked = ((bite["start_s"], bite["duration_s"]) for bite in bites)
    return any(None not in (at, long) and at <= (start + end) / 2 <= at + long for at, long in marked)


def _is_teased(row: Mapping[str, Any], teaser: set[Gram]) -> bool:
    late = row["quote_start_s"] is not None and row["quote_start_s"] >= TEASER_S + APART_S
    return late and len(teaser & _grams(row["quote"] or "")) >= FEWEST


def _grams(text: str) -> set[Gram]:
    words = re.findall(r"[\w']+", text.lower())
    return {tuple(words[at : at + GRAM]) for at in range(len(words) - GRAM + 1)}
