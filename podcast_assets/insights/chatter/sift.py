"""What is cut from a talk before anybody seeks insights in it: sponsor reads and housekeeping, with the ground of each cut.

Belongs here: putting together what ``sponsors`` and ``housekeeping`` find, and the limit of half an episode. Does not belong
here: the cues themselves, and why a single passage cannot be an insight (``faults``).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from podcast_assets.insights.chatter.cut import Cut, words_in
from podcast_assets.insights.chatter.housekeeping import housekeeping
from podcast_assets.insights.chatter.sponsors import sponsor_reads
from podcast_assets.insights.talk import Sentence

MOST_CUT = 0.5  # share of an episode's words; where more would go, the cues are wrong and not the show


def cuts_of(sentences: Sequence[Sentence], chapters: Sequence[Mapping[str, Any]] = ()) -> list[Cut]:
    """What of an episode is sponsor read or housekeeping: in order, without overlaps, at most half of its words.

    ``chapters`` are the episode's: mappings with ``start_s`` (seconds) and ``title``.
    """
    return sift(sentences, chapters)[0]


def sift(sentences: Sequence[Sentence], chapters: Sequence[Mapping[str, Any]] = ()) -> tuple[list[Cut], list[Cut]]:
    """The cuts of :func:`cuts_of`, and those that were not made because more than half of the words would go.

    The weakest grounds give way first: housekeeping, words that are also said of business, voices, sure words; what the
    publisher himself marked as a chapter of advertising stays longest. Of one ground, the read with most cues stays longest.
    """
    room = MOST_CUT * sum(sentence.words for sentence in sentences)
    made: list[Cut] = []
    spared: list[Cut] = []
    for cut in [*sponsor_reads(sentences, chapters), *housekeeping(sentences)]:
        for part in _outside(cut, made):
            if words_in(sentences, part) <= room:
                room -= words_in(sentences, part)
                made.append(part)
            else:
                spared.append(part)
    return sorted(made, key=_place), sorted(spared, key=_place)


def remark_on(spared: Sequence[Cut]) -> str | None:
    """What a reader of the tables should know of cuts that were not made."""
    if not spared:
        return None
    return f"not cut, as more than half of the episode would go: {', '.join(dict.fromkeys(cut.ground for cut in spared))}"


def _place(cut: Cut) -> tuple[int, int]:
    return cut.first, cut.last


def _outside(cut: Cut, made: Sequence[Cut]) -> list[Cut]:
    """The parts of a cut that no other has taken already."""
    parts, first = [], cut.first
    for other in sorted((other for other in made if other.last >= cut.first and other.first <= cut.last), key=_place):
        if first < other.first:
            parts.append(Cut(first, other.first - 1, cut.kind, cut.ground))
        first = other.last + 1
    return [*parts, Cut(first, cut.last, cut.kind, cut.ground)] if first <= cut.last else parts
