"""The second look: claims with their evidence, graded by a model that is not told who wrote them.

The order is shuffled a call, always the same for the same claims, so that no place in the list is favoured and a re-run asks
the same question.
"""

import asyncio
import dataclasses
import datetime as dt
import random
from collections.abc import Sequence
from typing import Any, Final

from podcast_assets.hashing import sha256
from podcast_assets.insights.model.prompts import GRADE
from podcast_assets.insights.model.reply import GRADES, MOST_GRADE, grades_of
from podcast_assets.insights.proof.prove import Proven
from podcast_assets.llm.client import Client
from podcast_assets.llm.models import Model

MOST_A_CALL = 20
TOKENS_A_GRADE = 60
CONTEXT_CHARACTERS = 100  # of what is said before and after a quote
LEAST_SUPPORT = 2  # of 3: "mostly"

WHOLE: Final = {"type": "integer", "minimum": 0, "maximum": MOST_GRADE}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["grades"],
    "properties": {
        "grades": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["n", *GRADES, "filler"],
                "properties": {"n": {"type": "integer"}, **dict.fromkeys(GRADES, WHOLE), "filler": {"type": "boolean"}},
            },
        }
    },
}


@dataclasses.dataclass(frozen=True)
class Grade:
    """Novelty of the idea, specificity, support by the evidence, use to a listener, each 0 to 3."""

    novelty: int
    specificity: int
    support: int
    use: int
    filler: bool

    @property
    def quality(self) -> float:
        """The mean of the four, from 0 to 1."""
        return round((self.novelty + self.specificity + self.support + self.use) / (len(GRADES) * MOST_GRADE), 6)

    @property
    def fault(self) -> str | None:
        """Why this is no insight, in a few words."""
        if self.filler:
            return "filler, says the judge"
        if self.support < LEAST_SUPPORT:
            return f"what was said does not bear it out (support {self.support} of {MOST_GRADE})"
        return None


async def grade(
    client: Client, models: Sequence[Model], day: dt.date, episode_id: str, found: Sequence[Proven]
) -> list[Grade]:
    """The grades of an episode's insights, in their order.

    Raises:
        DeferredError: there is no reply yet.
        UnusableError: no model gives grades that can be read.
    """
    order = list(range(len(found)))
    random.Random(sha256(episode_id + "".join(one.quote for one in found))).shuffle(order)  # noqa: S311 - no secret

    async def ask(places: Sequence[int]) -> list[Grade]:
        lines = [line for n, place in enumerate(places, 1) for line in _shown(n, found[place])]
        question = GRADE.question(day, episode_id, lines, SCHEMA, TOKENS_A_GRADE * (len(places) + 2))
        grades, _ = await client.ask(question, models, lambda reply: grades_of(reply, len(places)))
        return [Grade(**grades[n]) for n in range(1, len(places) + 1)]

    calls = [order[start : start + MOST_A_CALL] for start in range(0, len(order), MOST_A_CALL)]
    replies = await asyncio.gather(*(ask(places) for places in calls), return_exceptions=True)
    given: list[Grade] = []
    for reply in replies:  # when all have ended: a call that nobody waits for would be cut off, and paid in vain
        if isinstance(reply, BaseException):
            raise reply
        given += reply
    graded = dict(zip(order, given, strict=True))
    return [graded[place] for place in range(len(found))]


def _shown(number: int, insight: Proven) -> list[str]:
    return [
        f"{number}. Claim: {insight.claim}",
        f"Body: {insight.body}",
        f"Evidence: {_evidence(insight)}",
    ]


def _evidence(insight: Proven) -> str:
    """The quote with a little of what is said around it."""
    before, found, after = insight.surroundings.partition(insight.quote)
    if not found:
        return insight.quote
    lead = before if len(before) <= CONTEXT_CHARACTERS else before[-CONTEXT_CHARACTERS:].partition(" ")[2]
    rest = after if len(after) <= CONTEXT_CHARACTERS else after[:CONTEXT_CHARACTERS].rpartition(" ")[0]
    return f"{lead}{insight.quote}{rest}".strip()
