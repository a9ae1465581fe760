"""Publishers' transcripts as they really come: the namespace's JSON, what tells the formats apart, real documents."""

import json
from pathlib import Path
from typing import Any

import pytest

from podcast_assets import speech
from podcast_assets.publisher_transcripts.formats import TranscriptError, format_of, parse
from tests.documents import entry, namespace_json, read, said, times

# JSON


def test_json_turns_keep_speaker_times_and_text() -> None:
    found = read(namespace_json(entry(0.5, 4, "Hello there, listeners.", "Ann"), entry(4, 9, "Good to be here.", "Bob")))
    assert found == [
        speech.Segment(0.5, 4.0, "Hello there, listeners.", "Ann", "segment"),
        speech.Segment(4.0, 9.0, "Good to be here.", "Bob", "segment"),
    ]


def test_json_of_single_words_becomes_sentences_with_exact_times() -> None:
    words = "We sell shovels . They dig, we wait. Dr. Who knows".replace(" .", ".").split()
    entries = [entry(i, i + 0.5, word, "Ann" if i < 7 else "Bob") for i, word in enumerate(words)]
    assert read(namespace_json(*entries)) == [
        speech.Segment(0, 2.5, "We sell shovels.", "Ann", "exact", (0, 1, 2)),
        speech.Segment(3, 6.5, "They dig, we wait.", "Ann", "exact", (3, 4, 5, 6)),
        speech.Segment(7, 9.5, "Dr. Who knows", "Bob", "exact", (7, 8, 9)),
    ]


def test_a_script_without_spaces_is_not_taken_for_single_words() -> None:
    found = read(namespace_json(entry(0, 4, "今天我们来谈谈播客的历史"), entry(4, 9, "首先我想问你一个问题")))
    assert [segment.timing for segment in found] == ["segment", "segment"]


def test_json_entities_are_decoded_as_real_publishers_escape_json_too() -> None:
    found = read(namespace_json(entry(0, 9, "In this Q&amp;A&nbsp; we ask. &gt;&gt; Yes, sure.", "Ann &amp; Bob")))
    assert said(found) == [("Ann & Bob", "In this Q&A we ask. Yes, sure.")]


def test_missing_and_impossible_ends_become_the_next_start() -> None:
    found = read(
        namespace_json(
            {"startTime": 1, "body": "no end at all"},
            entry(5, None, "an end of null"),
            entry(5, 4, "an end before the start"),
            entry(8, "x", "the last of all"),
        )
    )
    assert times(found) == [(1, 5), (5, 8), (5, 8), (8, 8)]


def test_an_empty_entry_still_ends_the_one_before() -> None:
    assert times(
        read(namespace_json({"startTime": 1, "body": "some words"}, entry(4, 5, " "), entry(9, 10, "more words")))
    ) == [
        (1, 4),
        (9, 10),
    ]


def test_entries_come_out_in_the_order_of_time_and_ties_in_that_of_the_document() -> None:
    found = read(namespace_json(entry(9, 10, "third of them"), entry(1, 2, "first of them"), entry(1, 2, "second of them")))
    assert [text for _, text in said(found)] == ["first of them", "second of them", "third of them"]


@pytest.mark.parametrize("start", [None, "soon", [], float("nan"), float("inf"), 10**400])
def test_an_entry_without_a_real_start_is_left_out_and_costs_nothing_else(start: Any) -> None:
    assert said(read(namespace_json(entry(start, 2, "lost in time"), entry(2, 4, "kept in time")))) == [
        (None, "kept in time")
    ]


def test_entries_of_wrong_types_are_left_out() -> None:
    odd: list[Any] = [
        "text",
        None,
        entry(0, 1, None),
        entry(1, 2, 7),
        entry(2, 5, "the one that counts", speaker={"name": "Ann"}),
    ]
    assert said(read(namespace_json(*odd))) == [(None, "the one that counts")]


def test_times_given_as_text_count_and_one_before_the_start_is_the_start() -> None:
    assert times(read(namespace_json(entry("1.5", "3", "two small words"), entry(-2, 1, "from before it")))) == [
        (0, 1),
        (1.5, 3),
    ]


def test_text_is_one_line_of_nfc_without_what_cannot_be_seen() -> None:
    body = "Cafe\u0301\u200b \r\n\t open\x00\x07 \ufeff\u202eat\u00a0 nine\u2028o'clock \ud800now"
    assert said(read(namespace_json(entry(0, 5, body)))) == [(None, "Caf\u00e9 open at nine o'clock now")]


# What it is, and what is none


@pytest.mark.parametrize("declared", ["application/json", "text/vtt", "application/x-subrip", "text/html", ""])
def test_the_content_decides_not_the_declared_type(declared: str) -> None:
    cue = "00:01.000 --> 00:02.000\none two\n"
    assert format_of(b"  " + namespace_json(entry(0, 1, "one two")).encode(), declared) == "json"
    assert format_of(f"\ufeffWEBVTT\n\n{cue}".encode(), declared) == "vtt"
    assert format_of(f"1\n{cue}".encode(), declared) == "srt"
    assert said(parse(f"WEBVTT\n\n{cue}".encode(), declared)) == [(None, "one two")]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "the document is empty"),
        (b"\xef\xbb\xbf \r\n", "the document is empty"),
        (b"<!doctype html><p>Ann: hello", "2 words without speakers or times (read as html)"),
        (b"Ann: hello, and welcome", "4 words without speakers or times (read as text)"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied", "XML that is no HTML (declared as text/vtt)"),
        (b"\x00\x01\x02\x03", "no text (declared as text/vtt)"),
        (b'{"segments": [', "broken JSON (declared as text/vtt)"),
        (b"[" * 200_000, "broken JSON"),
        (b'{"version": "1.2.0", "chapters": []}', "JSON without a list of segments"),
        (b'[{"startTime": 0, "body": "bare"}]', "JSON without a list of segments"),
        (b'{"segments": []}', "no usable cue (read as json)"),
        (b"WEBVTT\n\nNOTE nothing follows", "no usable cue (read as vtt)"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n", "no usable cue (read as srt)"),
    ],
)
def test_what_is_no_transcript_says_why_in_one_line(document: bytes, reason: str) -> None:
    with pytest.raises(TranscriptError) as caught:
        parse(document, "text/vtt")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


# The namespace's own examples


def test_the_namespaces_examples(shared: Path) -> None:
    folder = shared / "data" / "transcript_formats"
    found = {
        kind: parse((folder / f"podcast_namespace_example.{kind}").read_bytes(), kind)
        for kind in ("json", "vtt", "srt", "html")
    }
    assert found["json"] == [
        speech.Segment(0.5, 2.5, "I am your father.", "Darth Vader", "exact", (0.5, 1.0, 1.5, 2.25)),
        speech.Segment(2.75, 3.0, "Nooooo", "Luke", "exact", (2.75,)),
    ]
    assert {segment.speaker for segment in found["vtt"]} == {"Sarah", "Gillian"}
    assert "Podcasting Q&A" in found["vtt"][2].text
    assert len(found["srt"]) == 222
    assert {segment.speaker for segment in found["srt"]} == {"Travis", "Sarah", "Gilon"}
    assert [(each.start_s, each.end_s, each.speaker) for each in found["html"][:2]] == [
        (0, 53, "Travis"),
        (53, 102, "Sarah"),
    ]
    assert {segment.timing for segment in found["html"]} == {"segment"}
    assert len(found["html"]) == 10
    assert found["srt"][0] == speech.Segment(0.179, 2.399, "When you first get started in podcasting, it's", "Travis")
    for name in ("podcast_namespace_chapters_example.json", "podcast_namespace_chapters_exampleComplex.json"):
        with pytest.raises(TranscriptError, match="not a transcript"):
            parse((folder / name).read_bytes(), "")


def test_real_transcripts_say_the_same_in_every_format(shared: Path) -> None:
    """Ten episodes of the corpus, written as WebVTT with voices, as SRT with labels, and as JSON."""

    def clock(seconds: float) -> str:
        return f"{int(seconds // 3600):02d}:{int(seconds // 60 % 60):02d}:{seconds % 60:06.3f}"

    for path in sorted((shared / "corpus" / "transcripts").glob("*.json"))[::30]:
        entries = json.loads(path.read_bytes())["segments"]
        cues = [(f"{clock(e['startTime'])} --> {clock(e['endTime'])}", e["speaker"], e["body"]) for e in entries]
        vtt = "WEBVTT\n\n" + "\n\n".join(f"{when}\n" + (f"<v {who}>" if who else "") + text for when, who, text in cues)
        srt = "\n\n".join(
            f"{i}\n{when.replace('.', ',')}\n" + (f"{who}: " if who else "") + text
            for i, (when, who, text) in enumerate(cues)
        )
        expected = parse(path.read_bytes(), "json")
        once = {who for _, who, _ in cues if sum(who == other for _, other, _ in cues) == 1}
        assert said(read(vtt)) == said(expected), path.name
        assert [pair for pair in said(read(srt)) if pair[0]] == [
            pair for pair in said(expected) if pair[0] and pair[0] not in once
        ]
