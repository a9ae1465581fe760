"""Publishers' transcripts as they really come: three formats, word by word or by the turn, broken in many ways."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets import speech
from podcast_assets.publisher_transcripts.formats import TranscriptError, format_of, parse


def read(text: str, declared: str = "") -> list[speech.Segment]:
    return parse(text.encode(), declared)


def namespace_json(*segments: dict[str, Any]) -> str:
    return json.dumps({"version": "1.0.0", "segments": list(segments)})


def entry(start: Any, end: Any, body: Any, speaker: Any = "") -> dict[str, Any]:
    return {"speaker": speaker, "startTime": start, "endTime": end, "body": body}


def said(segments: list[speech.Segment]) -> list[tuple[str | None, str]]:
    return [(segment.speaker, segment.text) for segment in segments]


def times(segments: list[speech.Segment]) -> list[tuple[float, float]]:
    return [(segment.start_s, segment.end_s) for segment in segments]


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
        speech.Segment(0, 2.5, "We sell shovels.", "Ann", "exact"),
        speech.Segment(3, 6.5, "They dig, we wait.", "Ann", "exact"),
        speech.Segment(7, 9.5, "Dr. Who knows", "Bob", "exact"),
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


@pytest.mark.parametrize(
    "label", ["", " ", "SPEAKER_00", "Speaker 1", "speaker-12", "Speaker A", "Unknown", "Unknown Speaker", "spk_3", "B", "7"]
)
def test_labels_that_number_speakers_are_no_names(label: str) -> None:
    assert read(namespace_json(entry(0, 5, "some words here", label)))[0].speaker is None


@pytest.mark.parametrize("label", ["Ann", "Mike Maples, Jr.", "Speaker of the House", "Bo", "李雷"])
def test_names_are_kept(label: str) -> None:
    assert read(namespace_json(entry(0, 5, "some words here", label)))[0].speaker == label


def test_text_is_one_line_of_nfc_without_what_cannot_be_seen() -> None:
    body = "Cafe\u0301\u200b \r\n\t open\x00\x07 \ufeff\u202eat\u00a0 nine\u2028o'clock \ud800now"
    assert said(read(namespace_json(entry(0, 5, body)))) == [(None, "Caf\u00e9 open at nine o'clock now")]


# WebVTT

VTT = """WEBVTT - made by hand

STYLE
::cue { color: papayawhip }

REGION
id:fred

NOTE
a comment of
two lines

intro
00:00.000 --> 00:02.760 align:start position:0%
<v.loud.first Sarah>In <i>today's</i> Q&amp;A &lt;live&gt;

NOTE between cues

00:00:03.000 --> 00:01:04.500
<v Sarah>we have</v> music
<v Tom &amp; Ann>and <c.yellow>more</c>

100:00:00.000 --> 100:00:01.000
nobody in particular
"""


def test_webvtt_voices_tags_settings_and_comments() -> None:
    assert read(VTT) == [
        speech.Segment(0, 2.76, "In today's Q&A <live>", "Sarah"),
        speech.Segment(3, 64.5, "we have", "Sarah"),
        speech.Segment(3, 64.5, "music", None),
        speech.Segment(3, 64.5, "and more", "Tom & Ann"),
        speech.Segment(360000, 360001, "nobody in particular", None),
    ]


def test_webvtt_with_windows_line_ends_byte_order_mark_and_commas() -> None:
    text = "\ufeff" + VTT.replace("00:02.760", "00:02,760").replace("\n", "\r\n")
    assert read(text) == read(VTT)


def test_moments_inside_cues_give_sentences_with_exact_times() -> None:
    found = read(
        "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Ann>We <00:01.500>sell. <00:03.000>They</v>\n\n"
        "00:04.000 --> 00:05.000\n<v Ann>dig.\n"
    )
    assert found == [speech.Segment(1, 3, "We sell.", "Ann", "exact"), speech.Segment(3, 5, "They dig.", "Ann", "exact")]


def test_rolling_captions_are_not_said_two_or_three_times() -> None:
    """Live captions repeat each line: once standing still, once above the line that follows."""
    found = read(
        "WEBVTT\nKind: captions\n\n"
        "00:00.000 --> 00:02.000 align:start\n \nso<00:00.500><c> I</c><00:01.000><c> think</c>\n\n"
        "00:02.000 --> 00:02.010\nso I think\n \n\n"
        "00:02.010 --> 00:04.000\nso I think\nit<00:02.500><c> works.</c>\n\n"
        "00:04.000 --> 00:04.010\nit works.\n \n\n"
    )
    assert found == [speech.Segment(0, 4, "so I think it works.", None, "exact")]


def webvtt(*cues: tuple[str, str, str]) -> str:
    return "WEBVTT\n\n" + "\n\n".join(f"{start} --> {end}\n{text}" for start, end, text in cues)


def rolling(*lines: str, seconds: int = 2) -> str:
    """Cues one after the other, each as long."""
    clocks = [f"{at // 60:02d}:{at % 60:02d}.0" for at in range(0, (len(lines) + 1) * seconds, seconds)]
    return webvtt(*zip(clocks, clocks[1:], lines, strict=False))


def test_captions_of_three_lines_roll_up_too() -> None:
    found = read(rolling("a<00:01.0> b", "a b\nc<00:03.0> d", "a b\nc d\ne<00:05.0> f", "c d\ne f\ng<00:07.0> h"))
    assert said(found) == [(None, "a b c d e f g h")]


def test_a_line_that_is_said_again_is_not_taken_for_one_that_rolled_up() -> None:
    """After a pause; or at once, but with moments of its own, which a line that rolled up does not have."""
    later = webvtt(("00:01.0", "00:02.0", "No."), ("00:02.0", "00:04.0", "I<00:03.0> do."), ("10:00.0", "10:01.0", "No."))
    assert [text for _, text in said(read(later))] == ["No.", "I do.", "No."]
    apart = webvtt(("00:01.0", "00:02.0", "No."), ("10:00.0", "10:01.0", "No."), ("10:01.0", "10:04.0", "I<10:02.0> do."))
    assert [text for _, text in said(read(apart))] == ["No.", "No.", "I do."]
    at_once = rolling("I<00:01.0> do.", "I<00:03.0> do.")
    assert times(read(at_once)) == [(0, 2), (2, 4)]


@pytest.mark.parametrize("line", ["some words that nobody has punctuated", "今天我们来谈谈播客的历史"])
def test_one_stray_moment_does_not_make_a_document_timed_by_the_word(line: str) -> None:
    lines = [f"{line}{number}" for number in range(51)]
    found = read(rolling(*lines[:50], f"{lines[50][:4]}<02:31.000>{lines[50][4:]}", seconds=3))
    assert said(found) == [(None, line) for line in lines]
    assert {segment.timing for segment in found} == {"segment"}
    assert times(found)[-1] == (150, 153)


def test_a_cue_of_a_single_word_needs_no_moment() -> None:
    text = rolling("so<00:01.0> I", "so I\nthink.", "think.\n[Music]", "[Music]\nit<00:07.0> works.")
    assert said(read(text)) == [(None, "so I think."), (None, "[Music] it works.")]
    assert {segment.timing for segment in read(text)} == {"exact"}


def test_where_moments_time_phrases_a_sentence_is_still_no_longer_than_sixty_words() -> None:
    phrase = "seven words that nobody has ever punctuated"
    found = read(rolling(*[f"{phrase}<00:{2 * i + 1:02d}.0> {phrase}" for i in range(10)]))
    assert [len(segment.text.split()) for segment in found] == [56, 56, 28]
    assert times(found) == [(0, 8), (8, 16), (16, 20)]


def test_webvtt_without_voices_may_name_speakers_by_labels() -> None:
    text = "WEBVTT\n\n1\n00:00.000 --> 00:02.000\nAnn: hello there\n\n2\n00:02.000 --> 00:03.000\nAnn: and again\n"
    assert said(read(text)) == [("Ann", "hello there"), ("Ann", "and again")]


# SubRip


def test_srt_speakers_hold_until_the_next_label() -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,000\nTravis: When you\nstart it\n\n"
        "2\n00:00:02,000 --> 00:00:03,000\nis hard.\nDr. Anne O'Neil: Is it?\n\n"
        "3\n00:00:03,000 --> 00:00:04,000\nIt is not.\n\n"
        "4\n00:00:04,000 --> 00:00:05,000\nTravis: Right.\n\n5\n00:00:05,000 --> 00:00:06,000\nDr. Anne O'Neil:\n\n"
        "6\n00:00:06,000 --> 00:00:07,000\nSee you.\n"
    )
    assert said(read(text)) == [
        ("Travis", "When you start it"),
        ("Travis", "is hard."),
        ("Dr. Anne O'Neil", "Is it?"),
        ("Dr. Anne O'Neil", "It is not."),
        ("Travis", "Right."),
        ("Dr. Anne O'Neil", "See you."),
    ]


def test_a_label_that_comes_once_stays_in_the_text_and_is_ascribed_to_nobody() -> None:
    text = "".join(
        f"{i}\n00:00:0{i},000 --> 00:00:0{i + 1},000\n{line}\n\n"
        for i, line in enumerate(["Ann: one two", "Ann: three four", "Remember: five six", "seven eight", ">> nine ten"])
    )
    assert said(read(text)) == [
        ("Ann", "one two"),
        ("Ann", "three four"),
        (None, "Remember: five six"),
        (None, "seven eight"),
        (None, "nine ten"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "and then: we go",
        "Note that the whole big wide answer: we go",
        "The time is: we go",
        "At 10:30 we go",
        "Really?: we go",
    ],
)
def test_a_colon_in_a_sentence_makes_no_speaker(line: str) -> None:
    text = "".join(f"{i}\n00:00:0{i},000 --> 00:00:0{i + 1},000\n{line}\n\n" for i in range(3))
    assert said(read(text)) == [(None, line)] * 3


def test_numbered_labels_are_taken_off_although_they_are_no_names() -> None:
    text = (
        "1\n00:00:00,000 --> 00:00:01,000\nSPEAKER_00: one two\n\n2\n00:00:01,000 --> 00:00:02,000\nSPEAKER_00: three four\n"
    )
    assert said(read(text)) == [(None, "one two"), (None, "three four")]


def test_srt_as_it_comes_windows_line_ends_no_indices_dots_tags_and_empty_lines() -> None:
    text = (
        "\ufeff00:00:01.5 --> 00:00:02.25 X1:0 X2:9\r\n<font color='red'>{\\an8}one</font> <b>two</b>\r\n\r\n"
        "2\r\n00:00:03,000 -->\r\n\r\nafter an empty line\r\n\r\n 00:05 --> 00:06\r\nin the year\r\n1984\r\n\r\n"
        "4\r\n00:00:07,000 --> 00:00:08,000\r\n3 < 4 &amp; 5 > 4\r\n"
    )
    found = read(text)
    assert times(found) == [(1.5, 2.25), (3, 5), (5, 6), (7, 8)]
    assert [text for _, text in said(found)] == ["one two", "after an empty line", "in the year 1984", "3 < 4 & 5 > 4"]


def test_srt_without_empty_lines_between_cues() -> None:
    assert said(read("1\n00:00:01,000 --> 00:00:02,000\none two\n2\n00:00:02,000 --> 00:00:03,000\nthree four\n")) == [
        (None, "one two"),
        (None, "three four"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_that_subtitle_tools_write(encoding: str) -> None:
    text = "1\r\r\n00:00:01,000 --> 00:00:02,000\r\r\nGrüße, naïve Leute\r\r\n"
    assert said(parse(text.encode(encoding), "srt")) == [(None, "Grüße, naïve Leute")]


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
        (b"<!doctype html><p>00:00 Ann: hello", "a page of HTML or XML (declared as text/vtt)"),
        (b"Ann: hello, and welcome", "text without times (declared as text/vtt)"),
        (b"\x00\x01\x02\x03", "text without times"),
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


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode(errors="ignore"))))
def test_no_bytes_make_it_fail_in_another_way(document: bytes) -> None:
    for start in (b"", b"WEBVTT\n\n00:01.000 --> 00:02.000\n", b"1\n00:00:01,000 --> 00:00:02,000\n"):
        try:
            parse(start + document, "")
        except TranscriptError:
            continue


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["startTime", "endTime", "body", "speaker", "x"]), inner)
        ),
        max_leaves=12,
    )
)
def test_no_json_makes_it_fail_in_another_way(value: Any) -> None:
    try:
        found = parse(json.dumps({"segments": [value, value]}).encode(), "")
    except TranscriptError:
        return
    assert all(segment.text and segment.end_s >= segment.start_s >= 0 for segment in found)


@pytest.mark.parametrize("junk", ["<v a", "<", "<c", "{\\", "&", ">> ", "1:", "<00:01.000>", "A: ", "\n", "\u0301"])
def test_hostile_text_takes_linear_time(junk: str) -> None:
    document = ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + junk * (300_000 // len(junk))).encode()
    started = time.process_time()
    with contextlib.suppress(TranscriptError):
        parse(document, "")
    assert time.process_time() - started < 5


# The namespace's own examples


def test_the_namespaces_examples(shared: Path) -> None:
    folder = shared / "data" / "transcript_formats"
    found = {
        kind: parse((folder / f"podcast_namespace_example.{kind}").read_bytes(), kind) for kind in ("json", "vtt", "srt")
    }
    assert found["json"] == [
        speech.Segment(0.5, 2.5, "I am your father.", "Darth Vader", "exact"),
        speech.Segment(2.75, 3.0, "Nooooo", "Luke", "exact"),
    ]
    assert {segment.speaker for segment in found["vtt"]} == {"Sarah", "Gillian"}
    assert "Podcasting Q&A" in found["vtt"][2].text
    assert len(found["srt"]) == 222
    assert {segment.speaker for segment in found["srt"]} == {"Travis", "Sarah", "Gilon"}
    assert found["srt"][0] == speech.Segment(0.179, 2.399, "When you first get started in podcasting, it's", "Travis")
    for name in ("podcast_namespace_example.html", "podcast_namespace_chapters_example.json"):
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
