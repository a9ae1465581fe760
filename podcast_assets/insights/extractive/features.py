"""What the extractive method sees of a sentence: numbers, the same for every show, before any weight.

Belongs here: length, place in the episode and in the turn, who speaks and what the others say next, marks, classes of words,
and how a sentence's words are spread over the episode. Does not belong here: the words themselves and what they weigh
(``model``). Everything is worked out from the episode alone.
"""

import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from podcast_assets.insights.extractive.words import CLASSES, INVITATION, OPENERS, REACTION, tokens
from podcast_assets.insights.talk import Sentence

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Numbers = np.ndarray[Any, Any]

WORD = r"(?u)\b[^\W\d_]{3,}\b"
NAMED = re.compile(r"(?<=[a-z,;:] )[A-Z][a-z]")
ENDED = re.compile(r"[.!?…][\"”']*$")
TOLD = re.compile(r"(?:said|like|says|say|goes|is|was),? [\"“]")
INTRO_WORDS, OUTRO_SHARE = 500, 0.85  # where an episode says what it is about: its beginning and its end
SOON, SOON_AFTER, SHORT_TURN = 80, 60, 25  # words
LONG_WORD = 9  # letters
NEAR = 15  # sentences: what is being talked about just now
FAR = 40  # sentences: from there on, the same words are said again
BLOCK = 1000  # sentences compared with all others at once
COMMON, RARE = 8, 1  # sentences of the episode in which a word occurs


@dataclasses.dataclass(frozen=True)
class Talk:
    """The sentences of an episode with what several features need."""

    sentences: Sequence[Sentence]

    @cached_property
    def tokens(self) -> list[list[str]]:
        """The words of each sentence."""
        return [tokens(sentence.text) for sentence in self.sentences]

    @cached_property
    def words(self) -> Numbers:
        """How many words each sentence has."""
        return np.array([sentence.words for sentence in self.sentences], float)

    @cached_property
    def said(self) -> Numbers:
        """How many words of the episode precede each sentence."""
        return np.asarray(np.cumsum(self.words) - self.words)

    @cached_property
    def starts(self) -> "np.ndarray[Any, Any]":
        """The first sentence of each turn."""
        turn = np.array([sentence.turn for sentence in self.sentences])
        return np.flatnonzero(np.r_[True, turn[1:] != turn[:-1]])

    @cached_property
    def turn(self) -> "np.ndarray[Any, Any]":
        """The turn of each sentence, counted from 0 without gaps."""
        marks = np.zeros(len(self.sentences), int)
        marks[self.starts] = 1
        return np.cumsum(marks) - 1

    @cached_property
    def turn_words(self) -> Numbers:
        """How many words each turn has."""
        return np.bincount(self.turn, self.words)

    @cached_property
    def before(self) -> Numbers:
        """How many words of its turn precede each sentence."""
        return np.asarray(self.said - self.said[self.starts][self.turn])

    @cached_property
    def after(self) -> Numbers:
        """How many words of its turn follow each sentence."""
        return np.asarray(self.turn_words[self.turn] - self.before - self.words)

    @cached_property
    def asks(self) -> Numbers:
        """Whether each sentence is a question."""
        return np.array([sentence.text.rstrip("\"”'").endswith("?") for sentence in self.sentences], float)

    @cached_property
    def vectors(self) -> "csr_array":
        """The TF-IDF vector of each sentence, of length 1; English stop words out."""
        return self._tfidf[0]

    @cached_property
    def rarity(self) -> Numbers:
        """The weight of each word of ``vectors``."""
        return self._tfidf[1]

    @cached_property
    def _tfidf(self) -> "tuple[csr_array, Numbers]":
        from scipy.sparse import csr_array
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english", token_pattern=WORD)
        try:
            vectors = csr_array(vectorizer.fit_transform(sentence.text for sentence in self.sentences))
        except ValueError:  # scikit-learn's word for: nothing but stop words
            return csr_array((len(self.sentences), 1)), np.zeros(1)
        return vectors, vectorizer.idf_

    def of_next_turn(self, values: Numbers) -> Numbers:
        """For each sentence, the value of the turn after its own; 0 in the last one."""
        return np.asarray(np.r_[values, 0.0][self.turn + 1])

    def of_last_turn(self, values: Numbers) -> Numbers:
        """For each sentence, the value of the turn before its own; 0 in the first one."""
        return np.asarray(np.r_[0.0, values[:-1]][self.turn])


def features(talk: Talk) -> dict[str, Numbers]:
    """All features of all sentences of a talk that has some, by name, in a fixed order."""
    return {**_place(talk), **_speakers(talk), **_replies(talk), **_marks(talk), **_classes(talk), **_topic(talk)}


def _place(talk: Talk) -> dict[str, Numbers]:
    words, before, after = talk.words, talk.before, talk.after
    place = talk.said / max(words.sum(), 1)
    length = talk.turn_words[talk.turn]
    log = np.log1p(words)
    return {
        "words": log,
        **{f"words_{low}": (words >= low).astype(float) for low in (5, 10, 20, 35)},
        "words_next": np.r_[log[1:], 0],
        "words_last": np.r_[0, log[:-1]],
        "place": place,
        **{
            f"place_{edge:g}": (place > edge).astype(float)
            for edge in (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.88, 0.94)
        },
        "intro": (talk.said < INTRO_WORDS).astype(float),
        "turn_words": np.log1p(length),
        **{f"turn_{low}": (length > low).astype(float) for low in (30, 200, 500)},
        "turn_before": np.log1p(before),
        "turn_after": np.log1p(after),
        "turn_place": before / np.maximum(length, 1),
        "turn_first": (before == 0).astype(float),
        "turn_last": (after == 0).astype(float),
        "turn_next": talk.of_next_turn(np.log1p(talk.turn_words)),
        "turn_previous": talk.of_last_turn(np.log1p(talk.turn_words)),
    }


def _speakers(talk: Talk) -> dict[str, Numbers]:
    """Guest or host, by who speaks most, who asks, and who opens."""
    names = [sentence.speaker or "" for sentence in talk.sentences]
    words: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for name, count, asks in zip(names, talk.words, talk.asks, strict=True):
        words[name] += int(count)
        asked[name] += int(asks)
    several = len(words) > 1
    main = max(words, key=lambda name: (words[name], name))
    total = max(sum(words.values()), 1)
    return {
        "speaker_share": np.array([words[name] / total for name in names]),
        "speaker_main": np.array([float(name == main) for name in names]) if several else np.full(len(names), 0.7),
        "speaker_asks": np.array([min(100 * asked[name] / (words[name] + 50), 3.0) for name in names]),
        "speaker_opens": np.array([float(name == names[0]) for name in names]),
        "speakers_known": np.full(len(names), float(several)),
    }


def _replies(talk: Talk) -> dict[str, Numbers]:
    """What led to a turn and how it was taken: the other's words before and after it."""
    ends = np.r_[talk.starts[1:], len(talk.sentences)]
    turns = [range(start, end) for start, end in zip(talk.starts, ends, strict=True)]

    def count(among: frozenset[str], first: int) -> Numbers:
        heads = ([word for i in turn for word in talk.tokens[i]][:first] for turn in turns)
        return np.array([min(sum(word in among for word in head), 2) for head in heads], float)

    asks = np.array([float(any(talk.asks[i] for i in turn)) for turn in turns])
    ends_asking = np.array([talk.asks[turn[-1]] for turn in turns])
    reaction, question = talk.of_next_turn(count(REACTION, 15)), talk.of_next_turn(asks)
    answer = talk.of_last_turn(ends_asking)
    return {
        "reaction": reaction,
        **{f"reaction_{within}": reaction * (talk.after < within) for within in (SOON, 250)},
        "question_follows": question,
        "question_follows_soon": question * (talk.after < SOON),
        "answer": answer,
        "answer_soon": answer * (talk.before < SOON_AFTER),
        "invited": talk.of_last_turn(count(INVITATION, 60)),
        "short_reply": (talk.of_next_turn(talk.turn_words) < SHORT_TURN).astype(float),
    }


def _marks(talk: Talk) -> dict[str, Numbers]:
    texts = [sentence.text for sentence in talk.sentences]
    words = np.maximum(talk.words, 1)

    def of(sign: Callable[[str], float]) -> Numbers:
        return np.array([float(sign(text)) for text in texts])

    letters = [[len(word) for word in each] or [0] for each in talk.tokens]
    firsts = [each[0] if each else "" for each in talk.tokens]
    same = np.array([float(one == other) for one, other in itertools.pairwise(firsts)])
    return {
        "asks": talk.asks,
        "exclaims": of(lambda text: "!" in text),
        "trails": of(lambda text: "..." in text or text.endswith("-")),
        "quotes": of(lambda text: '"' in text or "“" in text),
        "tells": of(lambda text: TOLD.search(text) is not None),
        "digits": of(lambda text: any("0" <= letter <= "9" for letter in text)),
        "names": of(lambda text: min(len(NAMED.findall(text)), 4)),
        "commas": of(lambda text: min(text.count(","), 6)) / words * 10,
        "unended": of(lambda text: ENDED.search(text) is None),
        "gap": of(lambda text: "[" in text),
        "letters": np.array([np.mean(each) for each in letters]),
        "long_words": np.array([np.mean([length >= LONG_WORD for length in each]) for each in letters]),
        "repeats": np.array([len(each) - len(set(each)) for each in talk.tokens]) / words,
        "parallel": np.r_[0, same] + np.r_[same, 0],
    }


def _classes(talk: Talk) -> dict[str, Numbers]:
    kinds: dict[str, list[int]] = {}
    for column, members in enumerate(CLASSES.values()):
        for word in members:
            kinds.setdefault(word, []).append(column)
    counts = np.zeros((len(talk.sentences), len(CLASSES)))
    for row, each in enumerate(talk.tokens):
        for word in each:
            for column in kinds.get(word, ()):
                counts[row, column] += 1
    rates = np.minimum(counts / np.maximum(talk.words, 4)[:, None] * 10, 4)
    counts = np.minimum(counts, 3)
    opens = {
        f"opens_{name}": np.array([float(bool(each) and each[0] in members) for each in talk.tokens])
        for name, members in OPENERS.items()
    }
    return {
        **{f"count_{name}": counts[:, column] for column, name in enumerate(CLASSES)},
        **{f"rate_{name}": rates[:, column] for column, name in enumerate(CLASSES)},
        **opens,
    }


def _topic(talk: Talk) -> dict[str, Numbers]:
    """How a sentence's words are spread over the episode: likeness to the whole, to what is near, to beginning and end."""
    vectors, rarity = talk.vectors, talk.rarity
    count, rows = len(talk.sentences), np.arange(len(talk.sentences))
    held = (vectors > 0).astype(float)
    own = np.maximum(np.asarray(held.sum(axis=1)).ravel(), 1)
    frequency = np.asarray(held.sum(axis=0)).ravel()
    intro, outro = talk.said < INTRO_WORDS, talk.said > OUTRO_SHARE * talk.words.sum()
    near = _sums(vectors, np.maximum(rows - NEAR, 0), np.minimum(rows + NEAR + 1, count))
    turns = _sums(vectors, talk.starts, np.r_[talk.starts[1:], count])
    following, nothing = _dots(vectors[:-1], vectors[1:]), np.zeros(1)
    turn, last = talk.turn, len(talk.starts) - 1
    return {
        "central": vectors @ _unit(np.asarray(vectors.sum(axis=0)).ravel()),
        "like_last": np.r_[nothing, following],
        "like_next": np.r_[following, nothing],
        "like_near": _dots(vectors, near),
        "near_central": near @ _unit(np.asarray(vectors.sum(axis=0)).ravel()),
        "like_intro": (vectors @ _unit(np.asarray(vectors[intro].sum(axis=0)).ravel())) * ~intro,
        "like_outro": (vectors @ _unit(np.asarray(vectors[outro].sum(axis=0)).ravel())) * ~outro,
        "like_turn": _dots(vectors, turns[turn]),
        "like_next_turn": _dots(vectors, turns[np.minimum(turn + 1, last)]) * (turn < last),
        "like_last_turn": _dots(vectors, turns[np.maximum(turn - 1, 0)]) * (turn > 0),
        "echo": _echo(vectors),
        "rarity": np.asarray(held @ rarity).ravel() / own,
        "content": np.asarray(held.sum(axis=1)).ravel() / np.maximum(talk.words, 1),
        "rare": np.asarray(held @ (frequency <= RARE)).ravel() / own,
        "common": np.asarray(held @ (frequency >= COMMON)).ravel() / own,
    }


def _unit(vector: Numbers) -> Numbers:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _dots(left: "csr_array", right: "csr_array") -> Numbers:
    return np.asarray(left.multiply(right).sum(axis=1)).ravel()


def _sums(vectors: "csr_array", firsts: Numbers, ends: Numbers) -> "csr_array":
    """The sums of runs of rows, each brought to length 1."""
    from scipy.sparse import csr_array, diags_array

    lengths = (ends - firsts).astype(int)
    columns = np.concatenate([np.arange(first, end) for first, end in zip(firsts, ends, strict=True)])
    rows = np.repeat(np.arange(len(firsts)), lengths)
    sums = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(firsts), vectors.shape[0])) @ vectors
    norms = np.sqrt(np.asarray(sums.multiply(sums).sum(axis=1)).ravel())
    return csr_array(diags_array(1 / np.maximum(norms, 1e-9)) @ sums)


def _echo(vectors: "csr_array") -> Numbers:
    """The closest likeness of each sentence to one that is far from it."""
    found = np.zeros(vectors.shape[0])
    for start in range(0, len(found), BLOCK):
        alike = (vectors[start : start + BLOCK] @ vectors.T).tocoo()
        far = np.abs(alike.row + start - alike.col) > FAR
        np.maximum.at(found, alike.row[far] + start, alike.data[far])
    return found
