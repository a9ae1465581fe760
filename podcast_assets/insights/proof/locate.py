"""Where a quote is in the transcript: the words that were really said, who said them, and when.

Belongs here: which words of a quote are which of the transcript, and whether that is enough. Does not belong here: what the
words mean, and what a model says about them (``prove``).

A quote that is there word for word is found as a substring. Else each two words of it that follow each other vote for the
places where they do so in the transcript, and at the best places the longest common subsequence (rapidfuzz) says which word
is which. A common word that matches by chance, far from where the other words of the quote are, does not count.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from podcast_assets.insights.proof.transcript import Transcript, keys_of

SHORTEST, LONGEST = 5, 120  # words of a quote
LEAST_AGREEMENT = 0.7  # of a quote's words: below it, 1 in 1,000 of those that are made of what was said would pass
EDGE_WORDS, EDGE_S = 3, 1.0  # so few words that lack to the edge of a sentence are given too, if its start is so near
ONE_SPEAKER = 0.9  # of the words that match
CANDIDATES = 3  # places that are looked at
STRIDE = 16  # places whose distance from the quote's start differs by less are one
ALIKE, ALIKE_LETTERS = 80.0, 4  # per cent of the letters of a word that is misspelt; shorter words are other words
MOST_SHIFTED = 12  # words that a quote may leave out in a row
LACKING, LACKING_OF = (
    3,
    15,
)  # so many words more may lack than are there in any stretch, and one for each so many of the quote

_Places = Sequence[int | None]  # of each word of a quote that of the transcript
_Run = tuple[int, int, int]  # equal words: where in the quote, where in the transcript, how many

_BEFORE, _AFTER = re.compile(r"[$€£#@]$"), re.compile(r"^\s?[%°]|^[.!?…]+")  # marks that belong to the word beside them


@dataclasses.dataclass(frozen=True)
class Found:
    """A quote in the transcript's own words. Times in seconds; ``first`` and ``last`` are indices of sentences.

    ``timing``: ``exact`` where words are timed, ``segment`` at the start of a timed stretch, else ``estimated``.
    ``agreement`` is the share of the quote's words that were said.
    """

    text: str
    start_s: float
    end_s: float
    timing: str
    speaker: str | None
    first: int
    last: int
    agreement: float


@dataclasses.dataclass(frozen=True)
class Missing:
    """Why a quote is none, in a few words."""

    reason: str


def locate(quote: str, transcript: Transcript) -> Found | Missing:
    """Finds a quote in the transcript and gives it in the transcript's own words.

    It runs from the first to the last word that matches, and on to the edge of a sentence that is at most three words away
    (and, at its start, at most a second).
    Where it is said more than once, it is the last time: a teaser at the start of an episode comes back in the talk.

    Returns:
        What was found; or why it cannot be: too short or too long, not said, part of a sponsor read, said by two people.
    """
    words = keys_of(quote)
    if len(words) < SHORTEST:
        return Missing(f"the quote is too short: {len(words)} words, at least {SHORTEST} are needed to find it for sure")
    if len(words) > LONGEST:
        return Missing(f"the quote is too long: {len(words)} words, at most {LONGEST} are quoted")
    coded = transcript.code(words)
    exact: list[_Places] = [range(at, at + len(words)) for at in transcript.matches(coded)]
    results = [_found(places, transcript) for places in exact or _alike(words, coded, transcript)]
    found = [result for result in results if isinstance(result, Found)]
    return (found or results or [Missing("the quote is not in the transcript")])[0]


def _alike(words: Sequence[str], coded: str, transcript: Transcript) -> list[_Places]:
    """Places where most of the words are said in order, the best first, and of equal ones the last."""
    votes = Counter(
        [
            (at - place) // STRIDE
            for place in range(len(coded) - 1)
            for at in transcript.pairs.get(coded[place : place + 2], ())
        ]
    )
    near = Counter({start: votes[start] + votes[start + 1] for vote in votes for start in (vote - 1, vote)})
    chosen: list[int] = []
    for start, _ in near.most_common():
        if all(abs(start - other) > 1 for other in chosen):  # else the same place
            chosen.append(start)
        if len(chosen) == CANDIDATES:
            break
    found = [_matched(words, coded, start * STRIDE, transcript) for start in sorted(chosen, reverse=True)]
    return sorted((places for places in found if _is_enough(places)), key=lambda places: places.count(None))


def _matched(words: Sequence[str], coded: str, near: int, transcript: Transcript) -> _Places:
    """Which of the words that are said near a place each word of the quote is."""
    margin = STRIDE // 2 + len(coded) // 4
    start = max(0, near - margin)
    window = transcript.coded[start : near + 2 * STRIDE + len(coded) + margin]
    blocks = [(run.a, run.b + start, run.size) for run in LCSseq.opcodes(coded, window).as_matching_blocks() if run.size]
    runs = _together(blocks, coded, transcript.coded)
    places: list[int | None] = [None] * len(words)
    at, place = 0, max(0, runs[0][1] - runs[0][0]) if runs else 0
    for a, b, size in [*runs, (len(words), place + len(words), 0)]:
        if (at and a < len(words)) or a - at <= EDGE_WORDS:  # more words than these at an edge are of something else
            _fill(places, at, words[at:a], place, transcript.words[place:b])
        places[a : a + size] = range(b, b + size)
        at, place = a + size, b + size
    return places


def _is_enough(places: _Places) -> bool:
    """Whether so many of a quote's words were said, and nowhere so few, that it is one."""
    if len(places) - places.count(None) < LEAST_AGREEMENT * len(places):
        return False
    lacking, most = 0, LACKING + len(places) / LACKING_OF
    for place in places:
        lacking = lacking + 1 if place is None else max(0, lacking - 1)
        if lacking > most:
            return False
    return True


def _together(blocks: Sequence[_Run], coded: str, said: str) -> list[_Run]:
    """The runs of equal words that belong together: the longest, and what is where it has to be on both sides of it."""
    if not blocks:
        return []
    longest = max(range(len(blocks)), key=lambda number: blocks[number][2])
    runs = [blocks[longest]]
    for run in blocks[longest + 1 :]:
        if _are_near(runs[-1], run):
            runs.append(run)
    for run in reversed(blocks[:longest]):
        nearer = _nearest(run, runs[0], coded, said)
        if _are_near(runs[0], nearer):
            runs.insert(0, nearer)
    return runs


def _nearest(run: _Run, following: _Run, coded: str, said: str) -> _Run:
    """A run where its words are said last before those that follow: who begins a sentence anew is quoted from there."""
    at, place, size = run
    straight = following[1] - (following[0] - at)
    for shift in range(straight - place):
        if said.startswith(coded[at : at + size], straight - shift):
            return at, straight - shift, size
    return run


def _are_near(run: _Run, other: _Run) -> bool:
    """Whether a run is as far from its neighbour in the transcript as in the quote; a long one may be further."""
    return abs((other[1] - other[0]) - (run[1] - run[0])) <= min(2 * other[2] - 1, MOST_SHIFTED)


def _fill(places: list[int | None], at: int, gap: Sequence[str], place: int, said: Sequence[str]) -> None:
    """Gives the words between two runs their places where they were said but for their spelling and spaces."""
    if not gap or not said:
        return
    if len(gap) == len(said):
        for number, (word, other) in enumerate(zip(gap, said, strict=True)):
            if word == other or (min(len(word), len(other)) >= ALIKE_LETTERS and fuzz.ratio(word, other) >= ALIKE):
                places[at + number] = place + number
    elif fuzz.ratio("".join(gap), "".join(said)) >= ALIKE:
        places[at : at + len(gap)] = [min(place + number, place + len(said) - 1) for number in range(len(gap))]


def _found(places: _Places, transcript: Transcript) -> Found | Missing:
    said = [at for at in places if at is not None]
    sentences = transcript.sentences
    turns = Counter([sentences[transcript.places[at].sentence].turn for at in said])
    turn, count = turns.most_common(1)[0]
    if count < ONE_SPEAKER * len(said):
        return Missing("the quote runs over two speakers")
    said = [at for at in said if sentences[transcript.places[at].sentence].turn == turn]
    first, last = transcript.places[said[0]].sentence, transcript.places[said[-1]].sentence
    if not transcript.cut.isdisjoint(range(first, last + 1)):
        return Missing("the quote is part of a sponsor read")
    spoken = sentences[first].said_in
    # Of the words before the first that was said, half are taken for misheard ones, half for added ones: 3 in 1,000 quotes
    # would start over a second late else.
    misheard = next(number for number, at in enumerate(places) if at is not None) // 2
    start, end = _edges(max(transcript.edges[first], said[0] - misheard), said[-1], transcript)
    start_s, timing = spoken.time_at(start)
    end_s = max(start_s, spoken.end_at(end))
    agreement = 1 - places.count(None) / len(places)
    return Found(spoken.text[start:end], start_s, end_s, timing, sentences[first].speaker, first, last, agreement)


def _edges(first: int, last: int, transcript: Transcript) -> tuple[int, int]:
    """Where the text of a quote starts and ends in its turn, from its first and last word."""
    opening, closing = transcript.places[first], transcript.places[last]
    begins, ends = transcript.sentences[opening.sentence], transcript.sentences[closing.sentence]
    text = begins.said_in.text
    start, end = opening.start, closing.end
    lacking = first - transcript.edges[opening.sentence]
    if lacking <= EDGE_WORDS and begins.said_in.time_at(start)[0] - begins.start_s <= EDGE_S:
        start = begins.offset
    elif _BEFORE.search(text, 0, start):
        start -= 1
    if transcript.edges[closing.sentence + 1] - 1 - last <= EDGE_WORDS:
        end = ends.offset + len(ends.text)
    elif mark := _AFTER.match(text[end : end + 3]):
        end += mark.end()
    return start, end
