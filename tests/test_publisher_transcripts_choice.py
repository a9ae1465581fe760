"""Which of several transcripts is taken: the order of asking, what they carry, what does not fit its episode."""

from pathlib import Path
from typing import Any

import pytest

from podcast_assets import keys
from podcast_assets.languages import other_language
from podcast_assets.publisher_transcripts import fetch, judge
from podcast_assets.publisher_transcripts.formats import MIN_BARE_WORDS, TranscriptError, parse
from podcast_assets.speech import Segment
from tests.documents import Make, collect, entry, episode, frame, link, namespace_json

SAYING = "Most people think that shovels sell themselves, and that is where they go wrong. "
TALK = SAYING * 20
GERMAN = "Die meisten Leute glauben, dass sich Schaufeln von selbst verkaufen, und genau da liegen sie falsch. " * 20

NORWEGIAN = (
    "Jeg tror ikke at de fleste mennesker forstår hvorfor spader aldri selger seg selv. Først må noen grave lenge, og "
    "deretter må de lære seg å bli gode til det, ellers blir det ingenting av hele greia. "
) * 30


# Links


def chosen(*links: dict[str, str | None], language: str | None = "en") -> list[str]:
    return [found.url for found in fetch.choose(links, language)[0]]


def test_json_comes_before_webvtt_before_srt_by_type_or_extension() -> None:
    links = [
        link("a", "application/x-subrip"),
        link("b.srt"),
        link("c.vtt?x=.json"),
        link("d", "text/vtt; charset=utf-8"),
        link("e.JSON"),
    ]
    assert chosen(*links) == ["e.JSON", "c.vtt?x=.json", "d", "a", "b.srt"]


def test_of_one_format_the_one_in_the_episodes_language_comes_first_and_a_translation_never() -> None:
    links = [
        link("any.vtt"),
        link("de.json", language="de-DE"),
        link("en.vtt", language="EN_us"),
        link("odd.vtt", language="english"),
    ]
    assert chosen(*links, language="en-gb") == ["en.vtt", "odd.vtt", "any.vtt"]
    assert chosen(*links, language=None)[0] == "de.json"


def test_links_that_are_not_read_say_so() -> None:
    usable, unread = fetch.choose([link("a.pdf", "application/pdf"), link("", "text/vtt"), link("b.docx")], "en")
    assert usable == []
    assert [reason.split()[0] for reason in unread] == ["application/pdf", "text/vtt", "b.docx"]


def test_a_feed_that_names_hundreds_of_links_does_not_hold_up_the_day() -> None:
    assert len(chosen(*[link(f"{i}.vtt") for i in range(500)])) == fetch.MAX_TRIES


def test_html_and_plain_text_come_last_and_a_better_extension_counts_more_than_the_type() -> None:
    links = [link("a.txt"), link("b", "text/html"), link("c", "text/plain"), link("d.srt", "text/plain"), link("e.htm")]
    assert chosen(*links) == ["d.srt", "b", "e.htm", "a.txt", "c"]


# What a document carries


def words(speaker: str = "") -> str:
    return namespace_json(*[entry(at / 3, at / 3 + 0.3, word, speaker) for at, word in enumerate(TALK.split()[:120])])


def turns(speaker: str = "") -> str:
    return namespace_json(*[entry(at * 10, at * 10 + 10, SAYING * 2, speaker) for at in range(6)])


DOCUMENTS = {
    "words+speakers.json": words("Ann"),
    "words.json": words(),
    "speakers.json": turns("Ann"),
    "times.json": turns(),
    "words+speakers.vtt": "WEBVTT\n\n" + "".join(
        f"00:{at:02d}.000 --> 00:{at + 1:02d}.000\n<v Ann>Most <00:{at:02d}.500>people\n\n" for at in range(50)
    ),
    "speakers.vtt": "WEBVTT\n\n00:00.000 --> 01:00.000\n<v Ann>" + TALK,
    "times.vtt": "WEBVTT\n\n00:00.000 --> 01:00.000\n" + TALK,
    "speakers.srt": "".join(f"{at}\n00:00:{at}0,000 --> 00:00:{at + 1}0,000\nAnn: {SAYING * 3}\n\n" for at in range(6)),
    "times.srt": "1\n00:00:00,000 --> 00:01:00,000\n" + TALK,
    "speakers.html": "".join(f"<cite>Ann:</cite><time>0:{at}0</time><p>{SAYING * 3}</p>" for at in range(6)),
    "text.html": f"<p>{TALK}</p>",
    "speakers.txt": "".join(f"Ann (0:{at}0): {SAYING * 3}\n" for at in range(6)),
    "text.txt": TALK,
}  # fmt: skip


@pytest.mark.parametrize(
    ("offered", "asked", "taken"),
    [
        ("words+speakers.vtt words+speakers.json speakers.srt", 1, "words+speakers.json"),
        ("speakers.json words+speakers.vtt text.html", 2, "words+speakers.vtt"),
        ("times.json speakers.vtt speakers.srt", 2, "speakers.vtt"),
        ("times.json times.vtt speakers.srt", 3, "speakers.srt"),
        ("words.json speakers.vtt speakers.srt", 2, "words.json"),
        ("speakers.json speakers.vtt speakers.srt speakers.html", 2, "speakers.json"),
        ("times.vtt times.srt text.html text.txt", 4, "times.vtt"),
        ("times.srt speakers.html", 2, "speakers.html"),
        ("text.html speakers.txt", 2, "speakers.txt"),
        ("text.html text.txt", 2, "text.html"),
    ],
)
def test_the_one_that_carries_most_is_taken_and_no_more_are_asked_than_may_be_better(
    offered: str, asked: int, taken: str, web: Any, make_project: Make
) -> None:
    names = offered.split()
    web.pages = {f"/{name}": DOCUMENTS[name] for name in names}
    project = make_project()
    tried = frame(episode(1, *[link(web.url(f"/{name}")) for name in reversed(names)]))
    first = fetch.collect(project, tried)
    assert first["url"].to_list() == [web.url(f"/{taken}")]
    assert len(web.asked) == asked
    web.pages = {}
    assert fetch.collect(project, tried).equals(first)
    assert len(web.asked) == asked


def test_a_better_one_that_fails_costs_nothing(web: Any, make_project: Make) -> None:
    web.pages = {"/a.json": DOCUMENTS["times.json"], "/b.vtt": "<html>gone", "/c.vtt": (503, {}, b""), "/d.srt": "nothing"}
    [row] = collect(make_project(), episode(1, *[link(web.url(path)) for path in web.pages]))
    assert (row["status"], row["url"], row["reason"]) == ("ok", web.url("/a.json"), None)


def test_the_table_says_what_the_times_of_a_text_are_worth(web: Any, make_project: Make) -> None:
    """Where most words are not timed, the audio is still wanted: the stage of the audio goes by this column."""
    half = f"[0:00] Ann: {SAYING}\n[0:05] Ann: {SAYING}\n\n"
    web.pages = {
        "/a.txt": TALK,
        "/b.txt": f"{half}[0:10] Ann: {SAYING}\n\n{SAYING * 2}",
        "/c.txt": half + SAYING * 3,
        "/d.html": DOCUMENTS["speakers.html"],
    }
    rows = collect(make_project(), *[episode(at, link(web.url(path)), duration_s=None) for at, path in enumerate(web.pages)])
    assert [row["timing"] for row in rows] == ["estimated", "segment", "estimated", "segment"]
    assert [row["type"] for row in rows] == ["text", "text", "text", "html"]


def test_estimated_times_follow_the_episodes_length_when_the_feed_mends_it(web: Any, make_project: Make) -> None:
    web.pages = {"/a.txt": TALK}
    project = make_project()
    for duration_s in (60.0, 90.0):
        [row] = collect(project, episode(1, link(web.url("/a.txt")), duration_s=duration_s))
        kept = project.cache("segments").get_json(keys.publisher_key(row["document_sha256"], duration_s))
        assert kept[-1][1] == duration_s
    assert len(web.asked) == 1


# What does not fit


def test_a_text_without_times_must_be_long_enough_to_be_all_of_its_episode(web: Any, make_project: Make) -> None:
    """Forty words a minute may be sparse talk between music where times prove it; without them, it is the show notes."""
    web.pages = {"/a.txt": TALK, "/a.vtt": DOCUMENTS["times.vtt"]}
    rows = collect(make_project(), *[episode(at, link(web.url(path)), duration_s=420) for at, path in enumerate(web.pages)])
    assert [row["status"] for row in rows] == ["failed", "ok"]
    assert "absurdly short: 280 words for 7 minutes" in rows[0]["reason"]


def test_a_list_of_chapters_is_absurdly_short_by_its_own_times(web: Any, make_project: Make) -> None:
    web.pages = {"/a.txt": "00:00 Intro\n05:12 The AI bubble\n10:40 Shovels\n31:00 Outro and thanks"}
    [row] = collect(make_project(), episode(1, link(web.url("/a.txt")), duration_s=None))
    assert row["status"] == "failed"
    assert "absurdly short" in row["reason"]


def test_a_text_in_another_language_is_refused_and_the_next_link_taken(web: Any, make_project: Make) -> None:
    web.pages = {"/a.vtt": "WEBVTT\n\n00:00.000 --> 01:00.000\n<v Ann>" + GERMAN, "/b.srt": DOCUMENTS["times.srt"]}
    links = [link(web.url(path)) for path in web.pages]
    german, english, either = collect(
        make_project(),
        episode(1, links[0], language="en-US"),
        episode(2, *links, language="en"),
        episode(3, links[0], language=None),
    )
    assert german["status"] == "failed"
    assert "in another language: the text is in 'de', the episode in 'en-US'" in german["reason"]
    assert (english["status"], english["type"]) == ("ok", "srt")
    assert either["status"] == "ok"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (TALK, "en"), (TALK, "EN_gb"), (TALK, "english"), (TALK, None), (TALK, "xx"), (GERMAN, "de-AT"),
        (GERMAN[:200], "en"),  # nobody is sure of so little
        (TALK[:1000] + GERMAN[:1000] + TALK[:1000], "de"),  # both are spoken
        (NORWEGIAN, "nn"), (NORWEGIAN, "da"),
        ("Uh, yeah. Mm-hmm. [Music] OK. " * 40, "en"),
    ],
)  # fmt: skip
def test_nothing_right_is_taken_for_another_language(text: str, language: str | None) -> None:
    assert other_language(text, language) is None


def test_another_language_is_named() -> None:
    assert other_language(GERMAN, "en") == "de"
    assert other_language(TALK, "pt-BR") == "en"


def test_real_talk_is_in_its_language_in_every_part_of_it(shared: Path) -> None:
    """Episodes of the corpus, a tenth of each at a time, and the German and Spanish texts beside it."""
    tried = 0
    for path in sorted((shared / "corpus" / "transcripts").glob("*.json"))[::6]:
        text = " ".join(segment.text for segment in parse(path.read_bytes(), ""))
        language = "zh" if other_language(text, "en") == "zh" else "en"  # two of them are in Chinese
        parts = [text[at : at + len(text) // 10] for at in range(0, len(text) - 10, len(text) // 10 + 1)]
        assert [other_language(part, language) for part in parts] == [None] * len(parts), path.name
        assert other_language(text, "de") == language
        tried += language == "en"
    assert tried >= 45
    for language in ("de", "en", "es"):
        text = (shared / "data" / "audio" / "aeneas" / "multilang" / f"{language}.txt").read_text()
        assert other_language(text, language) is None
        assert other_language(text, "fr") == language


def test_a_bare_text_needs_two_hundred_words() -> None:
    assert parse(("word. " * MIN_BARE_WORDS).encode(), "")
    with pytest.raises(TranscriptError, match="199 words without speakers or times"):
        parse(("word. " * (MIN_BARE_WORDS - 1)).encode(), "")


def test_what_is_carried_is_compared_from_words_to_times() -> None:
    exact, named = Segment(0, 1, "a b", None, "exact"), Segment(0, 1, "a b", "Ann")
    plain, guessed = Segment(0, 1, "a b"), Segment(0, 1, "a b", None, "estimated")
    ranked = [judge.carried([each]) for each in (guessed, plain, named, exact)]
    assert ranked == sorted(ranked)
    assert len(set(ranked)) == 4
