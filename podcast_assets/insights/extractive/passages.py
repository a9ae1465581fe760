"""Self-contained passages of a talk, and how good each is.

All scores lie between 0 and 1 and mean the same in every episode, so that insights of different shows can be compared.

* ``quality``: how many sentences of the passage editors would pick for the episode's teaser, as ``model`` expects it, with a
  part of what is expected just around it, since what is worth hearing comes in clusters; 0.5 at ``Model.half``.
* ``centrality``: cosine between the passage's TF-IDF vector (sentences of the episode as documents) and the episode's
  centroid, stretched to use the range; an idea that the talk turns around scores high.
* ``specificity``: numbers, names and rare words per word, saturating.
* ``cues``: words that mark contrast, mechanism, consequence, comparison and advice, saturating.

Where a model of sentence embeddings is at hand, it reads the sentences of the most promising passages alone.
"""

import dataclasses
import functools
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from podcast_assets.insights.extractive.features import Numbers, Talk
from podcast_assets.insights.extractive.model import Model, load
from podcast_assets.insights.talk import Sentence, any_of

Embed = Callable[[Sequence[str]], "np.ndarray[Any, Any]"]
Spans = np.ndarray[Any, np.dtype[np.int_]]

SHORTEST, LONGEST = 25, 70  # words of a passage
MOST = 1500  # passages that are looked at further: some 15 ways to cut each place
SHORTLIST = 25  # places whose sentences are embedded: some 150 sentences
AROUND, AROUND_SHARE = 6, 0.2  # sentences on each side of a passage, and how much of what is expected there counts for it
REPEATED_WORDS = 6  # a sentence of as many words that is said twice is no chance

NUMBER: Final = any_of(
    r"\d[\d,.]*", "percent", "million", "billion", "trillion", "dozen", "hundred", "thousand", "half", "twice", "double",
    "triple", "third", "quarter",
)  # fmt: skip
NAME: Final = re.compile(r"(?<=[a-z,;:] )[A-Z][a-zA-Z]+")
LONG_WORD: Final = re.compile(r"\b[a-z]{9,}\b")
CONTENT_WORD: Final = re.compile(r"\b[A-Za-z]{5,}\b")
FIRST_PERSON: Final = re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself)\b")
FILLER: Final = any_of(
    "um", "uh", "er", "yeah", "okay", "you know", "i mean", "sort of", "kind of", "basically", "literally", "stuff",
    "whatever", "blah", "going to", "gonna", r"like(?=,)", r"actually(?=,)", r"right(?=\?)",
)  # fmt: skip
CONTRAST: Final = any_of(
    "but", "however", "instead", "rather than", "yet", "although", "though", "whereas", "unlike", "not because", "isn't",
    "aren't", "doesn't", "don't", "most people", "everyone", "everybody", "people (?:think|believe|assume)",
    "we (?:think|imagine|assume|tend)", "seems?", "looks? like", "in fact", "in reality", r"counterintuitive\w*",
    r"surpris\w+", "myth", "mistake", "wrong", "opposite", r"paradox\w*", r"the (?:real|actual) \w+", "contrary", "only",
    "never",
)  # fmt: skip
MECHANISM: Final = any_of(
    "because", "since", "so that", "therefore", "which means", "that means", "means that", "as a result", "leads? to",
    "causes?", "caused", "due to", "that's why", "the reason", "depends? on", "forces?", "makes? (?:it|them|people|us)",
    "turns? (?:out|into)", "drives?", "reduces?", "increases?", "raises?", "lowers?", "if (?:you|a|the|an)",
    "when (?:a|the|you)",
)  # fmt: skip
COMPARISON: Final = any_of(
    "more", "less", "fewer", "most", "least", "better", "worse", "faster", "slower", "cheaper", "larger", "bigger",
    "smaller", "higher", "lower", "times", "than",
)  # fmt: skip
ADVICE: Final = any_of(
    "should", "must", "need to", "have to", "always", "never", "avoid", "focus on", "start with", "stop",
    "the (?:key|trick|lesson|secret|rule|goal|point|problem|question|difference|best|biggest|most important)",
)  # fmt: skip

VERB: Final = any_of(  # enough of them to tell a clause from a list of nouns
    "is", "are", "was", "were", "am", "has", "have", "had", "can", "could", "will", "would", "should", "must", "may",
    "might", "do", "does", "did", "cannot", r"\w+n't", r"\w+'(?:re|ve|ll)", "(?:it|that|there|here|what|he|she|let)'s",
    r"\w{3,}(?:[^e]ed|izes?|ises?|ates?)",
    "(?:add|affect|allow|ask|beat|become|believe|bring|build|buy|call|change|choose|come|cost|create|cut|decide|depend|"
    "destroy|die|double|drive|drop|eat|end|expect|explain|fail|fall|feel|find|follow|force|get|give|grow|happen|hate|hear|"
    "help|hire|hold|hurt|improve|increase|keep|kill|know|lead|learn|leave|let|limit|live|look|lose|love|make|manage|"
    "matter|mean|measure|miss|move|need|offer|open|outlive|own|pay|play|prefer|produce|prove|pull|push|put|raise|reach|read|"
    "reduce|remain|remember|replace|require|rescue|run|save|say|scale|see|sell|serve|set|share|show|sink|solve|sound|speak|"
    "spend|stand|start|stay|stop|store|suffer|suit|support|take|talk|teach|tell|tend|test|think|trap|travel|treat|trust|turn|"
    "understand|use|wait|walk|want|waste|watch|win|work|worry|write)s?",
    "went", "became", "began", "brought", "built", "came", "fell", "felt", "found", "gave", "got", "goes?", "go", "grew",
    "applies", "carries", "relies", "tries", "varies", "kept", "knew", "led", "lost", "made", "meant", "paid", "ran", "rose",
    "rises?", "said", "saw", "sold", "spent", "stood", "taught", "thought", "told", "took", "won", "wrote",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Passage:
    """``sentences[first:last + 1]`` of an episode, with its scores."""

    first: int
    last: int
    words: int
    centrality: float
    specificity: float
    cues: float
    quality: float

    def overlaps(self, other: "Passage") -> bool:
        """Whether the two share a sentence."""
        return self.first <= other.last and other.first <= self.last


def passages_of(
    sentences: Sequence[Sentence], embed: Embed | None = None, *, longest: int = LONGEST, model: Model | None = None
) -> list[Passage]:
    """The runs of sentences of one turn that have the length of an insight, best first; of some thousands the best ones.

    ``embed`` gives a vector a text (``embedding.Embedder.vectors``). ``longest``: words of a passage.
    """
    spans = _spans(sentences, longest)
    if not len(spans):
        return []
    model, talk = model or load(), Talk(sentences)
    seen, again = model.seen(talk), _said_again(sentences)
    chances = seen.chances(model.words) * ~again
    if embed is not None:
        near = _around(_best_apart(spans, _expected(spans, chances), SHORTLIST), len(sentences))
        size = len(model.meaning.vector)
        vectors = np.zeros((len(sentences), size))
        vectors[near] = embed([sentences[i].text for i in near])
        chances[near] = (seen.chances(model.meaning, vectors) * ~again)[near]
    expected = _expected(spans, chances)
    best = np.lexsort((spans[:, 1], -spans[:, 0], -expected))[:MOST]
    scores = _Scores(sentences, talk)
    quality = expected / (expected + model.half)
    return [scores.passage(int(spans[i, 0]), int(spans[i, 1]), float(quality[i])) for i in best]


def apart(passages: Sequence[Passage], most: int) -> list[Passage]:
    """The first passages that share no sentence."""
    found: list[Passage] = []
    for passage in passages:
        if len(found) < most and not any(passage.overlaps(other) for other in found):
            found.append(passage)
    return found


def _spans(sentences: Sequence[Sentence], longest: int) -> Spans:
    """The first and the last sentence of each passage, a row a passage."""
    spans = []
    lengths = [sentence.words for sentence in sentences]
    for first, opening in enumerate(sentences):
        words = 0
        for last in range(first, len(sentences)):
            words += lengths[last]
            if sentences[last].turn != opening.turn or words > longest:
                break
            if words >= SHORTEST:
                spans.append((first, last))
    return np.array(spans, int).reshape(-1, 2)


def _said_again(sentences: Sequence[Sentence]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which sentences are said again later, word for word: a teaser's are, and belong where the talk has them."""
    last = {sentence.text: place for place, sentence in enumerate(sentences)}
    return np.array([last[each.text] > i and each.words >= REPEATED_WORDS for i, each in enumerate(sentences)])


def _expected(spans: Spans, chances: Numbers) -> Numbers:
    """How many picks each passage is expected to hold, with a part of those around it."""
    total = np.r_[0.0, np.cumsum(chances)]
    first, end = spans[:, 0], spans[:, 1] + 1
    around = total[np.minimum(end + AROUND, len(chances))] - total[np.maximum(first - AROUND, 0)]
    return np.asarray((1 - AROUND_SHARE) * (total[end] - total[first]) + AROUND_SHARE * around)


def _best_apart(spans: Spans, expected: Numbers, most: int) -> Spans:
    """The best passages that share no sentence."""
    found: list[int] = []
    free = np.ones(len(spans), bool)
    for i in np.argsort(-expected, kind="stable"):
        if free[i] and len(found) < most:
            found.append(i)
            free &= (spans[:, 0] > spans[i, 1]) | (spans[:, 1] < spans[i, 0])
    return spans[found]


def _around(spans: Spans, count: int) -> "np.ndarray[Any, Any]":
    """The sentences of passages with their neighbours."""
    near = np.zeros(count, bool)
    for first, last in spans:
        near[max(first - 1, 0) : last + 2] = True
    return np.flatnonzero(near)


class _Scores:
    """The scores of passages that can be read off their words; what is known of a sentence is worked out once."""

    def __init__(self, sentences: Sequence[Sentence], talk: Talk) -> None:
        self._vectors = talk.vectors
        self._centroid = np.asarray(talk.vectors.sum(axis=0)).ravel()
        self._counts = functools.cache(lambda place: _Counts.of(sentences[place].text))

    def passage(self, first: int, last: int, quality: float) -> Passage:
        """A passage with its scores."""
        counts = _Counts.sum([self._counts(place) for place in range(first, last + 1)])
        specificity = _saturating(2 * counts.numbers + 1.5 * counts.names + 0.7 * counts.long_words, 4.0)
        kinds = sum(count > 0 for count in (counts.contrast, counts.mechanism, counts.comparison, counts.advice))
        marks = counts.contrast + 1.5 * counts.mechanism + counts.comparison + 0.7 * counts.advice
        cues = 0.5 * kinds / 4 + 0.5 * _saturating(marks, 3.0)
        return Passage(
            first, last, counts.words, round(self._centrality(first, last), 6), round(specificity, 6), round(cues, 6),
            round(quality, 6),
        )  # fmt: skip

    def _centrality(self, first: int, last: int) -> float:
        vector = np.asarray(self._vectors[first : last + 1].sum(axis=0)).ravel()
        lengths = float(np.linalg.norm(vector) * np.linalg.norm(self._centroid))
        return min(float(vector @ self._centroid) / lengths / 0.5, 1.0) if lengths else 0.0


class _Counts(NamedTuple):
    """How often each sign occurs in a stretch of text; counts of sentences add up to those of a passage."""

    words: int
    numbers: int
    names: int
    long_words: int
    contrast: int
    mechanism: int
    comparison: int
    advice: int

    @classmethod
    def of(cls, text: str) -> "_Counts":
        signs = (NUMBER, NAME, LONG_WORD, CONTRAST, MECHANISM, COMPARISON, ADVICE)
        return cls(len(text.split()), *(len(sign.findall(text)) for sign in signs))

    @classmethod
    def sum(cls, parts: Sequence["_Counts"]) -> "_Counts":
        return cls(*(sum(values) for values in zip(*parts, strict=True)))


def _saturating(value: float, half: float) -> float:
    """0 at 0, 0.5 at ``half``, towards 1 beyond."""
    return value / (value + half) if value > 0 else 0.0
