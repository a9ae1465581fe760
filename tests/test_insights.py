"""Insights: what is taken from a talk, in whose words, at which second; what is refused, and why."""

import datetime as dt
import functools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from podcast_assets.hashing import sha256
from podcast_assets.insights.assets import build_assets, segments_by_episode
from podcast_assets.insights.chatter import fault_of, introductions, sponsor_reads
from podcast_assets.insights.extractive.extract import ACCEPTED, LOOKED_AT, Extraction, extract
from podcast_assets.insights.extractive.headline import MOST_WORDS, body_of, claim_of
from podcast_assets.insights.extractive.passages import LONGEST, SHORTEST, passages_of
from podcast_assets.insights.rows import insight_id
from podcast_assets.insights.talk import Sentence, sentences_of, turns_of
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.project import Project
from podcast_assets.publisher_transcripts.formats import parse
from podcast_assets.schemas import SCHEMAS
from podcast_assets.speech import Segment, to_json

ROOT = Path(__file__).resolve().parent.parent
DAY = dt.date(2026, 3, 6)
WORD_S = 0.4  # how long a word of our talks lasts

Turns = Sequence[tuple[str | None, str]]

TALK: Turns = [
    ("Mara", "Hello and welcome to Salt and Timber, the show about slow trades. I am Mara Lind, and Oskar is late again."),
    ("Oskar", "I am not late, the tram was early. Good to be here."),
    (
        "Mara",
        "A harbour that dredges its channel deeper does not simply gain larger ships, because the tide then carries more "
        "salt up the river. In 2014 the port of Veldhaven lost a third of its drinking water wells within four years. "
        "Deeper water for ships therefore means dearer water for farms.",
    ),
    ("Oskar", "Slightly frightening. How did they notice?"),
    (
        "Oskar",
        "Most people think that old timber bridges fail under heavy loads, but they usually rot from below. Carpenters who "
        "replaced only the lowest 20 percent of the beams doubled the life of a bridge, while those who strengthened the "
        "deck gained three years. The cheapest repair is the one that keeps the beams dry.",
    ),
    ("Mara", "That is a lovely sentence. Tell me about the nails."),
    (
        "Oskar",
        "Wooden nails hold longer than iron ones in oak, because iron and oak destroy each other whenever moisture gets "
        "between them. A ship with 4,000 iron nails needed new planks after twelve years, and one with wooden nails lasted "
        "forty. Builders should choose the fastener after the timber, never before.",
    ),
    ("Mara", "Thanks for listening. Rate us wherever you listen, and see you next week."),
]

READ = (
    "Brightspoon makes a kettle that weighs less than most cups, because its walls are thinner than a coin. A full kettle "
    "boils 40 percent faster than the average one, and it never whistles. Engineers should look at the handle alone."
)  # reads like an insight, and is one without its cues


def timed(turns: Turns, cuts: Sequence[int] = ()) -> list[Segment]:
    """A talk as segments that start at these words, and at each turn; a word lasts ``WORD_S``."""
    segments, said = [], 0
    for speaker, text in turns:
        words = text.split()
        inside = sorted({cut - said for cut in cuts if said < cut < said + len(words)})
        for start, end in pairwise([0, *inside, len(words)]):
            place = (round((said + start) * WORD_S, 3), round((said + end) * WORD_S, 3))
            segments.append(Segment(*place, " ".join(words[start:end]), speaker))
        said += len(words)
    return segments


def by_sentence(turns: Turns) -> list[Segment]:
    """A talk as a segment a sentence."""
    words = " ".join(text for _, text in turns).split()
    return timed(turns, [place for place, word in enumerate(words, 1) if word.endswith((".", "?", "!"))])


def monologue(*paragraphs: str) -> list[Segment]:
    """One speaker's talk, in one turn."""
    return by_sentence([("Ann", " ".join(paragraphs))])


def found(segments: Sequence[Segment]) -> Extraction:
    return extract(DAY, "episode", segments)


def accepted(extraction: Extraction) -> list[dict[str, Any]]:
    return [row for row in extraction.rows if row["status"] == "accepted"]


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def is_subsequence(part: Sequence[str], whole: Sequence[str]) -> bool:
    rest = iter(whole)
    return all(word in rest for word in part)


def sentences(text: str) -> list[Sentence]:
    return sentences_of(turns_of([Segment(0.0, 60.0, text, "Ann")]))


def fault(text: str) -> str | None:
    return fault_of(sentences(text), in_sponsor_read=False, in_introduction=False)


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
    ],
)
def test_sentences_are_cut_where_they_end(text: str, parts: list[str]) -> None:
    assert [sentence.text for sentence in sentences(text)] == parts


def test_text_that_nobody_punctuated_is_cut_into_pieces_that_can_be_read() -> None:
    pieces = sentences(" ".join(f"word{i}" for i in range(500)))
    assert [piece.words for piece in pieces] == [60] * 8 + [20]


# --- Sponsor reads ----------------------------------------------------------------------------------------------------

CUES = [
    "This episode is brought to you by Brightspoon.",
    "First, our sponsors.",
    "Salt and Timber is brought to you today by Brightspoon.",
    "Today's show is supported by the good people of Brightspoon.",
    "Visit brightspoon dot example before Friday.",
    "Head over to brightspoon.example/salt whenever you like.",
    "Enter the code TIMBER whenever you order.",
    "Brightspoon gives you a free trial, and 20 percent off.",
]


def test_the_read_that_the_tests_hide_would_be_an_insight() -> None:
    """Without this, the tests below prove nothing."""
    assert "kettle" in " ".join(row["quote"] for row in accepted(found(by_sentence([*TALK, ("Mara", READ)]))))


@pytest.mark.parametrize("cue", CUES)
@pytest.mark.parametrize("before", [True, False])
def test_no_word_of_a_sponsor_read_is_accepted(cue: str, before: bool) -> None:
    read = f"{cue} {READ}" if before else f"{READ} {cue}"
    extraction = found(by_sentence([*TALK[:3], ("Ad", read), *TALK[3:]]))
    rows = accepted(extraction)
    assert len(rows) >= 3
    assert "kettle" not in " ".join(row["quote"] for row in rows).lower()
    assert extraction.sponsor_s == pytest.approx(len(read.split()) * WORD_S, abs=0.01)
    assert "sponsor read" in {row["reject_reason"] for row in extraction.rows}


def test_a_read_inside_a_long_turn_is_cut_between_its_first_and_its_last_cue() -> None:
    idea = " ".join(text for _, text in (TALK[2], TALK[4], TALK[6]))
    rows = accepted(
        found(monologue(idea, CUES[0], READ, "It is kind to wrists. It suits small kitchens.", CUES[4], idea[::1]))
    )
    assert rows
    assert "kettle" not in " ".join(row["quote"] for row in rows)


def test_a_brand_that_is_named_far_from_the_cue_is_part_of_the_read() -> None:
    idea = " ".join(text for _, text in (TALK[2], TALK[4], TALK[6]))
    far = (
        "Owners of a Brightspoon save more than 30 percent of their tea, because nothing boils over in half the usual time."
    )
    filler = "Small kitchens are calm. Wrists stay calm too. Cups stay warm. Nobody minds the steam. Guests like the colour."
    talk = monologue(idea, CUES[0], filler, far, idea)
    cut = sponsor_reads(sentences_of(turns_of(talk)))
    said = [sentence.text for sentence in sentences_of(turns_of(talk))]
    assert said.index(far) in cut
    assert said.index("Cups stay warm.") in cut, "what lies between two signs of one read belongs to it"


@pytest.mark.parametrize(
    "text",
    [
        "A free trial teaches a company less than it hopes, because users of a free trial have decided nothing yet.",
        "The dot com bubble burst in 2000, and half of its companies were gone within three years.",
        "Theories that are supported by evidence still fail when the evidence comes from one laboratory.",
        "Investors rarely get their money back from a bridge, which is why states build more of them than firms.",
        "Engineers who work with code read it ten times more often than they write it.",
    ],
)
def test_words_that_sponsors_and_business_share_do_not_make_a_read(text: str) -> None:
    """A show about prices or software loses its best minutes."""
    idea = " ".join(text for _, text in (TALK[2], TALK[4], TALK[6]))
    assert sponsor_reads(sentences(f"{idea} {text} {text} {idea}")) == set()
    assert sponsor_reads(sentences(f"{idea} {text} {CUES[4]} {idea}")), "the talk is long enough for a cut"


def test_where_sponsor_cues_are_everywhere_nothing_is_cut() -> None:
    """A show about advertising gives no insight at all."""
    talk = [(speaker, f"This episode is sponsored by rain. {text}") for speaker, text in TALK]
    extraction = found(by_sentence(talk))
    assert extraction.sponsor_s == 0
    assert accepted(extraction)


def test_what_others_say_before_between_and_after_the_reads_is_not_cut() -> None:
    read = ("Ad", CUES[0])
    talk = sentences_of(turns_of(by_sentence([TALK[2], read, TALK[4], read, TALK[2]])))
    assert {talk[i].turn for i in sponsor_reads(talk)} == {1, 3}


# --- What is no idea --------------------------------------------------------------------------------------------------

IDEA = "Wooden nails hold longer than iron ones in oak, because iron and oak destroy each other."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (IDEA, None),
        (f"Welcome back to Salt and Timber. {IDEA}", "greeting or housekeeping"),
        (f"{IDEA} Thank you so much for coming on the show.", "greeting or housekeeping"),
        (f"{IDEA} Rate and review the show, it helps.", "greeting or housekeeping"),
        (f"Happy new year to both of you. {IDEA}", "greeting or housekeeping"),
        (f"It destroys the oak. {IDEA}", "opens with a reference to what was said before"),
        (f"So, well, they never asked the carpenter. {IDEA}", "opens with a reference to what was said before"),
        (f"And because these beams were wet, nobody came. {IDEA}", "opens with a reference to what was said before"),
        (f"{IDEA} Builders [inaudible 00:12:44] before the timber.", "words are missing"),
        (f"{IDEA} Builders (crosstalk) before the timber.", "words are missing"),
        (f"{IDEA} Builders choose the fastener after the", "breaks off"),
        (f"Slightly frightening. {IDEA}", "starts or ends with a mere reaction"),
        (f"{IDEA} I know.", "starts or ends with a mere reaction"),
        (f"Why do wooden nails hold longer? {IDEA}", "a question"),
        (f"{IDEA} Would you build with wooden nails?", "a question"),
        (f"As you mentioned, carpenters know this. {IDEA}", "talk about the conversation"),
        (f"{IDEA} Let me ask Mara about her boat.", "talk about the conversation"),
    ],
)
def test_what_is_no_idea_has_a_reason(text: str, reason: str | None) -> None:
    assert fault(text) == reason


def test_words_without_any_mark_do_not_break_off() -> None:
    """Automatic captions without punctuation would give nothing at all."""
    assert fault("wooden nails hold longer than iron ones in oak because iron and oak destroy each other") is None


def test_the_host_s_introduction_of_the_guest_is_no_insight() -> None:
    intro = (
        "My guest is Oskar Berg. Oskar builds ships with wooden nails, which last three times longer than iron ones, "
        "because oak and iron destroy each other. In our conversation Oskar explains why builders should choose the nails."
    )
    talk = sentences_of(turns_of(by_sentence([("Mara", intro), *TALK[2:]])))
    assert {talk[i].turn for i in introductions(talk)} == {0}
    rows = found(by_sentence([("Mara", intro), *TALK[2:]])).rows
    assert [row["reject_reason"] for row in rows if "Oskar builds" in row["quote"]] == ["introduction of the episode"]


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
    again = ("Mara", TALK[6][1].replace("Wooden", "Oaken").replace("forty", "fifty"))
    rows = found(by_sentence([*TALK, again])).rows
    about = {row["status"]: row["reject_reason"] for row in rows if "nails hold" in row["quote"]}
    assert about == {"accepted": None, "rejected": "says the same as a better passage of the episode"}


# --- Claims and bodies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passage", "claim"),
    [
        # The belief that the speaker contradicts is not the claim.
        (
            ["People think that iron nails last for ever in oak, but iron and oak destroy each other."],
            "Iron and oak destroy each other",
        ),
        (
            ["A deeper harbour sounds like progress to most of the owners of ships, but the salt comes with it."],
            "The salt comes with it",
        ),
        (["Deeper harbours sound like progress, but salt comes with them."], None),
        # A condition is no clause without which the rest stays true.
        (
            ["Oak beams hold for a century if nobody lets the rain in."],
            "Oak beams hold for a century if nobody lets the rain in",
        ),
        # An "and" inside a list or between names is no boundary.
        (
            ["In 1994 Mara Lind and Oskar Berg measured sixty bridges, and most of them were rotten from below."],
            "Most of them were rotten from below",
        ),
        (
            [
                "The port kept its cranes, its pilots, its dark, narrow quays, and most of its debts after the last ship "
                "had gone."
            ],
            "The port kept its cranes, its pilots, its dark, narrow quays…",
        ),
        # What leads to a main clause is none; with it, the sentence is whole.
        (["When nobody looks after the beams.", "Rain is patient."], "When nobody looks after the beams. Rain is patient"),
        (["When nobody looks after the beams, the bridge goes."], None),
        # What somebody found is the claim, not that they found it.
        (
            ["A survey of two hundred wharves around the northern sea found that dry beams outlive strong ones."],
            "Dry beams outlive strong ones",
        ),
        (["Well, you know, dry beams outlive strong ones."], "Dry beams outlive strong ones"),
        (["“Dry beams outlive strong ones."], "Dry beams outlive strong ones"),
        # A main clause stands without the phrase before it.
        (
            ["During the long winters of the northern coast and its islands, dry beams outlive strong ones."],
            "Dry beams outlive strong ones",
        ),
        # The conclusion rather than the anecdote.
        (["Oskar went to Veldhaven in 2014.", "Dry beams make better bridges than strong ones."], None),
    ],
)
def test_a_claim_is_a_clause_that_can_be_read_as_a_title(passage: list[str], claim: str | None) -> None:
    assert claim_of(passage) == (claim or passage[-1].rstrip("."))


@pytest.mark.parametrize(
    ("passage", "claim"),
    [
        (
            [
                "Carpenters of the islands who were taught by their grandmothers choose every single nail after they have "
                "seen the oak."
            ],
            "Carpenters of the islands who were taught by their grandmothers choose…",
        ),
        (["Is oak the better wood?", "Oak!"], "Is oak the better wood? Oak!"),
        (["word " * 30], "Word word word word word word word word word word word word…"),
        (["船" * 400], "船" * 110 + "…"),
    ],
)
def test_without_a_clause_of_that_length_the_title_is_the_beginning_with_an_ellipsis(passage: list[str], claim: str) -> None:
    assert claim_of(passage) == claim


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("So, and, you know, iron rusts.", "Iron rusts."),
        ("I think that iron, um, rusts.", "Iron rusts."),
        ("Noise is no signal.", "Noise is no signal."),
        ("\ufb01sh do not rust.", "\ufb01sh do not rust."),  # a letter whose capital is two others
        ("Iron rusts, in fact, and oak rots.", "Iron rusts, and oak rots."),
        ("", ""),
    ],
)
def test_the_body_is_the_quote_without_what_only_links_it_to_the_talk(text: str, body: str) -> None:
    assert body_of(text) == body


VOCABULARY = (
    "the a oak iron nails bridges rot because but and if when which so people think found that is are never 40 percent you "
    "know um, it they in 2014 however, means stronger than water; salt: — “deep” don't I my 船 é 🙂 builders' should"
)
WORDS = st.sampled_from(VOCABULARY.split())
PROSE = st.lists(WORDS, min_size=1, max_size=45).map(" ".join)
PASSAGES = st.lists(st.tuples(PROSE, st.sampled_from([".", "?", "!", "…", '."', ""])).map("".join), min_size=1, max_size=5)


@settings(max_examples=300, deadline=None)
@example(['0"0'])
@given(PASSAGES | st.lists(st.text(max_size=80), min_size=1, max_size=4))
def test_claims_and_bodies_are_made_of_the_passage_s_own_words_in_their_order(passage: list[str]) -> None:
    """A title that nobody said is put into a speaker's mouth, is longer than 12 words, or is empty."""
    quote = " ".join(passage)
    claim, body = claim_of(passage), body_of(quote)
    assert len(claim.split()) <= MOST_WORDS
    assert is_subsequence(words_of(body), words_of(quote))
    said = words_of(claim)
    if claim.endswith("…") and len(claim) > 100:
        said = said[:-1]  # a very long word may be cut
    assert is_subsequence(said, words_of(quote))
    assert claim or not words_of(body)


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


# --- Through Dagster --------------------------------------------------------------------------------------------------


def materialise(
    project: Project, transcripts: list[dict[str, Any]], segments: list[dict[str, Any]]
) -> dg.ExecuteInProcessResult:
    """Runs the stage with the real IO manager on a day of these rows."""
    for table, rows in (("transcripts", transcripts), ("segments", segments)):
        frame = pl.DataFrame([{**dict.fromkeys(SCHEMAS[table]), "day": DAY, **row} for row in rows], schema=SCHEMAS[table])
        project.lake.write(table, frame, DAY)
    days = dg.DailyPartitionsDefinition(start_date="2026-03-01")
    inputs = [dg.AssetSpec(table, partitions_def=days) for table in ("transcripts", "segments")]
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [*build_assets(days), *inputs],
            instance=instance,
            partition_key=DAY.isoformat(),
            resources={"io_manager": LakeIOManager(project.lake)},
        )


def rows_of(episode_id: str, talk: Sequence[Segment]) -> list[dict[str, Any]]:
    return [
        {
            "episode_id": episode_id,
            "seq": seq,
            **{name: getattr(segment, name) for name in ("start_s", "end_s", "speaker", "text", "timing")},
        }
        for seq, segment in enumerate(talk)
    ]


def metadata(result: dg.ExecuteInProcessResult, table: str) -> dict[str, Any]:
    (event,) = [event for event in result.get_asset_materialization_events() if event.asset_key == dg.AssetKey(table)]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_a_day_through_dagster(make_project: Callable[..., Project]) -> None:
    project = make_project()
    talk = by_sentence([*TALK, ("Mara", f"{CUES[0]} {READ}")])
    transcripts = [
        {"episode_id": "second", "status": "ok"},
        {"episode_id": "failed", "status": "failed"},
        {"episode_id": "first", "status": "ok"},
        {"episode_id": "silent", "status": "ok"},
    ]
    shuffled = rows_of("first", talk)[::-1] + rows_of("failed", talk) + rows_of("second", talk)
    result = materialise(project, transcripts, shuffled)
    assert result.success
    frame, usage = project.lake.read("insight_candidates", DAY), project.lake.read("llm_usage", DAY)
    assert (frame.schema, usage.schema) == (SCHEMAS["insight_candidates"], SCHEMAS["llm_usage"])
    assert usage.is_empty()
    assert list(dict.fromkeys(frame["episode_id"])) == ["second", "first"], "episodes keep the order of their table"
    expected = [row for name in ("second", "first") for row in extract(DAY, name, talk).rows]
    assert frame.to_dicts() == expected
    told = metadata(result, "insight_candidates")
    assert told["episodes"] == 3
    assert told["accepted"] + told["rejected"] == len(frame) == told["dagster/row_count"]
    assert told["sponsor_minutes"] > 0
    assert "| sponsor read | 2 |" in told["rejected_because"]
    assert metadata(result, "llm_usage")["calls"] == 0


def test_two_runs_of_a_day_write_the_same_bytes(make_project: Callable[..., Project]) -> None:
    project, talk = make_project(), by_sentence(TALK)
    written = []
    for _ in range(2):
        materialise(project, [{"episode_id": "e", "status": "ok"}], rows_of("e", talk))
        written.append(project.lake.path("insight_candidates", DAY).read_bytes())
    assert written[0] == written[1]


def test_an_empty_day_has_typed_empty_tables(make_project: Callable[..., Project]) -> None:
    project = make_project()
    result = materialise(project, [], [])
    for table in ("insight_candidates", "llm_usage"):
        frame = project.lake.read(table, DAY)
        assert frame.is_empty()
        assert frame.schema == SCHEMAS[table]
    assert metadata(result, "insight_candidates")["accepted"] == 0


def test_segments_are_dealt_to_their_episodes_in_the_order_of_the_talk() -> None:
    talk = by_sentence(TALK)
    rows = [{**dict.fromkeys(SCHEMAS["segments"]), **row} for row in rows_of("b", talk)[::-1] + rows_of("a", talk)]
    dealt = segments_by_episode(pl.DataFrame(rows, schema=SCHEMAS["segments"]))
    assert dealt == {"a": talk, "b": talk}
