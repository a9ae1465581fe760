"""Self-contained passages of a talk, and how good each is: centrality, specificity, cues of an idea.

All scores lie between 0 and 1 and mean the same in every episode, so that insights of different shows can be compared.

* ``centrality``: cosine between the passage's TF-IDF vector (sentences of the episode as documents) and the episode's
  centroid, stretched to use the range; an idea that the talk turns around scores high.
* ``specificity``: numbers, names and rare words per word, saturating.
* ``cues``: words that mark contrast, mechanism, consequence, comparison and advice, saturating.
* ``quality``: a logistic function of these, of the density of content words and of the length, less what makes talk
  hard to read out of its place (fillers, first person, questions).
"""

import dataclasses
import math
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from podcast_assets.insights.talk import Sentence, any_of

WORD = r"(?u)\b[^\W\d_]{3,}\b"
SHORTEST, LONGEST = 25, 70  # words of a passage
MOST_SENTENCES = 5

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

# Weights of the logistic, found by hand on talks of several kinds.
WEIGHTS: Final = {
    "centrality": 1.6,
    "specificity": 1.5,
    "cues": 2.2,
    "density": 2.0,
    "length": 1.0,
    "first_person": -1.2,
    "filler": -1.6,
    "question": -1.0,
}
BIAS = -3.6


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


def passages_of(sentences: Sequence[Sentence]) -> list[Passage]:
    """Every run of sentences of one turn that has the length of an insight, best first.

    Of those that are equal the later one: a teaser at the start repeats what is said in its place later.
    """
    spans = _spans(sentences)
    if not spans:
        return []
    central = _centralities([sentence.text for sentence in sentences], spans)
    counts = [_Counts.of(sentence.text) for sentence in sentences]
    found = []
    for (first, last), centrality in zip(spans, central, strict=True):
        total = _Counts.sum(counts[first : last + 1])
        found.append(_score(first, last, total, centrality))
    return sorted(found, key=lambda passage: (-passage.quality, -passage.first, passage.last))


def _spans(sentences: Sequence[Sentence]) -> list[tuple[int, int]]:
    spans = []
    for first, opening in enumerate(sentences):
        words = 0
        for last in range(first, min(first + MOST_SENTENCES, len(sentences))):
            if sentences[last].turn != opening.turn:
                break
            words += sentences[last].words
            if words > LONGEST:
                break
            if words >= SHORTEST:
                spans.append((first, last))
    return spans


def _centralities(texts: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[float]:
    import numpy as np
    from scipy.sparse import csr_array
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", token_pattern=WORD)
    try:
        vectors = csr_array(vectorizer.fit_transform(texts))
    except ValueError:  # scikit-learn's word for: nothing but stop words
        return [0.0] * len(spans)
    centroid = np.asarray(vectors.sum(axis=0)).ravel()
    rows = np.repeat(np.arange(len(spans)), [last - first + 1 for first, last in spans])
    columns = np.concatenate([np.arange(first, last + 1) for first, last in spans])
    members = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(spans), len(texts)))
    sums = members @ vectors
    lengths = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1)).ravel()) * np.linalg.norm(centroid)
    cosines = np.divide(sums @ centroid, lengths, out=np.zeros(len(spans)), where=lengths > 0)
    return [min(float(cosine) / 0.5, 1.0) for cosine in cosines]


class _Counts(NamedTuple):
    """How often each sign occurs in a stretch of text; counts of sentences add up to those of a passage."""

    words: int = 0
    content: int = 0
    numbers: int = 0
    names: int = 0
    long_words: int = 0
    contrast: int = 0
    mechanism: int = 0
    comparison: int = 0
    advice: int = 0
    first_person: int = 0
    filler: int = 0
    questions: int = 0

    @classmethod
    def of(cls, text: str) -> "_Counts":
        def count(pattern: re.Pattern[str]) -> int:
            return len(pattern.findall(text))

        return cls(
            words=len(text.split()),
            content=count(CONTENT_WORD),
            numbers=count(NUMBER),
            names=count(NAME),
            long_words=count(LONG_WORD),
            contrast=count(CONTRAST),
            mechanism=count(MECHANISM),
            comparison=count(COMPARISON),
            advice=count(ADVICE),
            first_person=count(FIRST_PERSON),
            filler=count(FILLER),
            questions=text.count("?"),
        )

    @classmethod
    def sum(cls, parts: Sequence["_Counts"]) -> "_Counts":
        return cls(*(sum(values) for values in zip(*parts, strict=True)))


def _saturating(value: float, half: float) -> float:
    """0 at 0, 0.5 at ``half``, towards 1 beyond."""
    return value / (value + half) if value > 0 else 0.0


def _score(first: int, last: int, counts: _Counts, centrality: float) -> Passage:
    words = max(counts.words, 1)
    specificity = _saturating(2 * counts.numbers + 1.5 * counts.names + 0.7 * counts.long_words, 4.0)
    kinds = sum(count > 0 for count in (counts.contrast, counts.mechanism, counts.comparison, counts.advice))
    marks = counts.contrast + 1.5 * counts.mechanism + counts.comparison + 0.7 * counts.advice
    cues = 0.5 * kinds / 4 + 0.5 * _saturating(marks, 3.0)
    signs = {
        "centrality": centrality,
        "specificity": specificity,
        "cues": cues,
        "density": min(counts.content / words / 0.5, 1.0),
        "length": math.exp(-(((words - 48) / 20) ** 2)),
        "first_person": min(counts.first_person / words / 0.06, 1.0),
        "filler": min(counts.filler / words / 0.04, 1.0),
        "question": min(counts.questions, 1),
    }
    quality = 1 / (1 + math.exp(-(BIAS + sum(WEIGHTS[name] * value for name, value in signs.items()))))
    return Passage(first, last, counts.words, round(centrality, 6), round(specificity, 6), round(cues, 6), round(quality, 6))
