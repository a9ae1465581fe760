"""The best insights of a day compared by a model, a few at a time: what each is worth beside the others.

Belongs here: the questions, what a reply has to hold, and when there are too few of them. What is asked depends on the
insights alone, not on their order nor on other replies, so that a second run finds every reply kept.
"""

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any, Final

from podcast_assets.llm.asking import Asker
from podcast_assets.llm.client import Question, UnreadableError
from podcast_assets.llm.provider import Reply
from podcast_assets.llm.replies import is_whole, objects_of
from podcast_assets.ranking.judging.prompts import COMPARE
from podcast_assets.ranking.judging.rating import ratings_of
from podcast_assets.ranking.judging.sets import sets_of
from podcast_assets.ranking.judging.shown import Shown

MOST = 40  # insights of a day: in three rounds of sets of five, 24 questions
REPLY_TOKENS = 300  # far more than five numbers take
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["order"],
    "properties": {"order": {"type": "array", "items": {"type": "integer"}}},
}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A rating for each insight that was compared, 0 to 1, their mean a half; none where the plain ranking has to stand.

    ``reason``: why there are none, or what is missing; None where nothing is. ``calls``: questions, those too whose reply
    was kept from an earlier run.
    """

    ratings: dict[str, float]
    reason: str | None
    calls: int


def compare(asker: Asker, day: dt.date, insights: Sequence[Shown]) -> Verdict:
    """Compares the insights of a day with each other.

    Args:
        asker: who is asked.
        day: of the ranking.
        insights: the best first; of more than 40, the rest is left out. Within those, their order is of no account.

    Raises:
        OSError, PodcastAssetsError: our own disk refuses to keep a reply, or what it cost.
    """
    known = {one.insight_id: one for one in insights[:MOST]}
    if len(known) <= 1:
        return Verdict({}, "there are no two insights to compare", 0)
    sets = sets_of(known)
    answers = asker.ask(
        "comparing insights",
        [(_question(day, [known[name] for name in names]), functools.partial(_order, names=names)) for names in sets],
    )
    judged = [(names, order) for names, order in zip(sets, answers.given, strict=True) if order is not None]
    enough = 2 * len(judged) >= len(sets)
    return Verdict(ratings_of(judged) if enough else {}, answers.reason, len(sets))


def _question(day: dt.date, shown: Sequence[Shown]) -> Question:
    lines = [line for number, one in enumerate(shown, 1) for line in one.lines(str(number))]
    return COMPARE.question(day, "", lines, SCHEMA, REPLY_TOKENS, count=len(shown))


def _order(reply: Reply, names: Sequence[str]) -> list[str]:
    """The names as the reply orders them.

    Raises:
        UnreadableError: it does not have each of them once.
    """
    found = objects_of(reply, "order", "order")
    if not all(is_whole(number, len(names)) for number in found) or sorted(found) != list(range(1, len(names) + 1)):
        raise UnreadableError(f'"order" does not have each number from 1 to {len(names)} once')
    return [names[number - 1] for number in found]
