"""What a publisher's document says: JSON, WebVTT, SubRip (SRT), HTML or plain text, read into segments.

Belongs here: telling the formats apart by their content, the namespace's JSON form, and what all of them go through: order,
missing ends, clean text, words put together into sentences. Does not belong here: the cues of WebVTT and SRT (``cues``), the
lines of pages and texts (``pages``, ``prose``), the times that are only guessed (``estimate``), names (``speakers``), where
documents come from (``fetch``), whether one fits its episode (``judge``).
"""

import dataclasses
import html
import itertools
import json
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from podcast_assets import speakers, speech
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.publisher_transcripts import estimate, pages, prose
from podcast_assets.publisher_transcripts.cues import CHANGE, TIMING, WORD_SHARE, Piece, pieces_of
from podcast_assets.text import UNSEEN, one_line

Format = Literal["json", "vtt", "srt", "html", "text"]

LONGEST_WORD_S = 2.0  # what lasts longer is no single word, even where the script puts no spaces between words
LONGEST_S = 1_000_000.0  # eleven days: what a document times later than this is a mistake
MIN_BARE_WORDS = 200  # talk of more than a minute: a text without speakers and times that has fewer may be anything
MOST_UNSEEN = 0.1  # a text with a larger share of control characters is none
CHARACTERS_A_WORD = 6  # counts the talk of languages that put no spaces between words

_JSON_LIST = re.compile(r"\[\s*(?:[\[{\"\]]|-?\d+\s*[,\]]|null|true|false)")  # "[Music]" and "[1:02] Ann" are text
_MARKUP = re.compile(r"</p>|<br ?/?>|</div>", re.IGNORECASE)
_NO_CHARACTER = re.compile(r"&#\w{9,};?")  # `html.unescape` stumbles over thousands of digits
_MARKDOWN = re.compile(r"\*\*|__")


class TranscriptError(PodcastAssetsError):
    """A document that is no transcript, is empty, or holds no usable cue; the message is the reason, in one line."""


def parse(document: bytes, declared_type: str, duration_s: float | None = None) -> list[speech.Segment]:
    """The segments of a document, by start; sentences with exact times where the document times single words.

    Args:
        document: the bytes, in any of the five formats.
        declared_type: what the feed calls it; only named in errors, the content decides.
        duration_s: the episode's length in seconds, which sentences that have no times are spread over.

    Raises:
        TranscriptError: not a transcript, empty, or without a usable cue.
    """
    text = _decode(document)
    found = _format(text, declared_type)
    if found in {"html", "text"}:
        segments = estimate.times_of(_paragraphs(text, found), duration_s)
    else:
        pieces, timed = (
            (list(_json_pieces(text, declared_type)), False) if found == "json" else pieces_of(text, webvtt=found == "vtt")
        )
        segments = _segments(pieces)
        segments = _sentences(segments) if timed or _times_words(segments) else segments
    if not segments:
        raise TranscriptError(f"no usable cue (read as {found})")
    names = speakers.names_of(segment.speaker for segment in segments)
    return [dataclasses.replace(segment, speaker=names[segment.speaker]) for segment in segments]


def format_of(document: bytes, declared_type: str) -> Format:
    """Which of the five formats a document has, judged by its content.

    Raises:
        TranscriptError: none of them, or nothing at all.
    """
    return _format(_decode(document), declared_type)


def talk(segments: Sequence[speech.Segment]) -> int:
    """How many words were said, also in languages that put no spaces between them."""
    return max(speech.count_words(segments), sum(len(segment.text) for segment in segments) // CHARACTERS_A_WORD)


def _format(text: str, declared_type: str) -> Format:
    text = text.lstrip()
    if not text:
        raise TranscriptError("the document is empty")
    if text[0] == "{" or _JSON_LIST.match(text):
        return "json"
    if text.startswith("WEBVTT"):
        return "vtt"
    if text[0] != "<" and TIMING.search(text):
        return "srt"
    if text[0] != "<" and not _MARKUP.search(text):
        if len(UNSEEN.findall(text)) > MOST_UNSEEN * len(text):
            raise TranscriptError(f"not a transcript: no text (declared as {declared_type or 'nothing'})")
        return "text"
    if not pages.is_html(text):
        raise TranscriptError(f"not a transcript: XML that is no HTML (declared as {declared_type or 'nothing'})")
    return "html"


def _decode(document: bytes) -> str:
    """The text, with one kind of line end and no byte order mark; what is not Unicode is old tools' Windows-1252."""
    if document.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = document.decode("utf-16", errors="replace")
    else:
        try:
            text = document.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = document.decode("cp1252", errors="replace")
    return _NO_CHARACTER.sub("", re.sub(r"\r*\n|\r", "\n", text))


def _paragraphs(text: str, found: Format) -> list[prose.Paragraph]:
    """What is said in a page or a plain text.

    Raises:
        TranscriptError: nothing in it shows that it is a transcript.
    """
    if found == "html":
        page = pages.read(text)
        lines, objection = page.lines, page.objection
    else:
        lines, objection = [_line(line) for line in text.split("\n")], None
    cleaned = (dataclasses.replace(each, text=_clean(each.text)) for each in prose.paragraphs_of(lines))
    paragraphs = [each for each in cleaned if each.text]
    if any(each.speaker or each.start_s is not None for each in paragraphs):
        return paragraphs
    words = talk([speech.Segment(0, 0, each.text) for each in paragraphs])
    if objection is None and words < MIN_BARE_WORDS:
        objection = f"{words} words without speakers or times"
    if objection:
        raise TranscriptError(f"not a transcript: {objection} (read as {found})")
    return paragraphs


def _line(text: str) -> prose.Line:
    """A line of a plain text, which may be Markdown."""
    bare = _MARKDOWN.sub("", text).strip()
    return prose.Line(bare.lstrip("# "), is_heading=bare.startswith("#"))


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
            yield Piece(
                start_s, _seconds(entry.get("endTime")), speaker if isinstance(speaker, str) else None, html.unescape(body)
            )


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
            segments.append(speech.Segment(piece.start_s, end_s, text, piece.speaker))
    return segments[::-1]


def _clean(text: str) -> str:
    """The text as it is kept: NFC, single spaces, nothing that cannot be seen, no marks of the caption writer."""
    return one_line(CHANGE.sub("", unicodedata.normalize("NFC", UNSEEN.sub("", text))))


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
