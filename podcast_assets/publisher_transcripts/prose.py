"""Transcripts for reading: lines with labels (``Name:``) and marks of time in many forms, as paragraphs.

Belongs here: which of a line's words are a name, a time, or said. Does not belong here: where the lines come from (``pages``
and ``formats``), the times of paragraphs that have none (``estimate``).

The forms, each with or without hours: ``[00:12:34] text``, ``(12:34) text``, ``00:12:34 text``, ``00:12:34 Name``,
``Name (12:34): text``, ``Name 12:34``, ``Name: text [12:34] text``; a name or a mark alone in a line governs what follows.
"""

import bisect
import dataclasses
import re
from collections.abc import Iterator, Sequence

from podcast_assets.publisher_transcripts.cues import CHANGE
from podcast_assets.speakers import is_like_a_name, label, recurring
from podcast_assets.speech import SENTENCE_END

FEWEST_BARE = 2  # a time without brackets counts where several lines start with one: "10:30 is when we meet" does not

CLOCK = re.compile(r"(?:\d{1,3}:)?\d{1,2}:[0-5]\d(?:[.,]\d{1,3})?")
_C = CLOCK.pattern
_UNTIL = rf"(?:\s*(?:-->|-|–|—|to)\s*{_C})?"
_BRACKETED = re.compile(rf"\s*[\[(]({_C}){_UNTIL}[\])][\s:–—-]*")
_BARE = re.compile(rf"\s*({_C}){_UNTIL}(?:[\s:–—-]+|$)")
_INSIDE = re.compile(rf"\[({_C})\]")  # only these are marks in the middle of a line: "(3:16)" may be a verse
_NAMED = re.compile(rf"([^\W\d_][^:?!;\"<>()\[\]]{{0,60}}?)\s*(?::?\s*[\[(]({_C}){_UNTIL}[\])]\s*(:?)|[ \t]({_C})\s*(:?)$)")


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of a document; empty, it ends a paragraph. A heading is not said, but may name a speaker or a time."""

    text: str
    is_heading: bool = False


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """Something said, and from when on where the document says so."""

    start_s: float | None
    speaker: str | None
    text: str


@dataclasses.dataclass(frozen=True)
class _Line:
    """A line taken apart: who, when, what. ``bare``, of a time without brackets, is how the line starts with it."""

    name: str | None
    is_sure: bool  # that the name is one, although it may come only once
    clock: str | None
    text: str
    bare: str | None = None


@dataclasses.dataclass(frozen=True)
class _Part:
    """Some words, and whether a paragraph starts with them."""

    starts: bool
    speaker: str | None
    clock: str | None
    bare: str | None
    text: str


def paragraphs_of(lines: Sequence[Line]) -> list[Paragraph]:
    """What the lines say; marks of time that go back are no marks."""
    apart = [_apart(line.text) for line in lines]
    if sum(line.bare is not None for line in apart) < FEWEST_BARE:
        apart = [_apart(line.text, bare=False) for line in lines]
    joined: list[tuple[_Part, list[str]]] = []
    for part in _parts(lines, _without_titles(apart)):
        if part.starts:
            joined.append((part, []))
        joined[-1][1].append(part.text)
    starts = [None if part.clock is None else _seconds(part.clock) for part, _ in joined]
    kept = _forward([(at, start) for at, start in enumerate(starts) if start is not None])
    return [
        Paragraph(start, part.speaker, " ".join(texts))
        if at in kept
        else Paragraph(None, part.speaker, " ".join([part.bare or "", *texts]))
        for at, (start, (part, texts)) in enumerate(zip(starts, joined, strict=True))
    ]


def _without_titles(apart: Sequence[_Line]) -> list[_Line]:
    """The lines, where a few words with a time are said, or a title, if another time follows."""
    checked: list[_Line] = []
    follows = False  # a time
    for line in reversed(apart):
        is_title = line.name and not line.text and follows and not line.is_sure
        checked.append(dataclasses.replace(line, name=None, text=line.name) if is_title and line.name else line)
        if line.clock or line.name or line.text:
            follows = line.clock is not None
    return checked[::-1]


def _parts(lines: Sequence[Line], apart: Sequence[_Line]) -> Iterator[_Part]:
    """The words of the lines, with the speaker and the time that govern them. A name holds until the next one."""
    labels = [label(line.text) for line in apart]
    names = recurring([*(line.name for line in apart), *(by[1] for by in labels if by)])
    speaker: str | None = None
    clock, bare, starts = None, None, True
    for given, line, by in zip(lines, apart, labels, strict=True):
        text = line.text
        if line.name:
            speaker, starts = line.name if line.is_sure or line.name in names else None, True
        elif by and by[1] in names:
            speaker, starts, text = by[1], True, text[by.end() :]
        elif by or CHANGE.match(text):
            speaker, starts = None, True  # somebody else, perhaps: better unknown than wrong
        if line.clock:
            clock, bare, starts = line.clock, line.bare, True
        if given.is_heading or not text.strip():
            starts = True
            continue
        for number, words in enumerate(_INSIDE.split(text)):
            if number % 2:
                clock, bare, starts = words, None, True
            elif words.strip():
                yield _Part(starts, speaker, clock, bare, words)
                clock, bare, starts = None, None, False


def _apart(text: str, *, bare: bool = True) -> _Line:
    """A line, in which a time without brackets counts (``bare``) or does not."""
    if not text:
        return _Line(None, False, None, "")
    named = _NAMED.match(text)
    if named and is_like_a_name(named[1]) and (bare or named[2]):
        said = text[named.end() :].lstrip(" \t:–—-")
        return _Line(named[1], bool(named[3] or named[5]), named[2] or named[4], said, "" if named[4] else None)
    mark = _BRACKETED.match(text) or (_BARE.match(text) if bare else None)
    if not mark:
        return _Line(None, False, None, text)
    rest = text[mark.end() :]
    name = rest.rstrip(": ")
    prefix = mark[0] if mark.re is _BARE else None
    if is_like_a_name(name) and ":" not in name and not SENTENCE_END.search(name):
        return _Line(name, rest.endswith(":"), mark[1], "", prefix)
    return _Line(None, False, mark[1], rest, prefix)


def _forward(marks: Sequence[tuple[int, float]]) -> set[int]:
    """The places of the longest run that does not decrease (patience sorting, Fredman 1975)."""
    ends: list[float] = []  # the smallest last time of a run of each length
    places: list[int] = []  # which mark that is
    before: dict[int, int] = {}
    for number, (_, start) in enumerate(marks):
        length = bisect.bisect_right(ends, start)
        ends[length : length + 1] = [start]
        places[length : length + 1] = [number]
        before[number] = places[length - 1] if length else -1
    kept: set[int] = set()
    number = places[-1] if places else -1
    while number >= 0:
        kept.add(marks[number][0])
        number = before[number]
    return kept


def _seconds(clock: str) -> float:
    seconds = 0.0
    for part in clock.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
