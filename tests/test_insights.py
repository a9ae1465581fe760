"""Insights: what is taken from a talk, in whose words, at which second; what is refused, and why."""

import functools
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.hashing import sha256
from podcast_assets.insights.chatter.sift import cuts_of
from podcast_assets.insights.extractive.clauses import MOST_WORDS
from podcast_assets.insights.extractive.extract import ACCEPTED, LOOKED_AT, Extraction, extract
from podcast_assets.insights.extractive.passages import LONGEST, SHORTEST, passages_of
from podcast_assets.insights.rows import insight_id
from podcast_assets.insights.talk import sentences_of, turns_of
from podcast_assets.publisher_transcripts.formats import parse
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment, to_json
from tests.talks import (
    CUES,
    DAY,
    READ,
    TALK,
    WORD_S,
    accepted,
    by_sentence,
    found,
    is_subsequence,
    monologue,
    sentences,
    timed,
    words_of,
)

ROOT = Path(__file__).resolve().parent.parent

# --- Quotes: verbatim, at their second, by their speaker --------------------------------------------------------------


def test_each_idea_of_a_talk_is_found_and_nothing_else() -> None:
    rows = accepted(found(by_sentence(TALK)))
    assert {row["speaker"] for row in rows} == {"Mara", "Oskar"}
    told = " ".join(row["quote"] for row in rows)
    for idea in ("drinking water wells", "rot from below", "Wooden nails"):
        assert idea in told
    for chatter in ("welcome", "tram", "Tell me", "frightening", "Rate us"):
        assert chatter not in told
    qualities = [row["quality"] for row in rows]
    assert qualities == sorted(qualities, reverse=True)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, sum(len(text.split()) for _, text in TALK) - 1)))
def test_how_a_talk_is_cut_into_segments_changes_no_quote_and_moves_no_second(cuts: set[int]) -> None:
    """The same words in other subtitles give other insights, or a link leads to another place in the audio."""
    segments = timed(TALK, sorted(cuts))
    whole = accepted(found(by_sentence(TALK)))
    rows = accepted(found(segments))
    for name in ("quote", "claim", "body", "insight_id", "quality", "speaker"):
        assert [row[name] for row in rows] == [row[name] for row in whole]
    words = " ".join(text for _, text in TALK).split()
    for row in rows:
        quote = row["quote"].split()
        (place,) = [i for i in range(len(words)) if words[i : i + len(quote)] == quote]
        first, last = (next(s for s in segments if s.start_s <= at < s.end_s) for at in middles(place, len(quote)))
        assert first.start_s <= row["quote_start_s"] <= first.end_s
        assert last.start_s <= row["quote_end_s"] <= last.end_s
        assert row["quote_start_s"] < row["quote_end_s"]
        opens = first.text.startswith(" ".join(quote)[: len(first.text)])
        assert row["timing"] == ("segment" if opens else "estimated")
        if opens:
            assert row["quote_start_s"] == first.start_s
        assert first.speaker == last.speaker == row["speaker"]


def middles(place: int, length: int) -> tuple[float, float]:
    """The middle of the first and of the last word of a quote, in seconds."""
    return (place + 0.5) * WORD_S, (place + length - 0.5) * WORD_S


def test_a_quote_is_verbatim_in_the_talk_even_where_white_space_is_odd() -> None:
    segments = [Segment(s.start_s, s.end_s, s.text.replace(" ", "  \n"), s.speaker) for s in by_sentence(TALK)]
    said = [" ".join(turn.text.split()) for turn in turns_of(segments)]
    rows = accepted(found(segments))
    assert rows
    for row in rows:
        assert any(" ".join(row["quote"].split()) in turn for turn in said)


def test_the_second_of_a_sentence_that_opens_a_segment_is_exact_where_the_transcript_is() -> None:
    segments = [Segment(s.start_s, s.end_s, s.text, s.speaker, "exact") for s in by_sentence(TALK)]
    rows = accepted(found(segments))
    assert {row["timing"] for row in rows} == {"exact"}
    assert {row["quote_start_s"] for row in rows} <= {s.start_s for s in segments}
    assert {row["quote_end_s"] for row in rows} <= {s.end_s for s in segments}


def test_a_sentence_inside_a_long_segment_lies_within_it_and_says_estimated() -> None:
    (turn,) = turns_of([Segment(100.0, 200.0, "One two three. Four five six. Seven eight nine.", "Ann", "exact")])
    first, second, third = sentences_of([turn])
    assert (first.start_s, first.timing) == (100.0, "exact")
    assert (second.timing, third.timing) == ("estimated", "estimated")
    assert 100 < first.end_s <= second.start_s < second.end_s <= third.start_s < third.end_s == 200


def test_turns_end_where_the_speaker_changes_and_unknown_speakers_make_one() -> None:
    segments = [
        Segment(i, i + 1, text, speaker)
        for i, (text, speaker) in enumerate([("a", "X"), ("b", "X"), ("c", None), ("d", None), ("e", "X")])
    ]
    turns = turns_of(segments)
    assert [(turn.text, turn.segments[0].speaker) for turn in turns] == [("a b", "X"), ("c d", None), ("e", "X")]
    assert turns_of([]) == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Dr. Lind met Mr. Berg. They spoke.", ["Dr. Lind met Mr. Berg.", "They spoke."]),
        ('He said "Go." Then he went.', ['He said "Go."', "Then he went."]),
        ("It costs 3.5 million. Ärzte agree!", ["It costs 3.5 million.", "Ärzte agree!"]),
        ("no marks at all", ["no marks at all"]),
        ("   ", []),
        (
            "木の橋は下から腐る。なぜか？！「乾かすこと。」大切です",
            ["木の橋は下から腐る。", "なぜか？！", "「乾かすこと。」", "大切です"],
        ),
        ("هل تدوم المسامير؟ نعم تدوم. والحديد يصدأ", ["هل تدوم المسامير؟", "نعم تدوم.", "والحديد يصدأ"]),
        ("Дерево держит дольше. Железо ржавеет.", ["Дерево держит дольше.", "Железо ржавеет."]),
    ],
)
def test_sentences_are_cut_where_they_end(text: str, parts: list[str]) -> None:
    assert [sentence.text for sentence in sentences(text)] == parts


def test_text_that_nobody_punctuated_is_cut_into_pieces_that_can_be_read() -> None:
    pieces = sentences(" ".join(f"word{i}" for i in range(500)))
    assert [piece.words for piece in pieces] == [60] * 8 + [20]


def test_the_host_s_introduction_of_the_guest_is_no_insight() -> None:
    intro = (
        "My guest is Oskar Berg. Oskar builds ships with wooden nails, which last three times longer than iron ones, "
        "because oak and iron destroy each other. In our conversation Oskar explains why builders should choose the nails."
    )
    talk = sentences_of(turns_of(by_sentence([("Mara", intro), *TALK[2:]])))
    assert {talk[i].turn for cut in cuts_of(talk) for i in range(cut.first, cut.last + 1)} == {0, 4}
    rows = found(by_sentence([("Mara", intro), *TALK[2:]])).rows
    reasons = [row["reject_reason"] for row in rows if "Oskar builds" in row["quote"]]
    assert reasons == ["housekeeping: it says 'my guest'"]


def test_rejected_rows_have_reasons_and_accepted_ones_none() -> None:
    rows = found(by_sentence([*TALK, ("Mara", f"{CUES[0]} {READ}")])).rows
    assert {row["status"] for row in rows} == {"accepted", "rejected"}
    for row in rows:
        assert bool(row["reject_reason"]) == (row["status"] == "rejected")
    states = [row["status"] for row in rows]
    assert states == sorted(states), "the refused ones follow the accepted ones"


def test_what_is_said_twice_is_one_insight_at_its_later_place() -> None:
    """A teaser at the start would appear beside the talk it is taken from, or its second would lead to the teaser."""
    talk = [TALK[6], *TALK]
    rows = found(by_sentence(talk)).rows
    nails = [row for row in rows if "Wooden nails" in row["quote"]]
    assert [row["status"] for row in nails] == ["accepted"]
    assert nails[0]["quote_start_s"] > len(TALK[6][1].split()) * WORD_S
    assert len({row["insight_id"] for row in rows}) == len(rows)


def test_a_passage_that_is_accepted_is_not_listed_as_refused_with_one_more_sentence() -> None:
    talk = [*TALK[:2], ("Mara", f"Never mind. {TALK[2][1]}"), *TALK[3:]]
    rows = [row for row in found(by_sentence(talk)).rows if "drinking water wells" in row["quote"]]
    assert [row["status"] for row in rows] == ["accepted"]


def test_two_passages_that_say_the_same_in_almost_the_same_words_are_not_both_taken() -> None:
    again = ("Oskar", TALK[6][1].replace("Wooden", "Oaken").replace("forty", "fifty"))
    rows = found(by_sentence([*TALK, again])).rows
    about = {row["status"]: row["reject_reason"] for row in rows if "nails hold" in row["quote"]}
    assert about == {"accepted": None, "rejected": "says the same as a better passage of the episode"}


# --- Identities, kinds, topics, order ---------------------------------------------------------------------------------


def test_identities_depend_on_the_words_alone() -> None:
    """After an upgrade everything would be new again, and be sent again."""
    expected = sha256("e1wooden nails hold longer 40")[:16]
    for quote in ("Wooden nails hold longer: 40.", "wooden  nails\nhold longer, “40”!"):
        assert insight_id("e1", quote) == expected
    assert insight_id("e2", "Wooden nails hold longer: 40.") != expected


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Everyone says that iron is stronger, and that is wrong for 20 percent of all 300 bridges.", "disagreement"),
        ("The port lost 20 percent of its 300 wells.", "number"),
        ("Builders should choose the fastener after the timber.", "advice"),
        ("Iron nails will vanish from these coasts.", "prediction"),
        ("Iron is strong, but oak destroys it.", "argument"),
        ("Oak grows slowly on these coasts.", "fact"),
    ],
)
def test_the_kind_is_told_by_the_words(text: str, kind: str) -> None:
    body = "Carpenters on the long northern coast learn their trade from the tides, the timber, the weather of the islands, "
    rows = extract(DAY, "e", monologue(f"{body} the harvest, the carvings, and from each other. {text}")).rows
    assert {row["kind"] for row in rows} == {kind}


def test_topics_are_words_of_the_quote_and_no_filler() -> None:
    for row in accepted(found(by_sentence(TALK))):
        assert 1 <= len(row["topics"]) <= 3
        assert set(row["topics"]) <= set(words_of(row["quote"]))
        assert not {"which", "because", "their", "these"} & set(row["topics"])


def test_rows_are_the_same_in_every_process(tmp_path: Path) -> None:
    """The order of a set leaks into the rows, and a second run writes other bytes."""
    program = (
        "import datetime as dt, json, sys\n"
        "from podcast_assets.insights.extractive.extract import extract\n"
        "from podcast_assets.speech import from_json\n"
        "rows = extract(dt.date(2026, 3, 6), 'episode', from_json(json.load(sys.stdin))).rows\n"
        "print(json.dumps(rows, default=str))"
    )
    talk = by_sentence([*TALK, ("Ad", f"{CUES[0]} {READ}")])
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    there = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(to_json(talk)), env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(there.stdout) == json.loads(json.dumps(found(talk).rows, default=str))


# --- Odd transcripts --------------------------------------------------------------------------------------------------

CAPTIONS = [
    Segment(60.0 * i, 60.0 * i + 60, " ".join(TALK[turn][1].lower().translate(str.maketrans("", "", ".,?!")).split()))
    for i, turn in enumerate([2, 4, 6, 2, 4, 6])
]


@pytest.mark.parametrize(
    "segments",
    [
        [],
        [Segment(0.0, 1.0, "Hm.", None)],
        [Segment(0.0, 1.0, "", None), Segment(1.0, 1.0, "", None)],
        [Segment(0.0, 900.0, "the and of to is it was for on are as with they be at this " * 20)],
        [
            Segment(float(i), i + 1.0, "Das Holz hält länger als das Eisen, weil beide sich zerstören." * 4)
            for i in range(30)
        ],
        [Segment(float(i), i + 1.0, "木の橋は下から腐るので、乾かすことが大切です。" * 30) for i in range(30)],
        [Segment(float(i), i + 1.0, "🙂 " * 40 + "\x00\x1b[31m \u202e oak 100% &amp; <b>") for i in range(20)],
        [Segment(float(i), i + 1.0, "- - - ... ,,, ?! " * 20) for i in range(5)],
        [Segment(0.0, 0.0, "All at once. " * 300, "Ann")],
        CAPTIONS,
    ],
)
def test_odd_transcripts_give_rows_that_keep_the_contract(segments: list[Segment]) -> None:
    end_s = max((segment.end_s for segment in segments), default=0.0)
    said = " ".join(turn.text for turn in turns_of(segments))
    rows = found(segments).rows
    pl.DataFrame(rows, schema=SCHEMAS["insight_candidates"])
    for row in rows:
        assert " ".join(row["quote"].split()) in " ".join(said.split())
        assert 0 <= row["quote_start_s"] <= row["quote_end_s"] <= end_s
        assert 0 < len(row["claim"].split()) <= MOST_WORDS
        assert row["body"]
        assert all(0 <= row[name] <= 1 for name in ("quality", "centrality", "specificity", "cues"))


def test_a_text_without_spaces_gives_no_candidates_and_says_why() -> None:
    """A show in Chinese is silently left out."""
    extraction = found(
        [Segment(float(i), i + 1.0, "木の橋は下から腐るので、乾かすことが大切です。" * 30) for i in range(30)]
    )
    assert not extraction.rows
    assert extraction.remark == "no passages: the text has no spaces between words"
    assert found(by_sentence(TALK)).remark is None


def test_captions_without_any_punctuation_still_give_insights() -> None:
    rows = accepted(found(CAPTIONS))
    assert rows
    assert all(SHORTEST <= len(row["quote"].split()) <= LONGEST for row in rows)


def test_a_monologue_of_three_hours_takes_seconds() -> None:
    """One long episode holds up the day."""
    paragraph = " ".join(text for _, text in (TALK[2], TALK[4], TALK[6]))
    # Every second word is another one in each paragraph, so that no two of them say the same.
    talk = monologue(*(re.sub(r"(\S+ )(\w+)", rf"\g<1>\g<2>{i}", paragraph) for i in range(200)))
    assert talk[-1].end_s > 3 * 3600
    start = time.process_time()
    extraction = found(talk)
    assert time.process_time() - start < 20
    assert 3 <= len(accepted(extraction)) <= ACCEPTED
    assert len(extraction.rows) <= ACCEPTED + LOOKED_AT


def test_passages_have_the_length_of_an_insight_and_stay_in_one_turn() -> None:
    talk = sentences_of(turns_of(by_sentence(TALK)))
    passages = passages_of(talk)
    assert passages
    for passage in passages:
        parts = talk[passage.first : passage.last + 1]
        assert len({part.turn for part in parts}) == 1
        assert SHORTEST <= sum(part.words for part in parts) == passage.words <= LONGEST


# --- Real forms of transcripts ----------------------------------------------------------------------------------------

SAMPLES = sorted((ROOT / "samples" / "feeds").glob("*/transcripts/*"))
SPONSORS = (
    "lantern kettle", "tuesdayish", "quillmoss", "thistle", "grubworth", "marrow and pine", "hearthmouse", "puddlewright",
    "kettlefin", "boxwick", "mossop", "dot example", "the code", "sponsor",
)  # fmt: skip


@functools.cache
def of_sample(path: Path) -> tuple[list[Segment], Extraction]:
    segments = parse(path.read_bytes(), "")
    return segments, found(segments)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.stem}{path.suffix}")
def test_each_episode_of_the_sample_gives_three_insights_and_none_from_its_sponsor(path: Path) -> None:
    segments, extraction = of_sample(path)
    rows = accepted(extraction)
    assert len(rows) >= 3
    assert len({row["insight_id"] for row in extraction.rows}) == len(extraction.rows)
    assert extraction.sponsor_s > 10
    turns = {(turn.segments[0].speaker, turn.text) for turn in turns_of(segments)}
    for row in rows:
        assert any(row["quote"] in text and row["speaker"] == speaker for speaker, text in turns)
        assert not [sponsor for sponsor in SPONSORS if sponsor in row["quote"].lower()]
        assert 1 <= len(row["claim"].split()) <= MOST_WORDS
        assert is_subsequence(words_of(row["claim"]), words_of(row["quote"]))
        assert row["claim"][0].isupper() or row["claim"][0].isdigit()


@pytest.mark.parametrize("path", [path for path in SAMPLES if path.suffix == ".json"], ids=lambda path: path.stem)
def test_both_forms_of_one_transcript_give_the_same_insights(path: Path) -> None:
    """Which of a feed's documents was fetched decides what a reader is told."""
    other = next(sibling for sibling in SAMPLES if sibling.stem == path.stem and sibling != path)
    rows, others = (accepted(of_sample(form)[1]) for form in (path, other))
    assert [row["quote"] for row in rows] == [row["quote"] for row in others]
    for row, twin in zip(rows, others, strict=True):
        assert row["quote_start_s"] == pytest.approx(twin["quote_start_s"], abs=1.0)


def test_real_talks_give_insights_that_keep_the_contract(shared: Path) -> None:
    for path in sorted((shared / "corpus" / "transcripts").glob("*.json"))[::60]:
        segments = parse(path.read_bytes(), "application/json")
        said = {(turn.segments[0].speaker, turn.text) for turn in turns_of(segments)}
        rows = accepted(found(segments))
        assert len(rows) >= 3, path.stem
        for row in rows:
            assert any(row["quote"] in text and row["speaker"] == speaker for speaker, text in said)
            assert is_subsequence(words_of(row["claim"]), words_of(row["quote"]))
            assert "brought to you by" not in row["quote"]
