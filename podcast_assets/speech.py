"""What was said: the segments of a transcript, in the one form that every stage after it reads.

Belongs here: the segment, its JSON form in the cache, cutting timed words into sentences. Does not belong here: where
segments come from (``publisher_transcripts``: documents of a publisher; ``transcripts``: speech recognition), and the keys
of what is kept (``keys``).
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

Timing = Literal["exact", "segment", "estimated"]

SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]」』]*$")
WIDE_END = re.compile(r"([。！？][”’」』]*)")  # ends a sentence without a space after it
ABBREVIATION = re.compile(r"(?:^|[\s(\"“])(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|e\.g|i\.e|U\.S|No|Jr|Sr|Inc|Ltd|[A-Z])\.$")
PAUSE_S = 1.5  # a silence this long between two words ends a sentence that nobody punctuated
LONGEST_WORDS = 60


@dataclasses.dataclass(frozen=True)
class Segment:
    """A stretch of talk by one speaker (None: unknown). Times in seconds from the start of the audio.

    ``timing``: ``exact`` where single words are timed, ``segment`` where the stretch is, ``estimated`` where nobody timed
    anything. ``word_starts`` has the start of each word of ``text.split()`` where words are timed.
    """

    start_s: float
    end_s: float
    text: str
    speaker: str | None = None
    timing: Timing = "segment"
    word_starts: tuple[float, ...] | None = None


@dataclasses.dataclass(frozen=True)
class Word:
    """A word with its own times."""

    start_s: float
    end_s: float
    text: str


def sentences_of(words: Sequence[Word], speaker: str | None = None) -> list[Segment]:
    """Cuts timed words of one speaker into sentences, each with the exact times of its first and last word.

    What is timed as one, be it several words, is never cut.
    """
    segments: list[Segment] = []
    sentence: list[Word] = []
    count = 0
    for word, following in zip(words, [*words[1:], None][: len(words)], strict=True):
        sentence.append(word)
        count += len(word.text.split())
        ended = _ends_sentence(word.text.strip())
        paused = following is not None and following.start_s - word.end_s >= PAUSE_S
        if ended or paused or following is None or count + len(following.text.split()) > LONGEST_WORDS:
            spoken, starts = _spoken(sentence)
            if spoken:
                ends_s = sentence[-1].end_s
                segments.append(Segment(sentence[0].start_s, ends_s, spoken, speaker, "exact", starts))
            sentence, count = [], 0
    return segments


def split_sentences(text: str) -> list[str]:
    """Cuts a text without times into sentences, by the same rules as timed words but for their pauses."""
    sentences: list[list[str]] = [[]]
    for word in WIDE_END.sub(r"\1 ", text).split():
        if len(sentences[-1]) >= LONGEST_WORDS:
            sentences.append([])
        sentences[-1].append(word)
        if _ends_sentence(word):
            sentences.append([])
    return [" ".join(words) for words in sentences if words]


def _ends_sentence(word: str) -> bool:
    return bool(SENTENCE_END.search(word)) and not ABBREVIATION.search(word)


def _spoken(words: Sequence[Word]) -> tuple[str, tuple[float, ...]]:
    """The text of timed words, and the start of each of its words.

    A recogniser's words bear their own spaces (none where the script has none); those of documents do not.
    """
    has_spaces = any(word.text[:1].isspace() for word in words[1:])
    spoken: list[str] = []
    starts: list[float] = []
    for word in words:
        parts = word.text.split()
        if has_spaces and spoken and not word.text[:1].isspace() and parts:
            spoken[-1] += parts.pop(0)
        spoken += parts
        length_s = word.end_s - word.start_s
        starts += [round(word.start_s + length_s * number / len(parts), 3) for number in range(len(parts))]
    return " ".join(spoken), tuple(starts)


def count_words(segments: Iterable[Segment]) -> int:
    """How many words were said."""
    return sum(len(segment.text.split()) for segment in segments)


def to_json(segments: Iterable[Segment]) -> list[list[Any]]:
    """The cache's form: a list a segment, ``[start_s, end_s, text, speaker, timing, word_starts]``."""
    return [[s.start_s, s.end_s, s.text, s.speaker, s.timing, s.word_starts] for s in segments]


def from_json(rows: Iterable[Sequence[Any]]) -> list[Segment]:
    """The segments of what :func:`to_json` gave."""
    return [
        Segment(start_s, end_s, text, speaker, timing, None if starts is None else tuple(starts))
        for start_s, end_s, text, speaker, timing, starts in rows
    ]
