"""A transcript as people read it: turns of one speaker, cut into sentences, each with its second.

A sentence's time is that of the segment it opens (``timing`` as the segment's own). Inside a longer segment it is that of
its first word where words are timed; else it is interpolated by characters, and ``timing`` says ``estimated``.
"""

import bisect
import dataclasses
import re
from collections.abc import Sequence

from podcast_assets.speech import ABBREVIATION, Segment

CAPITAL = "A-Z0-9À-ÞΑ-ΩЀ-Я"
CASELESS = "\u0590-\u10ff\u3040-\u9fff\uac00-\ud7a3"  # scripts without capitals, Hebrew to Georgian and Kana to Hangul
BOUNDARY = re.compile(
    rf"(?<=[.!?…\u061f\u06d4\u0964])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[{CAPITAL}{CASELESS}])"
    r"|(?<=[。！？])(?![。！？])[”’」』\uff09]*\s*"  # after these no space need follow
)
UNSPACED = 18  # characters a word on average that no language with spaces between its words comes near to
LONGEST_WORDS = 60  # text without punctuation is cut here, so that it can be read at all


def any_of(*patterns: str) -> re.Pattern[str]:
    """A pattern that finds any of these as whole words, in any case."""
    return re.compile(rf"\b(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


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
        if segment.word_starts:
            return segment.word_starts[_word_at(segment, into)], "exact"
        share = into / max(len(segment.text), 1)
        return segment.start_s + min(share, 1.0) * (segment.end_s - segment.start_s), "estimated"

    def end_at(self, offset: int) -> float:
        """The second at which the text up to ``offset`` has been said."""
        place = bisect.bisect_left(self.offsets, offset) - 1
        segment, into = self.segments[place], offset - self.offsets[place]
        if into >= len(segment.text):
            return segment.end_s
        if segment.word_starts:
            return [*segment.word_starts, segment.end_s][_word_at(segment, into - 1) + 1]
        return segment.start_s + into / len(segment.text) * (segment.end_s - segment.start_s)


def _word_at(segment: Segment, place: int) -> int:
    """Which of the words of a segment's text the character at ``place`` belongs to."""
    return len(segment.text[: place + 1].split()) - 1


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A sentence of one turn. ``turn`` counts the turns of the episode, ``offset`` is its place in that turn's text."""

    text: str
    start_s: float
    end_s: float
    speaker: str | None
    timing: str
    turn: int
    offset: int
    said_in: Turn = dataclasses.field(repr=False, compare=False)

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


def is_unspaced(sentences: "Sequence[Sentence]") -> bool:
    """Whether most of a talk is written without spaces between its words, so that nothing here can count them."""
    return 2 * sum(len(sentence.text) > UNSPACED * sentence.words for sentence in sentences) > len(sentences)


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
            sentences.append(Sentence(turn.text[start:end], start_s, end_s, speaker, timing, index, start, turn))
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
