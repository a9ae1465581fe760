"""An episode as the methods of finding insights take it, and what they make of it."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from podcast_assets.speech import Segment


@dataclasses.dataclass(frozen=True)
class Episode:
    """What was said, and what its publisher says about it. ``chapters``: ``start_s`` and ``title`` each."""

    day: dt.date
    episode_id: str
    show: str
    title: str
    notes: str
    language: str | None
    chapters: Sequence[Mapping[str, Any]]
    segments: Sequence[Segment]


@dataclasses.dataclass(frozen=True)
class Found:
    """An episode's rows (schema ``insight_candidates``), and what was left out of the search before it began.

    ``sponsor_s``: seconds of sponsor reads. ``deferred``: why it has to wait; then there are no rows. ``remarks``: what
    else a reader of the tables should know.
    """

    rows: list[dict[str, Any]]
    sponsor_s: float = 0.0
    deferred: str | None = None
    remarks: tuple[str, ...] = ()
