"""Quotes for the tests of proof: honest ones with a model's slips, and fabricated ones that look as if they were said.

What a fabricated quote is made of is chosen by chance, so the words may be there after all: ``is_said`` tells, by another
way than the code that is tested.
"""

import dataclasses
import math
import random
import re
from collections.abc import Sequence
from pathlib import Path

from rapidfuzz.distance import LCSseq

from podcast_assets.insights.chatter.cut import places
from podcast_assets.insights.chatter.sift import cuts_of
from podcast_assets.insights.proof.transcript import Transcript, keys_of
from podcast_assets.insights.talk import Sentence, sentences_of, turns_of
from podcast_assets.publisher_transcripts.formats import Format, parse

FUNCTION = re.findall(
    r"\w+",
    "the a an and but or so of to in on at for with from by that this these those which who it its is are was were be "
    "been has have had do does did will would can could should not no as if than then there here just very really about "
    "into over i you he she we they my your his her our their me him us them what when where how why all some any more most",
)
BEGINNING = 6  # letters of a word that tell it from others: who recommended may recommend
SAID = 0.7  # of a quote's words, in order and near each other: then it is no fabrication


@dataclasses.dataclass(frozen=True)
class Talk:
    """An episode: its index, its words as they are written, and where each of them is."""

    name: str
    show: str
    transcript: Transcript
    words: list[str]
    at: list[tuple[int, int]]  # the sentence and the place in the turn's text

    def start_s(self, word: int) -> float:
        """When a word is said."""
        sentence, place = self.at[word]
        return self.transcript.sentences[sentence].said_in.time_at(place)[0]

    def is_one_turn(self, first: int, last: int) -> bool:
        """Whether one speaker says the words, and none of them in a sponsor read."""
        numbers = range(self.at[first][0], self.at[last][0] + 1)
        turns = {self.transcript.sentences[number].turn for number in numbers}
        return len(turns) == 1 and not self.transcript.cut.intersection(numbers)


def talk_of(name: str, sentences: Sequence[Sentence]) -> Talk:
    """The talk of these sentences; show by the name's first part."""
    words: list[str] = []
    at: list[tuple[int, int]] = []
    for number, sentence in enumerate(sentences):
        place = 0
        for word in sentence.text.split():
            place = sentence.text.index(word, place)
            words.append(word)
            at.append((number, sentence.offset + place))
            place += len(word)
    show = "".join(part for part in name.split("-")[:4] if not part.isdigit() and part != "youtube")
    return Talk(name, show, Transcript.of(sentences, places(cuts_of(sentences))), words, at)


def talks_in(folder: Path, pattern: str, form: Format) -> list[Talk]:
    """The transcripts of a folder."""
    paths = sorted(folder.glob(pattern))
    return [talk_of(path.stem, sentences_of(turns_of(parse(path.read_bytes(), form)))) for path in paths]


def corrupted(words: Sequence[str], share: float, vocabulary: Sequence[str], chance: random.Random) -> list[str]:
    """The words, this share of which is replaced, left out, misspelt, or has another one put before it."""
    slips = set(chance.sample(range(len(words)), round(share * len(words))))
    found: list[str] = []
    for at, word in enumerate(words):
        slip = chance.choice(["replaced", "left out", "misspelt", "added"]) if at in slips else None
        if slip in {"replaced", "added"}:
            found.append(chance.choice(vocabulary))
        if slip in {None, "misspelt", "added"}:
            found.append(misspelt(word, chance) if slip == "misspelt" else word)
    return found


def misspelt(word: str, chance: random.Random) -> str:
    """The word with one letter too many, too few, or another one."""
    at = chance.randrange(len(word))
    return word[:at] + chance.choice(["", chance.choice("aeionrst"), word[at] * 2]) + word[at + 1 :] or "a"


def is_said(quote: Sequence[str], transcript: Transcript) -> bool:
    """Whether most of a quote's words are said in order within a stretch a quarter longer than it, by their beginnings."""
    codes: dict[str, str] = {}
    coded, said = (
        "".join(codes.setdefault(word[:BEGINNING], chr(len(codes) + 1)) for word in words)
        for words in (keys_of(" ".join(quote)), transcript.words)
    )
    length, least = len(coded) + len(coded) // 4 + 2, math.ceil(SAID * len(coded))
    return any(
        LCSseq.similarity(coded, said[at : at + length], score_cutoff=least) >= least
        for at in range(0, len(said), max(1, len(coded) // 8))
    )


# --- Fabricated quotes: each takes a talk, others, and chance, and gives words that look as if they were said ----------


def recombined(talk: Talk, others: Sequence[Talk], chance: random.Random) -> list[str]:
    """Stretches of a few words from other episodes."""
    quote: list[str] = []
    for _ in range(chance.randint(2, 6)):
        quote += stretch(chance.choice(others), chance.randint(4, 10), chance)
    return quote


def stitched(talk: Talk, others: Sequence[Talk], chance: random.Random) -> list[str]:
    """Halves, or a third and two thirds, of two places: of the same episode or of two."""
    length = chance.randint(12, 60)
    first = round(length * chance.choice([1 / 3, 1 / 2, 2 / 3]))
    other = talk if chance.random() < 0.5 else chance.choice(others)
    parts = [stretch(talk, first, chance), stretch(other, length - first, chance)]
    return [word for part in chance.sample(parts, 2) for word in part]


def in_thirds(talk: Talk, others: Sequence[Talk], chance: random.Random) -> list[str]:
    """Thirds of three places of the same episode."""
    third = chance.randint(5, 20)
    return [word for _ in range(3) for word in stretch(talk, third, chance)]


def paraphrased(talk: Talk, others: Sequence[Talk], chance: random.Random) -> list[str]:
    """The words of one place with most of the function words rewritten, and some others replaced."""
    words = stretch(talk, chance.randint(12, 60), chance)
    content = [word for word in stretch(talk, 200, chance) if word.lower() not in FUNCTION]
    return [
        chance.choice(FUNCTION)
        if word.lower() in FUNCTION and chance.random() < 0.7
        else chance.choice(content)
        if chance.random() < 0.35
        else word
        for word in words
    ]


def reordered(talk: Talk, others: Sequence[Talk], chance: random.Random) -> list[str]:
    """The words of one place, its clauses of three to six words in another order."""
    words, clauses = stretch(talk, chance.randint(15, 60), chance), []
    while words:
        size = chance.randint(3, 6)
        clauses.append(words[:size])
        words = words[size:]
    return [word for clause in chance.sample(clauses, len(clauses)) for word in clause]


def shuffled(talk: Talk, others: Sequence[Talk], chance: random.Random) -> list[str]:
    """The words of one place in any order."""
    words = stretch(talk, chance.randint(12, 60), chance)
    return chance.sample(words, len(words))


def of_the_same_show(talk: Talk, others: Sequence[Talk], chance: random.Random) -> list[str]:
    """Sentences of another episode of the show, where it has one."""
    other = chance.choice([other for other in others if other.show == talk.show] or others)
    quote: list[str] = []
    number = chance.randrange(len(other.transcript.sentences))
    while len(quote) < 8:
        quote += other.transcript.sentences[number % len(other.transcript.sentences)].text.split()
        number += 1
    return quote[:110]


def stretch(talk: Talk, length: int, chance: random.Random) -> list[str]:
    """So many words in a row."""
    start = chance.randrange(len(talk.words) - length)
    return talk.words[start : start + length]


FABRICATIONS = [recombined, stitched, in_thirds, paraphrased, reordered, shuffled, of_the_same_show]
