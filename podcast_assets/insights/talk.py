"""A transcript as people read it: turns of one speaker, cut into sentences, each with its second.

A sentence's time is that of the segment it opens (``timing`` as the segment's own); inside a longer segment it is
interpolated by characters, and ``timing`` says ``estimated``.
"""

import bisect
import dataclasses
import re
from collections.abc import Sequence

from podcast_assets.speech import ABBREVIATION, Segment

BOUNDARY = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[A-Z0-9À-Þ])")
LONGEST_WORDS = 60  # text without punctuation is cut here, so that it can be read at all


def any_of(*patterns: str) -> re.Pattern[str]:
    """A pattern that finds any of these as whole words, in any case."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A sentence of one turn. ``turn`` counts the turns of the episode, ``offset`` is its place in the turn's text."""

    text: str
    start_s: float
    end_s: float
    speaker: str | None
    timing: str
    turn: int
    offset: int

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


@dataclasses.dataclass(frozen=True)
class Turn:
    """What one speaker says without interruption: ``text`` is the segments' texts joined by one space."""

    text: str
    segments: tuple[Segment, ...]
    offsets: tuple[int, ...]

    def time_at(self, offset: int) -> tuple[float, str]:
        """The second at which the character at ``offset`` is said, and how sure that is (``timing``)."""
        place = bisect.bisect_right(self.offsets, offset) - 1
        segment, into = self.segments[place], offset - self.offsets[place]
        if into == 0:
            return segment.start_s, segment.timing
        share = into / max(len(segment.text), 1)
        return segment.start_s + min(share, 1.0) * (segment.end_s - segment.start_s), "estimated"

    def end_at(self, offset: int) -> float:
        """The second at which the text up to ``offset`` has been said."""
        place = bisect.bisect_left(self.offsets, offset) - 1
        segment, into = self.segments[place], offset - self.offsets[place]
        if into >= len(segment.text):
            return segment.end_s
        return segment.start_s + into / len(segment.text) * (segment.end_s - segment.start_s)


def turns_of(segments: Sequence[Segment]) -> list[Turn]:
    """Joins the consecutive segments of each speaker; speakers that are not known (None) make one turn too."""
    turns: list[Turn] = []
    group: list[Segment] = []
    for segment in segments:
        if group and segment.speaker != group[-1].speaker:
            turns.append(_turn(group))
            group = []
        group.append(segment)
    return [*turns, _turn(group)] if group else turns


def _turn(segments: Sequence[Segment]) -> Turn:
    offsets, length = [], 0
    for segment in segments:
        offsets.append(length)
        length += len(segment.text) + 1
    return Turn(" ".join(segment.text for segment in segments), tuple(segments), tuple(offsets))


def sentences_of(turns: Sequence[Turn]) -> list[Sentence]:
    """All sentences of the turns, in order; each is a substring of its turn's text."""
    sentences = []
    for index, turn in enumerate(turns):
        for start, end in _spans(turn.text):
            start_s, timing = turn.time_at(start)
            end_s = max(turn.end_at(end), start_s)
            speaker = turn.segments[0].speaker
            sentences.append(Sentence(turn.text[start:end], start_s, end_s, speaker, timing, index, start))
    return sentences


def _spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence of a text starts and ends."""
    spans, start = [], 0
    for boundary in BOUNDARY.finditer(text):
        end = start + len(text[start : boundary.end()].rstrip())
        if not ABBREVIATION.search(text[max(start, end - 12) : end]):
            spans += _short_enough(text, start, end)
            start = boundary.end()
    return spans + _short_enough(text, start, len(text.rstrip()))


def _short_enough(text: str, start: int, end: int) -> list[tuple[int, int]]:
    words = [match.span() for match in re.finditer(r"\S+", text[start:end])]
    if len(words) <= 2 * LONGEST_WORDS:
        return [(start + words[0][0], start + words[-1][1])] if words else []
    pieces = [words[i : i + LONGEST_WORDS] for i in range(0, len(words), LONGEST_WORDS)]
    return [(start + piece[0][0], start + piece[-1][1]) for piece in pieces]
