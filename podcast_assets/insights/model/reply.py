"""What a reply says of insights: proposals and grades, and what is wrong with those that are none.

Pure. Does not belong here: finding JSON in a reply (``llm.replies``).
"""

from typing import Any, Final

from podcast_assets.insights.proof.proposal import Proposal
from podcast_assets.llm.client import UnreadableError
from podcast_assets.llm.provider import Reply
from podcast_assets.llm.replies import is_whole, objects_of

GRADES: Final = ("novelty", "specificity", "support", "use")
MOST_GRADE = 3
LONGEST_TEXTS: Final = {"quote": 2_000, "claim": 200, "body": 1_000}  # characters; a few words may be of any length else
LONGEST_NAME = 100


def proposal_of(item: Any) -> Proposal | str:
    """An item of a reply as a proposal, or what is wrong with it."""
    if not isinstance(item, dict):
        return f"the reply has {type(item).__name__} where an object was asked for"
    for name, longest in LONGEST_TEXTS.items():
        if not isinstance(item.get(name), str) or not item[name].strip():
            return f'the reply has no text under "{name}"'
        if len(item[name]) > longest:
            return f'the reply has {len(item[name])} characters under "{name}", at most {longest} are read'
    speaker, kind, topics = item.get("speaker"), item.get("kind"), item.get("topics")
    return Proposal(
        quote=item["quote"],
        claim=item["claim"],
        body=item["body"],
        speaker=speaker if isinstance(speaker, str) and len(speaker) <= LONGEST_NAME else None,
        kind=kind if isinstance(kind, str) else "",
        topics=tuple(topic for topic in topics if isinstance(topic, str)) if isinstance(topics, list) else (),
    )


def grades_of(reply: Reply, count: int) -> dict[int, dict[str, Any]]:
    """The grades of a reply by number, 1 to ``count``: the four as whole numbers 0 to 3, and whether it is filler.

    Raises:
        UnreadableError: one of them is missing or is no grade.
    """
    found: dict[int, dict[str, Any]] = {}
    for item in objects_of(reply, "grades", "n"):
        if isinstance(item, dict) and is_whole(item.get("n"), count) and item["n"] not in found:
            if not all(is_whole(item.get(name), MOST_GRADE) for name in GRADES):
                raise UnreadableError(f"number {item['n']} lacks one of {', '.join(GRADES)} as a whole number from 0 to 3")
            found[item["n"]] = {name: item[name] for name in GRADES} | {"filler": item.get("filler") is True}
    if missing := [number for number in range(1, count + 1) if number not in found]:
        raise UnreadableError(f"it has no grades for number {missing[0]}")
    return found
