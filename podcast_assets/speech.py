"""What was said: the segments of a transcript, in the one form that every stage after it reads.

Belongs here: the segment, its JSON form in the cache, the key of a publisher's document there, cutting timed words into
sentences. Does not belong here: where segments come from (``publisher_transcripts``: documents of a publisher;
``transcripts``: speech recognition).
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from podcast_assets.hashing import sha256

Timing = Literal["exact", "segment", "estimated"]

SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*$")
ABBREVIATION = re.compile(r"(?:^|[\s(\"“])(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|e\.g|i\.e|U\.S|No|Jr|Sr|Inc|Ltd|[A-Z])\.$")
PAUSE_S = 1.5  # a silence this long between two words ends a sentence that nobody punctuated
LONGEST_WORDS = 60
PUBLISHER_VERSION = 2  # of how publishers' documents are read: raise it when one would give other segments than before


@dataclasses.dataclass(frozen=True)
class Segment:
    """A stretch of talk by one speaker (None: unknown). Times in seconds from the start of the audio."""

    start_s: float
    end_s: float
    text: str
    speaker: str | None = None
    timing: Timing = "segment"


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
        text = word.text.strip()
        ended = bool(SENTENCE_END.search(text)) and not ABBREVIATION.search(text)
        paused = following is not None and following.start_s - word.end_s >= PAUSE_S
        if ended or paused or following is None or count + len(following.text.split()) > LONGEST_WORDS:
            spoken = re.sub(r"\s+", " ", " ".join(part.text.strip() for part in sentence)).strip()
            if spoken:
                segments.append(Segment(sentence[0].start_s, sentence[-1].end_s, spoken, speaker, "exact"))
            sentence, count = [], 0
    return segments


def count_words(segments: Iterable[Segment]) -> int:
    """How many words were said."""
    return sum(len(segment.text.split()) for segment in segments)


def publisher_key(document_sha256: str) -> str:
    """The key under which the cache ``segments`` holds what a publisher's document says."""
    return sha256(f"{document_sha256} publisher {PUBLISHER_VERSION}")


def to_json(segments: Iterable[Segment]) -> list[list[Any]]:
    """The cache's form: a list a segment, ``[start_s, end_s, text, speaker, timing]``."""
    return [[s.start_s, s.end_s, s.text, s.speaker, s.timing] for s in segments]


def from_json(rows: Iterable[Sequence[Any]]) -> list[Segment]:
    """The segments of what :func:`to_json` gave."""
    return [Segment(*row) for row in rows]
