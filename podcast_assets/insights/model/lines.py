"""A talk as a model reads it: numbered lines of one speaker each, in calls of at most about 4,000 words.

Pure. What was cut (sponsor reads, housekeeping) is not in it. A line is short enough to be pointed at and long enough that
its number costs little.
"""

import dataclasses
import math
from collections.abc import Collection, Iterator, Sequence

from podcast_assets.insights.talk import Sentence

LINE_WORDS = 90
CALL_WORDS = 4_000
SLACK_WORDS = 400  # an episode that is so much longer is still one call
OVERLAP_WORDS = 90  # said in two calls, so that no idea is cut by their edge


@dataclasses.dataclass(frozen=True)
class Line:
    """Some sentences of one turn. ``number`` counts the lines of the episode from 1."""

    number: int
    speaker: str | None
    text: str

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


def lines_of(sentences: Sequence[Sentence], cut: Collection[int]) -> list[Line]:
    """The lines of an episode, without the sentences whose places are in ``cut``."""
    return [
        Line(number, group[0].speaker, " ".join(sentence.text for sentence in group))
        for number, group in enumerate(_groups(sentences, cut), 1)
    ]


def _groups(sentences: Sequence[Sentence], cut: Collection[int]) -> Iterator[list[Sentence]]:
    group: list[Sentence] = []
    words = 0
    for place, sentence in enumerate(sentences):
        ends = place in cut or (group and (sentence.turn != group[-1].turn or words + sentence.words > LINE_WORDS))
        if ends and group:
            yield group
            group, words = [], 0
        if place not in cut:
            group.append(sentence)
            words += sentence.words
    if group:
        yield group


def calls_of(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines of each call, in order: as few calls as hold them, of equal length, each with the end of the one before."""
    total = sum(line.words for line in lines)
    if not total:
        return []
    count = 1 if total <= CALL_WORDS + SLACK_WORDS else math.ceil(total / CALL_WORDS)
    calls: list[list[Line]] = [[] for _ in range(count)]
    before = 0
    for line in lines:
        calls[min(before * count // total, count - 1)].append(line)
        before += line.words
    return [[*_end_of(calls[i - 1]), *call] if i else call for i, call in enumerate(calls) if call]


def _end_of(lines: Sequence[Line]) -> list[Line]:
    """The last lines of a call, of about 90 words."""
    words, kept = 0, len(lines)
    while kept > 0 and words < OVERLAP_WORDS:
        kept -= 1
        words += lines[kept].words
    return list(lines[kept:])


def shown(lines: Sequence[Line]) -> list[str]:
    """The lines as they are sent: ``[12] Name: text``, the name where it changes."""
    texts, speaker = [], None
    for line in lines:
        name = f"{line.speaker}: " if line.speaker and line.speaker != speaker else ""
        texts.append(f"[{line.number}] {name}{line.text}")
        speaker = line.speaker
    return texts
