"""Which related insights contradict each other, and which agree: what vectors cannot tell, a model is asked.

Belongs here: the questions, and what a reply may say of a pair. Does not belong here: which insights are related.
"""

import dataclasses
import datetime as dt
import functools
import string
from collections.abc import Sequence
from typing import Any, Final

from podcast_assets.llm.asking import Asker
from podcast_assets.llm.client import Question, UnreadableError
from podcast_assets.llm.provider import Reply
from podcast_assets.llm.replies import is_whole, objects_of
from podcast_assets.ranking.judging.prompts import RELATE
from podcast_assets.ranking.judging.shown import Shown

RELATIONS: Final = ("agrees", "contradicts", "neither")
MOST_RELATED = 10  # to an insight
GROUPS_A_CALL = 3
MOST_CALLS = 24
TOKENS_A_PAIR = 30
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["pairs"],
    "properties": {
        "pairs": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["n", "relation"],
                "properties": {"n": {"type": "integer"}, "relation": {"type": "string", "enum": [*RELATIONS]}},
            },
        }
    },
}

Group = tuple[Shown, Sequence[Shown]]
Pair = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class Told:
    """``agrees``, ``contradicts`` or ``neither`` by (insight, related); a pair that nobody has told of is not in it.

    ``reason``: why pairs are missing; None where no question failed. ``calls``: questions, those too whose reply was kept.
    """

    relations: dict[Pair, str]
    reason: str | None
    calls: int


def tell_apart(asker: Asker, day: dt.date, groups: Sequence[Group]) -> Told:
    """Asks how each insight stands to those that are related to it.

    Args:
        asker: who is asked.
        day: of the ranking.
        groups: an insight with up to ten others; the 72 first groups are asked about. Within those, order is of no account.

    Raises:
        OSError, PodcastAssetsError: our own disk refuses to keep a reply, or what it cost.
    """
    told_of = [(insight, _by_id(related[:MOST_RELATED])) for insight, related in groups if related]
    told_of = sorted(told_of[: MOST_CALLS * GROUPS_A_CALL], key=lambda group: group[0].insight_id)
    calls = [told_of[start : start + GROUPS_A_CALL] for start in range(0, len(told_of), GROUPS_A_CALL)]
    if not calls:
        return Told({}, None, 0)
    answers = asker.ask("telling agreement from contradiction", [_asked(day, call) for call in calls])
    found = {pair: word for answer in answers.given if answer is not None for pair, word in answer.items()}
    return Told(found, answers.reason, len(calls))


def _by_id(insights: Sequence[Shown]) -> list[Shown]:
    return sorted(insights, key=lambda one: one.insight_id)


def _asked(day: dt.date, groups: Sequence[Group]) -> tuple[Question, functools.partial[dict[Pair, str]]]:
    """The question about some groups, their pairs numbered through, and what reads its reply."""
    lines: list[str] = []
    pairs: list[Pair] = []
    for letter, (insight, related) in zip(string.ascii_uppercase, groups, strict=False):
        lines += insight.lines(letter)
        for one in related:
            pairs.append((insight.insight_id, one.insight_id))
            lines += one.lines(str(len(pairs)))
    tokens = TOKENS_A_PAIR * (len(pairs) + 5)
    return RELATE.question(day, "", lines, SCHEMA, tokens, count=len(pairs)), functools.partial(_relations, pairs=pairs)


def _relations(reply: Reply, pairs: Sequence[Pair]) -> dict[Pair, str]:
    """What the reply says of each pair; what it says twice counts as it was said first.

    Raises:
        UnreadableError: it says nothing of any of them.
    """
    found: dict[Pair, str] = {}
    for item in objects_of(reply, "pairs", "n"):
        if (
            isinstance(item, dict)
            and is_whole(item.get("n"), len(pairs))
            and item["n"]
            and item.get("relation") in RELATIONS
        ):
            found.setdefault(pairs[item["n"] - 1], item["relation"])
    if not found:
        raise UnreadableError(f'"pairs" has none of {", ".join(RELATIONS)} for a number from 1 to {len(pairs)}')
    return found
