"""What came back from a model, read as far as it can be: whole objects are taken, nothing is ever completed or guessed.

Pure. A reply may be wrapped in prose or in fences, cut off in the middle, or of another form than was asked for; each object
in it that is whole counts. Does not belong here: what the objects mean.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from podcast_assets.llm.client import UnreadableError
from podcast_assets.llm.provider import Reply

LONGEST = 400_000  # characters of a reply that are looked at
THOUGHT: Final = "</think>"  # ends what some models say to themselves first
DECODER: Final = json.JSONDecoder(strict=False)  # with line breaks inside of texts, as many models write them
MOST_BROKEN = 100  # brackets that open nothing whole; each may cost a look at all that follows, and cut-off replies have few
OPENING: Final = re.compile(r"[{\[]")


def objects_of(reply: Reply, name: str, key: str) -> list[Any]:
    """The items of the list ``name`` in a reply; where it is not whole, every whole object with a ``key``.

    Raises:
        UnreadableError: it holds no such list and no such object.
    """
    text = _spoken(reply.text)[:LONGEST].strip()
    if not text:
        raise UnreadableError("it is empty")
    whole = list(_values(text))
    lists: list[list[Any]] = []
    for value in whole:
        if isinstance(value, dict) and isinstance(value.get(name), list):
            lists.append(value[name])
        elif isinstance(value, list) and all(isinstance(item, dict) and key in item for item in value):
            lists.append(value)
    if lists:
        return sorted(lists, key=len)[-1]  # a draft before the answer is shorter
    if found := [value for value in whole if isinstance(value, dict) and key in value]:
        return found
    cut = "it was cut off" if reply.finish_reason == "length" else "it holds no JSON"
    raise UnreadableError(cut if not whole else f'it has no list "{name}"')


def _spoken(text: str) -> str:
    """A reply without what its model said to itself first; the mark inside of an object is a text like any other."""
    thought, mark, rest = text.rpartition(THOUGHT)
    return rest if mark and (text.lstrip().startswith("<think>") or "{" not in thought) else text


def _values(text: str) -> Iterator[Any]:
    """Every JSON object and list in a text that is whole and not inside another one."""
    at = broken = 0
    while broken < MOST_BROKEN and (opening := OPENING.search(text, at)):
        try:
            value, at = DECODER.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            at, broken = opening.end(), broken + 1
        else:
            if isinstance(value, dict | list) and value != []:
                yield value


def is_whole(value: Any, most: int) -> bool:
    """Whether a value of a reply is a whole number from 0 to ``most``."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
