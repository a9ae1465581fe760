"""Timed text: the cues of WebVTT and SubRip (SRT), and who speaks in them.

Belongs here: finding the cues in whatever comes, voice tags, moments inside a cue. Does not belong here: what a label looks
like (``speakers``), what both these and JSON go through (``formats``). Our own few lines, for of the libraries pysubs2 loses
the voices and keeps entities, and webvtt-py keeps one voice a cue and silently leaves out cues without an index or with
a comma.
"""

import dataclasses
import html
import itertools
import re
from collections.abc import Iterator, Sequence

from podcast_assets.speakers import label, recurring

WORD_SHARE = 0.9  # so much of a document must be timed by the word before its times are believed to be those of words
ROLLED_LINES = 4  # at most: no captions show more at once
ROLLED_GAP_S = 1.0  # what rolls up was hardly off the screen (10 ms, or rounding); after a pause, it is said again

_CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,9})?"
TIMING = re.compile(rf"^[ \t]*({_CLOCK})[ \t]*-->[ \t]*({_CLOCK})?(?:[ \t].*)?$", re.MULTILINE)
CHANGE = re.compile(r"(?:^|(?<=\s))>>+(?:\s+|$)")  # the caption writers' mark of a new speaker
_MOMENT = re.compile(rf"<({_CLOCK})>")  # what follows is said from this moment on
_TURN = re.compile(rf"<v(?:\.[^\s<>]*)?\s+([^<>]*)>|</v>|{_MOMENT.pattern}")  # a voice, the end of one, or a moment
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|</?>|\{\\[^{}]*\}")


@dataclasses.dataclass(frozen=True)
class Piece:
    """Something said, as a document has it: the text not yet cleaned, the end perhaps unknown."""

    start_s: float
    end_s: float | None
    speaker: str | None
    text: str


@dataclasses.dataclass(frozen=True)
class _Cue:
    start_s: float
    end_s: float | None
    lines: list[str]


def pieces_of(text: str, *, webvtt: bool) -> tuple[list[Piece], bool]:
    """What is said in the cues of a document, and whether the document times words by moments inside its cues.

    Moments that only a few cues hold are left out. Speakers are known by voice tags, or where there are none by labels
    (``Name: text``) that recur.
    """
    cues = _cues(text, strict=webvtt)
    if any(map(_has_moment, cues)):
        unrolled = list(_unrolled(cues))
        if _times_words(unrolled):
            return [piece for cue in unrolled for piece in _by_tags(cue)], True
        cues = [dataclasses.replace(cue, lines=[_MOMENT.sub("", line) for line in cue.lines]) for cue in cues]
    pieces = [piece for cue in cues for piece in _by_tags(cue)]
    return pieces if any(piece.speaker for piece in pieces) else list(_by_labels(cues)), False


def _cues(text: str, *, strict: bool) -> list[_Cue]:
    """The timed blocks. In WebVTT (``strict``) an empty line ends one, so NOTE, STYLE and REGION are in none."""
    cues: list[_Cue] = []
    lines: list[str] | None = None
    for line in text.split("\n"):
        if timing := TIMING.match(line):
            if lines and lines[-1].strip().isdecimal():
                lines.pop()  # the index of this cue, not the last words of the one before
            lines = []
            cues.append(_Cue(_clock(timing[1]), _clock(timing[2]) if timing[2] else None, lines))
        elif strict and not line:
            lines = None
        elif lines is not None:
            lines.append(line)
    return cues


def _clock(text: str) -> float:
    """Seconds of ``01:02:03,456``, with or without hours and milliseconds."""
    seconds = 0.0
    for part in text.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _has_moment(cue: _Cue) -> bool:
    return any(_MOMENT.search(line) for line in cue.lines)


def _times_words(cues: Sequence[_Cue]) -> bool:
    """Whether nearly all cues hold moments. One of a single word needs none, unless most are: then no spaces part words."""
    texts = [(_has_moment(cue), _plain("\n".join(cue.lines))) for cue in cues]
    timed = sum(has_moment for has_moment, text in texts if text)
    single = sum(not has_moment and len(text.split()) == 1 for has_moment, text in texts)
    return timed + min(single, timed) >= WORD_SHARE * sum(bool(text) for _, text in texts)


def _unrolled(cues: Sequence[_Cue]) -> Iterator[_Cue]:
    """The cues without what rolls up: live captions show the lines of the cue before once more above the new one.

    A line with moments is not what rolled up: it is being said.
    """
    before: list[str] = []  # the lines that the cue before shows
    until_s = 0.0
    for cue in cues:
        lines = [line for line in cue.lines if _plain(line)]
        shown = [_plain(line) for line in lines]
        old = ["" if _MOMENT.search(line) else text for line, text in zip(lines, shown, strict=True)]
        most = min(len(before), len(shown), ROLLED_LINES) if cue.start_s - until_s <= ROLLED_GAP_S else 0
        rolled = next(count for count in range(most, -1, -1) if before[len(before) - count :] == old[:count])
        yield _Cue(cue.start_s, cue.end_s, lines[rolled:])
        before, until_s = shown, cue.start_s if cue.end_s is None else cue.end_s


def _by_tags(cue: _Cue) -> Iterator[Piece]:
    first, *rest = _TURN.split("\n".join(cue.lines))
    start_s, speaker = cue.start_s, None
    said: list[tuple[float, str | None, str]] = [(start_s, speaker, first)]
    for voice, moment, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if moment:
            start_s = _clock(moment)
        else:
            speaker = voice and html.unescape(voice)
        said.append((start_s, speaker, text))
    for (start_s, speaker, text), (following_s, *_) in itertools.pairwise([*said, (cue.start_s, None, "")]):
        yield Piece(start_s, following_s if following_s > start_s else cue.end_s, speaker, _plain(text))


def _by_labels(cues: Sequence[_Cue]) -> Iterator[Piece]:
    """Speakers by labels at the start of lines. A name counts where it recurs, and holds until the next label."""
    plain = [(cue, [_plain(line) for line in cue.lines]) for cue in cues]
    names = recurring(found[1] for _, lines in plain for line in lines if (found := label(line)))
    speaker: str | None = None
    for cue, lines in plain:
        said: list[tuple[str | None, list[str]]] = [(speaker, [])]
        for line in lines:
            found = label(line)
            if found and found[1] in names:
                speaker = found[1]
                said.append((speaker, [line[found.end() :]]))
            elif found or CHANGE.match(line):
                speaker = None  # somebody else, perhaps: better unknown than wrong
                said.append((speaker, [line]))
            else:
                said[-1][1].append(line)
        for who, words in said:
            yield Piece(cue.start_s, cue.end_s, who, "\n".join(words))


def _plain(text: str) -> str:
    """The text without tags, its entities decoded."""
    return html.unescape(_TAG.sub("", _MOMENT.sub("", text))).strip()
