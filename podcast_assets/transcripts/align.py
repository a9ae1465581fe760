"""A publisher's text without times gets those of the words that a recogniser heard in the audio.

Belongs here: which word of the text is which that was heard, and the times of sentences that follow from it. Does not belong
here: recognising, and the guesses that stand where nothing was heard (``publisher_transcripts.estimate``). Pure.

The words are brought together by the fewest edits (rapidfuzz's Levenshtein, which is bit-parallel: 30,000 words and as
many take 0.05 s). Where a cut and an advertisement lie near each other, that takes the one for the other's wrong words; so
its long runs of equal words alone are believed, and between them as many words as can be are matched (the longest common
subsequence). A word that matches by chance, in an advertisement say, is given away by its place: it is far from where the
other words of its sentence are.
"""

import dataclasses
import itertools
import re
import statistics
from collections.abc import Sequence

from podcast_assets.speech import Segment

MIN_MATCHED = 0.5  # of a sentence's words: with fewer, its neighbours tell its time better
SURE_RUN = 8  # so many equal words in a row are no chance
MOST_CELLS = 2_000_000_000  # words times words between two such runs: 250 MB; nothing that belongs together has more
STRAY_WORDS = 3  # so far, and a quarter of its length, the words of a sentence are shifted by what is misheard in it
LONGEST_WORD_S = 1.0  # with its pause: what was heard longer before a sentence's first known word is not of it
CHARACTERS_A_SECOND = 16.6  # of text beyond all that was heard (see publisher_transcripts.estimate)

_LETTERS = re.compile(r"[^\W_]+")


@dataclasses.dataclass(frozen=True)
class _Sound:
    """The words that were heard, in order."""

    words: list[str]
    starts: list[float]
    ends: list[float]


def align(text: Sequence[Segment], heard: Sequence[Segment]) -> list[Segment]:
    """The segments of ``text`` with the times at which they were heard; all else about them stays.

    A segment of which every word was heard is ``exact``, with ``word_starts``. One of which at least half of the words were
    is ``segment``: it starts at its first word, or as many words before the first that was heard as stand before it. The
    rest is ``estimated``: between its neighbours, by the characters of its text. Times never go back.

    Args:
        text: what was said, best a sentence a segment; its own times are ignored.
        heard: what a recogniser heard, by start; where ``word_starts`` are missing, words share their segment's time.

    Returns:
        As many segments as ``text`` has; its own, unchanged, where nothing matches.
    """
    sound = _sound_of(heard)
    words = [_words(segment.text) for segment in text]
    places = iter(_places(list(itertools.chain.from_iterable(words)), sound.words))
    timed: list[Segment | None] = []
    after = 0  # the first word heard that belongs to no segment yet
    for segment, said in zip(text, words, strict=True):
        known = _near(list(itertools.islice(places, len(said))))
        spoken, matched = sum(map(bool, said)), sum(bool(said[at]) for at in known)
        if matched and matched >= MIN_MATCHED * spoken:
            timed.append(_timed(segment, known, len(said), spoken, sound, after))
            after = max(known.values()) + 1
        else:
            timed.append(None)
    return _filled(text, timed, sound) if any(timed) else list(text)


def _words(text: str) -> list[str]:
    """A word for each of ``text.split()`` as it is compared, in small letters and digits; empty for a mere dash."""
    return ["".join(_LETTERS.findall(word)).casefold() for word in text.split()]


def _sound_of(heard: Sequence[Segment]) -> _Sound:
    words: list[str] = []
    starts: list[float] = []
    ends: list[float] = []
    for segment in heard:
        said = segment.text.split()
        begins = segment.word_starts
        if begins is None or len(begins) != len(said):
            begins = _shared_out(segment.start_s, segment.end_s, [len(word) for word in said])
        words += _words(segment.text)
        starts += begins
        ends += [*begins[1:], segment.end_s]
    return _Sound(words, starts, ends)


def _shared_out(start_s: float, end_s: float, lengths: Sequence[int]) -> tuple[float, ...]:
    """Where each of some pieces starts that share the time between two moments by their lengths."""
    total = max(1, sum(lengths))
    return tuple(start_s + (end_s - start_s) * before / total for before in itertools.accumulate(lengths, initial=0))[:-1]


def _places(text: Sequence[str], heard: Sequence[str]) -> list[int | None]:
    """Which of the words heard each word of the text is; None where it was not heard."""
    from rapidfuzz.distance import LCSseq, Levenshtein

    numbers: dict[str, int] = {}
    said, sounded = ([numbers.setdefault(word, len(numbers)) for word in words] for words in (text, heard))
    places: list[int | None] = [None] * len(text)
    at, place = 0, 0  # how far both are known
    for run in Levenshtein.opcodes(said, sounded).as_matching_blocks():  # the last one is empty, at the ends of both
        if 0 < run.size < SURE_RUN:
            continue
        if 0 < (run.a - at) * (run.b - place) <= MOST_CELLS:
            for found in LCSseq.opcodes(said[at : run.a], sounded[place : run.b]).as_matching_blocks():
                places[at + found.a : at + found.a + found.size] = range(place + found.b, place + found.b + found.size)
        places[run.a : run.a + run.size] = range(run.b, run.b + run.size)
        at, place = run.a + run.size, run.b + run.size
    return places


def _near(places: Sequence[int | None]) -> dict[int, int]:
    """The places of a sentence's words that are where the others are, by the number of the word."""
    shifts = {at: place - at for at, place in enumerate(places) if place is not None}
    if not shifts:
        return {}
    usual = statistics.median_low(shifts.values())
    most = STRAY_WORDS + len(places) / 4
    return {at: at + shift for at, shift in shifts.items() if abs(shift - usual) <= most}


def _timed(segment: Segment, known: dict[int, int], count: int, spoken: int, sound: _Sound, after: int) -> Segment:
    first, last = min(known), max(known)
    begin = max(after, known[first] - first)
    end = min(len(sound.ends) - 1, known[last] + count - 1 - last)
    start_s = max(sound.starts[begin], sound.starts[known[first]] - first * LONGEST_WORD_S)
    end_s = max(start_s, min(sound.ends[end], sound.ends[known[last]] + (count - 1 - last) * LONGEST_WORD_S))
    if len(known) < spoken:
        return dataclasses.replace(segment, start_s=start_s, end_s=end_s, timing="segment", word_starts=None)
    starts: list[float] = []
    for at in range(count):  # a dash that was not heard goes with the word before it
        starts.append(sound.starts[known[at]] if at in known else starts[-1] if starts else sound.starts[known[first]])
    return dataclasses.replace(segment, start_s=starts[0], end_s=end_s, timing="exact", word_starts=tuple(starts))


def _filled(text: Sequence[Segment], timed: Sequence[Segment | None], sound: _Sound) -> list[Segment]:
    """All segments, those that were not heard between their neighbours; none ends after the next one starts."""
    filled: list[Segment] = []
    for is_known, group in itertools.groupby(range(len(text)), key=lambda at: timed[at] is not None):
        numbers = list(group)
        if is_known:
            filled += [segment for at in numbers if (segment := timed[at])]
            continue
        lengths = [len(text[at].text) for at in numbers]
        needed_s = sum(lengths) / CHARACTERS_A_SECOND
        following = timed[numbers[-1] + 1] if numbers[-1] + 1 < len(text) else None
        start_s = filled[-1].end_s if filled else max(0.0, following.start_s - needed_s if following else 0.0)
        end_s = following.start_s if following else min(start_s + needed_s, max(start_s, sound.ends[-1]))
        start_s = min(start_s, end_s)
        starts = [*_shared_out(start_s, end_s, lengths), end_s]
        filled += [
            dataclasses.replace(text[at], start_s=begin, end_s=end, timing="estimated", word_starts=None)
            for at, begin, end in zip(numbers, starts, starts[1:], strict=False)
        ]
    ends = [min(one.end_s, max(one.start_s, other.start_s)) for one, other in itertools.pairwise(filled)]
    return [dataclasses.replace(one, end_s=end_s) for one, end_s in zip(filled, [*ends, filled[-1].end_s], strict=True)]
