"""The form of what is cut from a talk, and what everything that finds cuts shares: runs of sentences inside a turn."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Literal

from podcast_assets.insights.talk import Sentence

Kind = Literal["sponsor read", "housekeeping"]


@dataclasses.dataclass(frozen=True)
class Cut:
    """``sentences[first:last + 1]`` of an episode, what they are, and the ground for it in plain words."""

    first: int
    last: int
    kind: Kind
    ground: str


def words_in(sentences: Sequence[Sentence], cut: Cut) -> int:
    """How many words a cut takes."""
    return sum(sentence.words for sentence in sentences[cut.first : cut.last + 1])


def places(cuts: Iterable[Cut]) -> set[int]:
    """The indices of all sentences that are cut."""
    return {place for cut in cuts for place in range(cut.first, cut.last + 1)}


def seconds_in(sentences: Sequence[Sentence], cut: Cut) -> float:
    """How many seconds of talk a cut takes."""
    return sum(sentence.end_s - sentence.start_s for sentence in sentences[cut.first : cut.last + 1])


def runs(sentences: Sequence[Sentence], indices: Iterable[int]) -> list[tuple[int, int]]:
    """Indices as first and last of each run without a break inside one turn, in order."""
    found: list[tuple[int, int]] = []
    for i in sorted(indices):
        if found and found[-1][1] == i - 1 and sentences[i].turn == sentences[i - 1].turn:
            found[-1] = (found[-1][0], i)
        else:
            found.append((i, i))
    return found


def around(sentences: Sequence[Sentence], place: int, before: int, after: int) -> set[int]:
    """The sentences at most so many before and after ``place`` in its own turn."""
    turn, found = sentences[place].turn, {place}
    for step, reach in ((-1, before), (1, after)):
        i = place + step
        while 0 <= i < len(sentences) and sentences[i].turn == turn and abs(i - place) <= reach:
            found.add(i)
            i += step
    return found
