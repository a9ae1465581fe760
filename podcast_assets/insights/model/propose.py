"""One episode's insights as a model proposes them: its talk in a few calls, all replies together."""

import asyncio
import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from podcast_assets.insights.model.lines import Line, calls_of, shown
from podcast_assets.insights.model.prompts import EXTRACT
from podcast_assets.insights.proof.proposal import Source
from podcast_assets.llm.client import Client, UnusableError
from podcast_assets.llm.models import Model
from podcast_assets.llm.prompts import described
from podcast_assets.llm.provider import Reply
from podcast_assets.llm.replies import objects_of

ASKED_FOR = 5  # insights of a call
REPLY_TOKENS = 3_000
NOTES_CHARACTERS = 500  # of an episode's notes that are sent along

TEXT: Final = {"type": "string"}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["insights"],
    "properties": {
        "insights": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["quote", "segments", "claim", "body", "speaker", "kind", "topics"],
                "properties": {
                    "quote": TEXT,
                    "segments": {"type": "array", "items": {"type": "integer"}},
                    "claim": TEXT,
                    "body": TEXT,
                    "speaker": {"type": ["string", "null"]},
                    "kind": {
                        "type": "string",
                        "enum": ["fact", "argument", "prediction", "advice", "disagreement", "number"],
                    },
                    "topics": {"type": "array", "items": TEXT},
                },
            },
        }
    },
}


@dataclasses.dataclass(frozen=True)
class Proposed:
    """What was proposed: the items of each call with the model that gave them, and why calls brought none."""

    calls: list[tuple[list[Any], Model]]
    failures: list[str]


async def propose(
    client: Client, models: Sequence[Model], day: dt.date, episode_id: str, source: Source, lines: Sequence[Line]
) -> Proposed:
    """Asks for the insights of an episode.

    Raises:
        DeferredError: a part of it has no reply yet; the replies to the others are kept.
    """

    async def ask(call: Sequence[Line]) -> tuple[list[Any], Model]:
        about = described({"Show": source.show, "Title": source.title, "Notes": source.notes}, NOTES_CHARACTERS)
        question = EXTRACT.question(day, episode_id, [*about, *shown(call)], SCHEMA, REPLY_TOKENS, most=ASKED_FOR)
        return await client.ask(question, models, _items)

    replies = await asyncio.gather(*(ask(call) for call in calls_of(lines)), return_exceptions=True)
    for reply in replies:
        if isinstance(reply, BaseException) and not isinstance(reply, UnusableError):
            raise reply  # the first that is deferred, or a fault of ours
    return Proposed(
        [reply for reply in replies if not isinstance(reply, BaseException)],
        [str(reply) for reply in replies if isinstance(reply, UnusableError)],
    )


def _items(reply: Reply) -> list[Any]:
    return objects_of(reply, "insights", "quote")
