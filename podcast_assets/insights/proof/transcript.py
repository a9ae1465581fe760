"""The index of what was said in an episode: every word with its place, made once for all that is looked up in it.

Belongs here: what counts as a word, and how a text is made comparable. Does not belong here: how a quote is found in it
(``locate``), what the words are worth (``numbers``, ``names``).
"""

import dataclasses
import functools
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from podcast_assets.insights.talk import Sentence

# Letters and digits, with apostrophes inside; each sign of a script that puts no spaces between words is one.
WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+(?:['’][^\W_\u3040-\u30ff\u3400-\u9fff]+)*"
)


def key(word: str) -> str:
    """A word as it is compared: letters and digits, without regard to capitals."""
    return word.replace("'", "").replace("’", "").casefold()


def keys_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [key(word) for word in WORD.findall(text)]


class Place(NamedTuple):
    """Where a word stands: the number of its sentence; where it starts and ends in the text of the sentence's turn."""

    sentence: int
    start: int
    end: int


@dataclasses.dataclass(frozen=True, eq=False, repr=False)  # large, and never compared
class Transcript:
    """The words of an episode.

    ``coded`` has one character for each word, the same for the same word, so that the fast comparisons of strings compare
    words; ``pairs`` says where two words follow each other.
    """

    sentences: Sequence[Sentence]
    cut: frozenset[int]
    words: Sequence[str]
    places: Sequence[Place]
    coded: str
    pairs: Mapping[str, Sequence[int]]
    _codes: Mapping[str, str]

    @staticmethod
    def of(sentences: Sequence[Sentence], cut: Collection[int]) -> "Transcript":
        """The index of an episode's sentences; ``cut`` has the indices of those that are part of a sponsor read."""
        words: list[str] = []
        places: list[Place] = []
        for number, sentence in enumerate(sentences):
            words += keys_of(sentence.text)
            spans = [match.span() for match in WORD.finditer(sentence.text)]
            places += [Place(number, sentence.offset + start, sentence.offset + end) for start, end in spans]
        codes: dict[str, str] = {}
        coded = "".join([codes.setdefault(word, chr(len(codes) + 1)) for word in words])
        pairs: defaultdict[str, list[int]] = defaultdict(list)
        for at in range(len(coded) - 1):
            pairs[coded[at : at + 2]].append(at)
        return Transcript(sentences, frozenset(cut), words, places, coded, pairs, codes)

    def code(self, words: Sequence[str]) -> str:
        """Words as the transcript codes them; those that nobody says are all the same character."""
        return "".join([self._codes.get(word, "\0") for word in words])

    def text(self, first: int, last: int) -> str:
        """The sentences from ``first`` to ``last``, both included, joined by spaces."""
        return " ".join(sentence.text for sentence in self.sentences[max(0, first) : last + 1])

    def around(self, first: int, last: int, words: int) -> tuple[int, int]:
        """The first and last sentence of so many words on either side of some sentences, and a little more."""
        return self._reach(range(first - 1, -1, -1), first, words), self._reach(
            range(last + 1, len(self.sentences)), last, words
        )

    def _reach(self, numbers: Sequence[int], reached: int, words: int) -> int:
        for number in numbers:
            if words <= 0:
                break
            words -= self.sentences[number].words
            reached = number
        return reached

    @functools.cached_property
    def edges(self) -> list[int]:
        """The first word of each sentence, and the number of all words."""
        edges = [0] * (len(self.sentences) + 1)
        for place in self.places:
            edges[place.sentence + 1] += 1
        for number in range(1, len(edges)):
            edges[number] += edges[number - 1]
        return edges

    def matches(self, coded: str) -> Iterator[int]:
        """Where exactly these words are said, the last place first."""
        at = self.coded.rfind(coded)
        while at >= 0:
            yield at
            at = self.coded.rfind(coded, 0, at + len(coded) - 1)
