"""Rows of what a model proposed: what was kept with its grade, what was refused with the reason.

A refused text was written by a model, or by whoever wrote what it read: it is kept short, on one line, and is never ranked.
"""

import dataclasses
import json
from collections.abc import Iterable
from typing import Any

from podcast_assets.insights.episode import Episode
from podcast_assets.insights.model.grade import Grade
from podcast_assets.insights.model.prompts import EXTRACT, GRADE
from podcast_assets.insights.model.reply import GRADES, MOST_GRADE
from podcast_assets.insights.proof.locate import Found as Located
from podcast_assets.insights.proof.proposal import Proposal
from podcast_assets.insights.proof.prove import Proven, Refused
from podcast_assets.insights.rows import row_of
from podcast_assets.llm.models import Model
from podcast_assets.text import one_line

EXTRACTOR = "model"
MOST_ACCEPTED = 12  # an episode's; the ranking chooses among those of all shows
LONGEST_TEXT = 1_000  # characters of a refused text
LONGEST_REASON = 300
LONGEST_NAME = 100


@dataclasses.dataclass(frozen=True)
class Kept:
    """A proven insight, the model that found it, and the words of its quote."""

    proven: Proven
    model: Model
    words: set[str]


def kept_row(episode: Episode, one: Kept, mark: Grade | str) -> dict[str, Any]:
    """The row of what was proven: accepted by its grade, or rejected, for its grade or for the reason given."""
    proven = one.proven
    grades = {} if isinstance(mark, str) else _grades(mark)
    return row_of(
        episode.day,
        episode.episode_id,
        proven.quote,
        EXTRACTOR,
        mark if isinstance(mark, str) else mark.fault,
        quote_start_s=round(proven.quote_start_s, 3),
        quote_end_s=round(proven.quote_end_s, 3),
        timing=proven.timing,
        speaker=proven.speaker,
        claim=proven.claim,
        body=proven.body,
        kind=proven.kind,
        topics=list(proven.topics),
        **_versions(one.model),
        **grades,
    )


def refused_row(episode: Episode, proposal: Proposal, model: Model, refused: Refused) -> dict[str, Any]:
    """The row of a proposal that is not proven; where its quote was found, with the transcript's words and second."""
    place = _place(refused.found) if refused.found else {}
    return row_of(
        episode.day,
        episode.episode_id,
        refused.found.text if refused.found else one_line(proposal.quote, LONGEST_TEXT),
        EXTRACTOR,
        one_line(refused.reason, LONGEST_REASON),
        claim=one_line(proposal.claim, LONGEST_TEXT),
        body=one_line(proposal.body, LONGEST_TEXT),
        kind=one_line(proposal.kind, LONGEST_NAME) or None,
        topics=[one_line(topic, LONGEST_NAME) for topic in proposal.topics[:5]],
        **_versions(model),
        **place,
    )


def malformed_row(episode: Episode, item: Any, model: Model, fault: str) -> dict[str, Any]:
    """The row of an item of a reply that is no insight at all; its text stands where the quote would."""
    text = one_line(json.dumps(item, ensure_ascii=False), LONGEST_TEXT)
    return row_of(episode.day, episode.episode_id, text, EXTRACTOR, fault, **_versions(model))


def in_order(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """An episode's rows, the accepted first, best first, at most twelve of them; each identity once."""
    accepted: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for row in rows:
        (accepted if row["status"] == "accepted" else refused).append(row)
    accepted.sort(key=lambda row: (-row["quality"], row["quote_start_s"], row["insight_id"]))
    for row in accepted[MOST_ACCEPTED:]:
        row |= {"status": "rejected", "reject_reason": f"its episode has {MOST_ACCEPTED} better ones"}
    known: dict[str, dict[str, Any]] = {}
    for row in [*accepted, *refused]:
        known.setdefault(row["insight_id"], row)
    return list(known.values())


def _versions(model: Model) -> dict[str, str]:
    return {"model": model.name, "prompt_version": f"{EXTRACT.version} {GRADE.version}"}


def _grades(mark: Grade) -> dict[str, Any]:
    return {f"grade_{name}": getattr(mark, name) for name in GRADES} | {
        "quality": mark.quality,
        "specificity": round(mark.specificity / MOST_GRADE, 6),
    }


def _place(found: Located) -> dict[str, Any]:
    return {
        "quote_start_s": round(found.start_s, 3),
        "quote_end_s": round(found.end_s, 3),
        "timing": found.timing,
        "speaker": found.speaker,
    }
