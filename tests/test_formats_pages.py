"""Pages of HTML and plain texts: who speaks and when in the many forms that people write them, and pages of another kind."""

import itertools

import pytest

from podcast_assets import speech
from podcast_assets.publisher_transcripts.formats import TranscriptError, format_of, parse
from tests.documents import read, said, times

TALK = (
    "Most people think that shovels sell themselves. They do not. Somebody has to dig first, and dig for a long time. " * 20
)


def timings(segments: list[speech.Segment]) -> list[str]:
    return [segment.timing for segment in segments]


# Where the times and the names stand


@pytest.mark.parametrize(
    "text",
    [
        "[0:05] Ann: Hello.\n[1:00] Bob: Yes.\n[2:00] Ann: So.\n[3:00] Bob: Bye.",
        "(00:00:05) Ann: Hello.\n\n(00:01:00) Bob: Yes.\n\n(00:02:00) Ann: So.\n\n(00:03:00) Bob: Bye.",
        "00:05 Ann\nHello.\n01:00 Bob\nYes.\n02:00 Ann\nSo.\n03:00 Bob\nBye.",
        "Ann  0:05 \nHello.\n\nBob  1:00 \nYes.\n\nAnn  2:00 \nSo.\n\nBob  3:00 \nBye.",
        "Ann (00:05):\nHello.\n\nBob (01:00):\nYes.\n\nAnn (02:00):\nSo.\n\nBob (03:00):\nBye.",
        "Ann (00:05): Hello.\nBob (01:00): Yes.\nAnn (02:00): So.\nBob (03:00): Bye.",
        "0:05 - 0:55\nAnn: Hello.\n1:00 - 1:50\nBob: Yes.\n2:00 - 2:50\nAnn: So.\n3:00 - 3:50\nBob: Bye.",
        "**Ann** [00:05]\n\nHello.\n\n**Bob** [01:00]\n\nYes.\n\n**Ann** [02:00]\n\nSo.\n\n**Bob** [03:00]\n\nBye.",
        "<cite>Ann:</cite><time>0:05</time><p>Hello.</p><cite>Bob:</cite><time>1:00</time><p>Yes.</p>"
        "<cite>Ann</cite><time>2:00</time><p>So.</p><cite>Bob</cite><time>3:00</time><p>Bye.</p>",
        "<h3>Ann (0:05)</h3><p>Hello.</p><h3>Bob (1:00)</h3><p>Yes.</p>"
        "<h3>Ann (2:00)</h3><p>So.</p><h3>Bob (3:00)</h3><p>Bye.",
        "<div><b>Ann:</b> [00:05] Hello.<br>[01:00]<b>Bob:</b> Yes.</div><p><b>Ann</b> <time>2:00</time> So."
        "<p><b>Bob</b> <time>3:00</time> Bye.",
        "<dl><dt>Ann<dd>[0:05] Hello.</dd><dt>Bob</dt><dd>[1:00] Yes."
        "<dt>Ann</dt><dd>[2:00] So.</dd><dt>Bob</dt><dd>[3:00] Bye.",
    ],
)  # fmt: skip
def test_speakers_and_times_in_every_form(text: str) -> None:
    found = read(text)
    assert said(found) == [("Ann", "Hello."), ("Bob", "Yes."), ("Ann", "So."), ("Bob", "Bye.")]
    assert times(found)[:3] == [(5, 60), (60, 120), (120, 180)]
    assert timings(found) == ["segment"] * 4


def test_marks_in_the_middle_of_a_paragraph_cut_it_and_verses_do_not() -> None:
    found = read("[0:10] Ann: one two [0:20] three (3:16) four\n[0:30] Ann: five")
    assert [(segment.start_s, segment.text) for segment in found] == [
        (10, "one two"),
        (20, "three (3:16) four"),
        (30, "five"),
    ]


def test_a_time_in_a_sentence_is_no_mark() -> None:
    found = read("Ann: At 10:30 we go.\n\n10:30 is when we meet.\n\nAnn: Good.")
    assert timings(found) == ["estimated"] * 3
    assert "10:30 is when we meet." in [segment.text for segment in found]


def test_a_mark_that_goes_back_is_none_and_its_words_are_kept() -> None:
    found = read("[1:00] Ann: one\n[99:00] Ann: two\n[2:00] Ann: three\n0:07 four\n3:00 five", "")
    assert [(segment.text, segment.timing) for segment in found] == [
        ("one", "segment"), ("two", "estimated"), ("three", "segment"), ("0:07 four", "estimated"), ("five", "segment"),
    ]  # fmt: skip
    assert [start for start, _ in times(found)] == sorted(start for start, _ in times(found))


def test_a_name_that_comes_once_is_ascribed_to_nobody_and_takes_nobodys_words() -> None:
    found = read("Ann: one two.\n\nAnn: three.\n\nRemember: four five.\n\nsix.\n\n00:50 Bob\nseven.\n\n01:50 Ann\neight.")
    assert said(found)[2:] == [(None, "Remember: four five."), (None, "six."), (None, "seven."), ("Ann", "eight.")]


def test_lines_that_a_text_was_wrapped_into_are_put_together_again() -> None:
    assert said(read("Ann: This goes\non and\non.\n\nAnn: And\nends.")) == [
        ("Ann", "This goes on and on."),
        ("Ann", "And ends."),
    ]


def test_short_words_with_times_are_said_and_name_nobody() -> None:
    found = read("[0:10] Yeah\n[0:12] Right\n[0:14] Yeah\n[0:16] Ann: Go On\n[0:18] Ann: Yes")
    assert said(found) == [(None, "Yeah"), (None, "Right"), (None, "Yeah"), ("Ann", "Go On"), ("Ann", "Yes")]


# Pages


def test_scripts_navigation_and_headings_are_not_said() -> None:
    found = read(
        "<!DOCTYPE html><html><head><title>Ep</title><style>p{}</style></head><body><nav><a href=/>Home</a></nav>"
        "<h1>Episode 5</h1><!-- <p>Ann: no</p> --><script>if (a<b) { write('<p>no</p>') }</script>"
        "<aside>Subscribe</aside>"
        "<p><strong>Ann:</strong> We &amp; <em>they</em> dig&nbsp;on.</p><h2>A topic</h2><p>Ann: So.</p><footer>Me</footer>"
    )
    assert said(found) == [("Ann", "We & they dig on."), ("Ann", "So.")]


@pytest.mark.parametrize(
    "part", ['<div class="episode-transcript">{}</div>', '<section id="transcript">{}</section>', "<main>{}</main>"]
)
def test_of_a_page_with_more_on_it_the_transcript_is_taken(part: str) -> None:
    notes = "<div><p>In these notes we say what the episode is about.</p></div>"
    found = read(f"<html><body>{notes}{part.format('<p>' + TALK + '</p>')}{notes}</body></html>")
    assert " ".join(segment.text for segment in found) == TALK.strip()


def test_what_nobody_closes_does_not_swallow_the_page() -> None:
    assert said(read("<nav>Home<body><p>Ann: one<p>Ann: two<main><p>Ann: three")) == [
        ("Ann", t) for t in ("one", "two", "three")
    ]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<title>Show</title><form>E-mail <input type='password'></form>", "a page that asks for a password (read as html)"),
        ("<html><title>404 Not Found</title><h1>Not Found</h1><p>Nothing here", "a page with the title '404 Not Found'"),
        ("<html><title>Just a moment...</title><p>Checking your browser", "a page with the title 'Just a moment...'"),
        (
            "<html><title>Home</title>" + "<li><a href=/1>One of our many episodes</a></li>" * 99,
            "a page of links (read as html)",
        ),
        ("<html><body><div id=root></div><script>go()</script>", "0 words without speakers or times (read as html)"),
        ("<html><p>An episode about shovels.", "4 words without speakers or times (read as html)"),
        ("Please log in to go on.", "6 words without speakers or times (read as text)"),
        ("<?xml version='1.0'?><rss><channel/></rss>", "XML that is no HTML"),
    ],
)
def test_a_page_of_another_kind_is_no_transcript_and_says_why(page: str, reason: str) -> None:
    with pytest.raises(TranscriptError, match="not a transcript: ") as caught:
        read(page)
    assert reason in str(caught.value)


def test_a_transcript_on_a_page_with_a_login_is_one() -> None:
    page = "<title>A register error</title><header>Log in <input type='password'></header>" + "<p>Ann: Yes.</p>" * 2
    assert said(read(page)) == [("Ann", "Yes.")] * 2
    assert len(read(f"<title>Trial and error</title><p>{TALK * 2}<footer>Log in <input type='password'></footer>")) == 120


@pytest.mark.parametrize(
    ("text", "found"),
    [("[Music]\nAnn: Hi", "text"), ("[1:02] Ann: Hi", "text"), ("[]", "json"), ("[1, 2]", "json"), ("Hi<br>there", "html")],
)
def test_what_a_document_starts_with_does_not_mislead(text: str, found: str) -> None:
    assert format_of(text.encode(), "") == found


# Times that nobody gave


def test_a_text_without_times_is_cut_into_sentences_that_share_the_episode_by_their_length() -> None:
    found = parse(TALK.encode(), "text/plain", 600)
    assert {segment.timing for segment in found} == {"estimated"}
    assert len(found) == 60
    assert (found[0].start_s, found[-1].end_s) == (0, 600)
    assert found[30].start_s == pytest.approx(300, abs=1)
    assert all(one.end_s == other.start_s and one.start_s < one.end_s for one, other in itertools.pairwise(found))


def test_without_a_length_a_usual_rate_of_speaking_is_assumed() -> None:
    found = parse(TALK.encode(), "text/plain")
    assert found[-1].end_s == pytest.approx(sum(len(segment.text) for segment in found) / 16.6)


def test_what_stands_between_two_times_is_estimated_between_them() -> None:
    found = parse(b"[1:00] Ann: One two.\n\nThree four. Five six.\n\n[2:00] Ann: Seven.\n\nEight.", "", 3600)
    assert timings(found) == ["segment", "estimated", "estimated", "segment", "estimated"]
    starts = [segment.start_s for segment in found]
    assert starts[0] == 60 < starts[1] < starts[2] < starts[3] == 120 < starts[4] < 121


def test_a_text_is_never_timed_beyond_the_episode() -> None:
    found = parse(f"[1:00] Ann: Yes.\n\n{TALK}".encode(), "", 90)
    assert found[-1].end_s == 90


def test_a_script_without_spaces_is_cut_into_sentences_too() -> None:
    assert len(parse(("今天我们来谈谈播客的历史。首先我想问你一个问题？" * 80).encode(), "", 600)) == 160
