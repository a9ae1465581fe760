"""Sponsor reads: where advertising lies in a talk, by what is said, by the chapters, and by voices that only sell.

The cues are ours: many for English, a handful of sure ones for German, French and Spanish. A read reaches further than the
sentence that gives it away. Where that is its opening ("brought to you by") it reaches forward, where it is its end (an
address, a code) backward: so the talk before and after the read is left alone.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from podcast_assets.insights.chatter.cues import BRAND, CHAPTER, CLOSING, DOMAIN, OPENING, TRADE
from podcast_assets.insights.chatter.cut import Cut, around, runs
from podcast_assets.insights.talk import Sentence

BLOCK_GAP = 6  # sentences between two signs of a sponsor read that still belong to one read
READ_SPAN = 15  # sentences between two cues of one read, whatever they are
LONG_READ_SPAN = 30  # sentences between one that opens a read and one that closes it, even across short answers of others
TURN_WORDS = 160  # a turn this short is a read from its start, or to its end, where its cues leave that open
REACH = 2  # sentences from a cue in a longer turn
BRAND_REACH = 15  # sentences from a cue in which its brand's name is a sign of the same read
BRAND_AFTER = 4  # sentences after an address or a code in which the brand is named once more
LONGEST_CHAPTER_S = 360  # a longer chapter of that title holds talk too: nobody marked where the talk goes on
SHORT_VOICE_S = 60  # a guest speaks longer than a recorded advert
SHORT_VOICE = 0.2  # share of what all say: in an episode of two minutes everybody is brief


class Cue(NamedTuple):
    """A sentence that gives a read away: how far the read reaches from it, and what it says."""

    place: int
    before: int
    after: int
    says: str


def sponsor_reads(sentences: Sequence[Sentence], chapters: Sequence[Mapping[str, Any]]) -> list[Cut]:
    """The sponsor reads of an episode by every ground, the surest ground first; they may overlap."""
    sure, trade = list(_sure(sentences)), list(_trade(sentences))
    return [
        *_chapters(sentences, chapters),
        *_reads(sentences, sure),
        *_voices(sentences, [*sure, *trade]),
        *_reads(sentences, sorted([*sure, *trade])),
    ]


def _chapters(sentences: Sequence[Sentence], chapters: Sequence[Mapping[str, Any]]) -> Iterator[Cut]:
    """What is said in the chapters that the publisher calls advertising."""
    starts_s = sorted({chapter["start_s"] for chapter in chapters if chapter["start_s"] is not None})
    middles_s = [(sentence.start_s + sentence.end_s) / 2 for sentence in sentences]
    for chapter in chapters:
        start_s, title = chapter["start_s"], (chapter["title"] or "").strip()
        if start_s is None or not CHAPTER.search(title):
            continue
        end_s = next((later_s for later_s in starts_s if later_s > start_s), sentences[-1].end_s if sentences else 0.0)
        if end_s - start_s <= LONGEST_CHAPTER_S:
            inside = (i for i, middle_s in enumerate(middles_s) if start_s <= middle_s < end_s)
            yield from (Cut(first, last, "sponsor read", f"chapter '{title}'") for first, last in runs(sentences, inside))


def _voices(sentences: Sequence[Sentence], cues: Sequence[Cue]) -> Iterator[Cut]:
    """What is said by those who speak for less than a minute in the whole episode, and sell."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for i, sentence in enumerate(sentences):
        if sentence.speaker is not None:
            places[sentence.speaker].append(i)
    selling = {sentences[cue.place].speaker for cue in cues}
    total_s = sum(sentence.end_s - sentence.start_s for sentence in sentences)
    for speaker, said in places.items():
        spoken_s = sum(sentences[i].end_s - sentences[i].start_s for i in said)
        if speaker in selling and spoken_s < min(SHORT_VOICE_S, SHORT_VOICE * total_s):
            yield from (
                Cut(*run, "sponsor read", f"a voice of {spoken_s:.0f} s that sells") for run in runs(sentences, said)
            )


def _reads(sentences: Sequence[Sentence], cues: Sequence[Cue]) -> list[Cut]:
    """The reads that these cues belong to, those with the most cues first."""
    found: set[int] = set()
    for cue in cues:
        found |= around(sentences, cue.place, cue.before, cue.after)
        brand = _brand(sentences[cue.place].text)
        near = around(sentences, cue.place, BRAND_REACH if cue.before else 0, BRAND_REACH if cue.after else BRAND_AFTER)
        found |= {i for i in near if brand and brand.search(sentences[i].text)}
    for _, group in itertools.groupby(cues, lambda cue: sentences[cue.place].turn):
        of_turn = list(group)
        first, last = of_turn[0], of_turn[-1]
        turn = around(sentences, first.place, len(sentences), len(sentences))
        if sum(sentences[i].words for i in turn) <= TURN_WORDS:
            found |= {i for i in turn if (first.before or i >= first.place) and (last.after or i <= last.place)}
    for cue, other in itertools.pairwise(cues):
        here, there = sentences[cue.place], sentences[other.place]
        opened_and_closed = here.speaker == there.speaker and not cue.before and not other.after
        span = LONG_READ_SPAN if opened_and_closed else READ_SPAN if here.turn == there.turn else 0
        if other.place - cue.place <= span:
            found |= set(range(cue.place, other.place))
    for i, j in itertools.pairwise(sorted(found)):
        if j - i <= BLOCK_GAP and sentences[i].turn == sentences[j].turn:
            found |= set(range(i, j))
    reads = [(run, [cue for cue in cues if run[0] <= cue.place <= run[1]]) for run in runs(sentences, found)]
    reads.sort(key=lambda read: -len(read[1]))
    for run, signs in reads:  # a run without a cue of its own names the brand of a read nearby
        signs[:] = signs or [min(cues, key=lambda cue: abs(cue.place - run[0]))]
    return [Cut(*run, "sponsor read", f"it says '{signs[0].says.lower()}'") for run, signs in reads]


def _sure(sentences: Sequence[Sentence]) -> Iterator[Cue]:
    """The sentences that say nothing else than that something is sold here."""
    for i, sentence in enumerate(sentences):
        opening, closing = OPENING.search(sentence.text), CLOSING.search(sentence.text)
        if sign := opening or closing:
            yield Cue(i, 0 if opening else REACH, 0 if closing else REACH, sign[0])


def _trade(sentences: Sequence[Sentence]) -> Iterator[Cue]:
    """The sentences with words of which two different ones near each other sell."""
    said = [
        {kind: found[0] for kind, pattern in enumerate(TRADE) if (found := pattern.search(sentence.text))}
        for sentence in sentences
    ]
    for i, kinds in enumerate(said):
        near = (
            {kind: words for j in around(sentences, i, BLOCK_GAP, BLOCK_GAP) for kind, words in said[j].items()}
            if kinds
            else {}
        )
        if len(near) > 1:
            yield Cue(i, REACH, 0, "' and '".join([near[kind] for kind in sorted(near)][:2]))


def _brand(text: str) -> re.Pattern[str] | None:
    """What finds the name of the brand that a cue names, if it does: as a name, with a capital, or as an address."""
    names = {*(BRAND.findall(text) if OPENING.search(text) else ()), *DOMAIN.findall(text)}
    spaced = [
        r" ?".join(map(re.escape, name.replace(" ", ""))) for name in sorted(names)
    ]  # serpapi.com is "Serp API" in talk
    return re.compile(rf"\b(?:(?=[A-Z])(?i:{'|'.join(spaced)})\b|(?i:{'|'.join(spaced)})\.\w)") if spaced else None
