"""A planted set for related insights: texts that belong together, among many that do not. Pure, the same in every run.

For each text, related are another telling of its case, the other cases of its idea and, more loosely, all else on its topic.
The rest of the archive is not: texts of other topics, and of the same tones on subjects that no topic has.
"""

import dataclasses
from collections.abc import Sequence

from evals.ranking.texts import Half, Text, fillers, written

DISTRACTORS = 1000  # for each text
LEFT_OUT = 2  # the telling that is nearest to the first: with the freer one there are texts enough


@dataclasses.dataclass(frozen=True)
class Topics:
    """An archive, and for the place of each text that is asked about the places of the others that belong to it."""

    archive: tuple[Text, ...]
    same_case: dict[int, set[int]]
    same_idea: dict[int, set[int]]
    same_topic: dict[int, set[int]]


def topics(half: Half = "all") -> Topics:
    """The set; of a half, only texts of its topics are asked about, in the same archive."""
    texts = [text for text in written() if text.telling != LEFT_OUT]
    others = sum(text.topic != texts[0].topic for text in texts)  # all topics have as many texts
    asked = [place for place, text in enumerate(texts) if text in written(half)]
    cases = [f"{text.idea} {text.case}" for text in texts]
    return Topics(
        (*texts, *fillers()[: DISTRACTORS - others]),
        {place: found for place in asked if (found := _others(place, cases))},
        {place: _others(place, [text.idea for text in texts]) for place in asked},
        {place: _others(place, [text.topic for text in texts]) for place in asked},
    )


def _others(place: int, groups: Sequence[str]) -> set[int]:
    """The places of the same group."""
    return {other for other, group in enumerate(groups) if group == groups[place] and other != place}
