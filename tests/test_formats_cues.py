"""WebVTT and SRT as they really come: with voices and labels, word by word, rolling up, broken in many ways."""

import pytest

from podcast_assets import speech
from podcast_assets.publisher_transcripts.formats import parse
from tests.documents import read, said, times

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
    assert found == [
        speech.Segment(1, 3, "We sell.", "Ann", "exact", (1, 1.5)),
        speech.Segment(3, 5, "They dig.", "Ann", "exact", (3, 4)),
    ]


def test_rolling_captions_are_not_said_two_or_three_times() -> None:
    """Live captions repeat each line: once standing still, once above the line that follows."""
    found = read(
        "WEBVTT\nKind: captions\n\n"
        "00:00.000 --> 00:02.000 align:start\n \nso<00:00.500><c> I</c><00:01.000><c> think</c>\n\n"
        "00:02.000 --> 00:02.010\nso I think\n \n\n"
        "00:02.010 --> 00:04.000\nso I think\nit<00:02.500><c> works.</c>\n\n"
        "00:04.000 --> 00:04.010\nit works.\n \n\n"
    )
    assert found == [speech.Segment(0, 4, "so I think it works.", None, "exact", (0, 0.5, 1, 2.01, 2.5))]


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
