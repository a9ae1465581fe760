"""What every method of finding insights gives: rows of ``insight_candidates``, and the identity of an insight."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from podcast_assets.hashing import sha256
from podcast_assets.insights.chatter.cut import Cut
from podcast_assets.insights.talk import Sentence
from podcast_assets.schemas import SCHEMAS

CUT = "cut"  # in the column ``extractor``: nobody's find, but what was left out of the search


def normalised(quote: str) -> str:
    """A quote as its identity sees it: lower-case words, nothing else."""
    return " ".join(re.findall(r"\w+", quote.lower()))


def insight_id(episode_id: str, quote: str) -> str:
    """The identity of an insight: 16 hex digits of SHA-256 of episode_id + the normalised quote."""
    return sha256(episode_id + normalised(quote))[:16]


def kind_of(reason: str) -> str:
    """A reason without the words and numbers of the single case, so that reasons can be counted."""
    return re.sub(r"\d[\d.,]*", "…", re.sub(r"([\"']).*\1", "…", reason))


def row_of(
    day: dt.date, episode_id: str, quote: str, extractor: str, fault: str | None = None, **columns: Any
) -> dict[str, Any]:
    """A row of an episode: accepted, or rejected with the ``fault``; columns that are not given are null."""
    status = {"status": "rejected" if fault else "accepted", "reject_reason": fault}
    known = {"day": day, "insight_id": insight_id(episode_id, quote), "episode_id": episode_id, "quote": quote}
    return dict.fromkeys(SCHEMAS["insight_candidates"]) | known | {"extractor": extractor, **status, **columns}


def cut_row(day: dt.date, episode_id: str, part: Cut, sentences: Sequence[Sentence]) -> dict[str, Any]:
    """The row of what was cut out before anything was sought in it, with its words, its second and the ground."""
    spoken = sentences[part.first : part.last + 1]
    return row_of(
        day,
        episode_id,
        " ".join(sentence.text for sentence in spoken),
        CUT,
        f"{part.kind}: {part.ground}",
        insight_id=insight_id(episode_id, f"{spoken[0].start_s} {CUT}"),  # the same words are cut each time they are said
        quote_start_s=round(spoken[0].start_s, 3),
        quote_end_s=round(max(sentence.end_s for sentence in spoken), 3),
        timing=spoken[0].timing,
        speaker=spoken[0].speaker,
    )
