"""What a publisher's document says: the podcast namespace's JSON, WebVTT or SubRip (SRT), read into segments.

Belongs here: telling the formats apart by their content, the JSON form, and what all three go through: order, missing
ends, clean text, names, words put together into sentences. Does not belong here: the cues of WebVTT and SRT (``cues``),
where documents come from and whether one fits its episode (``fetch``).
"""

import html
import itertools
import json
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from podcast_assets import speech
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.publisher_transcripts.cues import CHANGE, TIMING, WORD_SHARE, Piece, pieces_of
from podcast_assets.text import UNSEEN, one_line

Format = Literal["json", "vtt", "srt"]

LONGEST_WORD_S = 2.0  # what lasts longer is no single word, even where the script puts no spaces between words
LONGEST_S = 1_000_000.0  # eleven days: what a document times later than this is a mistake

_NO_NAME = re.compile(r"(?:unknown|unidentified)?[ _-]*(?:speaker|spk|spkr)?[ _#-]*(?:\d+|[A-Z])?", re.IGNORECASE)


class TranscriptError(PodcastAssetsError):
    """A document that is no transcript, is empty, or holds no usable cue; the message is the reason, in one line."""


def parse(document: bytes, declared_type: str) -> list[speech.Segment]:
    """The segments of a document, by start; sentences with exact times where the document times single words.

    Args:
        document: the bytes, in any of the three formats.
        declared_type: what the feed calls it; only named in errors, the content decides.

    Raises:
        TranscriptError: not a transcript, empty, or without a usable cue.
    """
    text = _decode(document)
    found = _format(text, declared_type)
    if found == "json":
        pieces, timed = list(_json_pieces(text, declared_type)), False
    else:
        pieces, timed = pieces_of(text, webvtt=found == "vtt")
    segments = _segments(pieces)
    if not segments:
        raise TranscriptError(f"no usable cue (read as {found})")
    return _sentences(segments) if timed or _times_words(segments) else segments


def format_of(document: bytes, declared_type: str) -> Format:
    """Which of the three formats a document has, judged by its content.

    Raises:
        TranscriptError: none of them, or nothing at all.
    """
    return _format(_decode(document), declared_type)


def _format(text: str, declared_type: str) -> Format:
    text = text.lstrip()
    if not text:
        raise TranscriptError("the document is empty")
    if text[0] in "{[":
        return "json"
    if text.startswith("WEBVTT"):
        return "vtt"
    if text[0] != "<" and TIMING.search(text):
        return "srt"
    what = "a page of HTML or XML" if text[0] == "<" else "text without times"
    raise TranscriptError(f"not a transcript: {what} (declared as {declared_type or 'nothing'})")


def _decode(document: bytes) -> str:
    """The text, with one kind of line end and no byte order mark; what is not Unicode is old tools' Windows-1252."""
    if document.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = document.decode("utf-16", errors="replace")
    else:
        try:
            text = document.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = document.decode("cp1252", errors="replace")
    return re.sub(r"\r*\n|\r", "\n", text)


def _json_pieces(text: str, declared_type: str) -> Iterator[Piece]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TranscriptError(f"not a transcript: broken JSON (declared as {declared_type or 'nothing'})") from error
    entries = content.get("segments") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise TranscriptError("not a transcript: JSON without a list of segments")
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        start_s, speaker, body = _seconds(entry.get("startTime")), entry.get("speaker"), entry.get("body")
        if start_s is not None and isinstance(body, str):
            name = html.unescape(speaker) if isinstance(speaker, str) else None
            yield Piece(start_s, _seconds(entry.get("endTime")), name, html.unescape(body))


def _seconds(value: Any) -> float | None:
    """A time of the JSON form, or None where it is none."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _segments(pieces: Sequence[Piece]) -> list[speech.Segment]:
    """The pieces in the order of time, cleaned; one without a usable end ends where the next begins."""
    segments: list[speech.Segment] = []
    next_s = later_s = math.inf  # the start of the piece after this one, and of the first that starts later than it
    timed = (piece for piece in pieces if piece.start_s <= LONGEST_S)
    for piece in sorted(timed, key=lambda piece: piece.start_s)[::-1]:
        if next_s > piece.start_s:
            later_s = next_s
        next_s = piece.start_s
        end_s = piece.end_s if piece.end_s is not None and piece.start_s < piece.end_s <= LONGEST_S else later_s
        if text := _clean(piece.text):
            end_s = piece.start_s if end_s == math.inf else end_s
            segments.append(speech.Segment(piece.start_s, end_s, text, _name(piece.speaker)))
    return segments[::-1]


def _clean(text: str) -> str:
    """The text as it is kept: NFC, single spaces, nothing that cannot be seen, no marks of the caption writer."""
    return one_line(CHANGE.sub("", unicodedata.normalize("NFC", UNSEEN.sub("", text))))


def _name(label: str | None) -> str | None:
    """A speaker's name; None for the labels that tools number speakers with."""
    name = _clean(label or "")
    return None if _NO_NAME.fullmatch(name) else name


def _times_words(segments: Sequence[speech.Segment]) -> bool:
    """Whether nearly every segment is a single word."""
    words = sum(" " not in segment.text and segment.end_s - segment.start_s <= LONGEST_WORD_S for segment in segments)
    return words >= WORD_SHARE * len(segments)


def _sentences(segments: Sequence[speech.Segment]) -> list[speech.Segment]:
    """Timed words put together into sentences, each of one speaker."""
    sentences: list[speech.Segment] = []
    for speaker, said in itertools.groupby(segments, key=lambda segment: segment.speaker):
        words = [speech.Word(segment.start_s, segment.end_s, segment.text) for segment in said]
        sentences += speech.sentences_of(words, speaker)
    return sentences
