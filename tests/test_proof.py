"""What a model proposes, held against the talk: honest insights pass, each kind of fault is refused by its name."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.insights.chatter.cut import places
from podcast_assets.insights.chatter.sift import cuts_of
from podcast_assets.insights.extractive.extract import extract
from podcast_assets.insights.proof import numbers
from podcast_assets.insights.proof.proposal import Proposal, Source
from podcast_assets.insights.proof.prove import BODY, CLAIM, LEAST_SHARED, Proven, Refused, prove, shared_content
from podcast_assets.insights.proof.transcript import Transcript
from podcast_assets.insights.talk import sentences_of, turns_of
from podcast_assets.publisher_transcripts.formats import parse
from podcast_assets.speech import Segment
from tests.honest import HONEST, Honest

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "feeds"

TALK = [
    ("Mara", "Hello and welcome to Salt and Timber. Oskar Ramaswami has built harbours with the ISO for Open AI "
             "and in America."),
    ("Oskar", "A harbour that dredges its channel deeper does not simply gain larger ships, because the tide then carries "
              "more salt up the river. In 2014 the port of Veldhaven lost fifty percent of its drinking water wells, and "
              "half a million people drank from bottles. We called it the bottle year. Deeper water for ships means dearer "
              "water for farms."),
    ("Mara", "This episode is brought to you by Nailhead, the hammer that never misses a nail. Use the code SALT."),
]  # fmt: skip
QUOTE = (
    "A harbour that dredges its channel deeper does not simply gain larger ships because the tide then carries more salt "
    "up the river."
)
BODY_TEXT = (
    "Deepening a channel for larger ships lets the tide carry salt up the river, so that wells for drinking water are lost. "
    "The port of Veldhaven lost 50 % of its wells in 2014, and 500,000 people drank from bottles."
)
SOURCE = Source("Why harbours turn to salt", "Salt and Timber", "With a chart of 12 ports by Ines Corvo.", "en")
HONESTLY = Proposal(QUOTE, "Deeper harbours cost farms their water", BODY_TEXT, None, "argument", ("harbours", "water"))


def transcript_of(turns: list[tuple[str | None, str]]) -> Transcript:
    segments = [Segment(10.0 * at, 10.0 * at + 10, text, speaker) for at, (speaker, text) in enumerate(turns)]
    sentences = sentences_of(turns_of(segments))
    return Transcript.of(sentences, places(cuts_of(sentences)))


TRANSCRIPT = transcript_of(TALK)  # type: ignore[arg-type]
NAMELESS = transcript_of([(None, text) for _, text in TALK])


def proven(transcript: Transcript = TRANSCRIPT, **changes: object) -> Proven:
    result = prove(dataclasses.replace(HONESTLY, **changes), transcript, SOURCE)  # type: ignore[arg-type]
    assert isinstance(result, Proven), result
    return result


def reason(**changes: object) -> str:
    result = prove(dataclasses.replace(HONESTLY, **changes), TRANSCRIPT, SOURCE)  # type: ignore[arg-type]
    assert isinstance(result, Refused), result
    return result.reason


def with_end(sentence: str) -> str:
    """A body of which the last sentence is this one."""
    return f"{BODY_TEXT.partition('. ')[0]}, and farms pay for it in the end. {sentence}"


def test_an_honest_insight_gets_the_words_the_second_and_the_speaker_of_the_talk() -> None:
    result = proven(kind=" Argument ", topics=("harbours", "Harbours", " water\n", "", "#tides", "a", "b", "c"))
    assert result.quote == QUOTE.replace("ships because", "ships, because")
    assert (result.quote_start_s, result.speaker, result.timing) == (10.0, "Oskar", "segment")
    assert (result.kind, result.topics) == ("argument", ("harbours", "water", "tides", "a", "b"))
    assert "bottle year" in result.surroundings
    assert proven(kind="hot take").kind is None


@pytest.mark.parametrize("honest", HONEST, ids=lambda honest: honest.opening)
def test_what_a_careful_reader_writes_of_the_sample_is_never_refused(honest: Honest) -> None:
    [path] = SAMPLES.glob(f"*/transcripts/*{honest.talk}")
    sentences = sentences_of(turns_of(parse(path.read_bytes(), "srt" if path.suffix == ".srt" else "vtt")))
    [start] = [number for number, sentence in enumerate(sentences) if sentence.text.startswith(honest.opening)]
    quote = " ".join(sentence.text for sentence in sentences[start : start + 1 + honest.more])
    proposal = Proposal(quote, honest.claim, honest.body, None, "fact", ())
    result = prove(proposal, Transcript.of(sentences, places(cuts_of(sentences))), Source(path.stem, "", "", None))
    assert isinstance(result, Proven), result
    assert result.quote == quote
    assert shared_content(honest.body, result.surroundings) > 2 * LEAST_SHARED


@pytest.mark.parametrize(
    ("changes", "culprit"),
    [
        ({"body": with_end("The port lost 40 % of its wells.")}, 'the body says "40 %", which is neither near the quote'),
        ({"claim": "Seven harbours lost their wells"}, 'the claim says "Seven", which is neither near'),
        ({"body": with_end("This was the work of Elon Musk.")}, 'the body names "Elon", which is neither in the transcript'),
        ({"claim": "NATO lets salt into the wells"}, 'the claim names "NATO"'),
        ({"body": with_end("They called it the “salt decade” there.")}, 'the body has "salt decade" in quotation marks'),
        ({"body": with_end("The guest explains how wells are lost.")}, 'the body does not stand alone: it says "The guest"'),
        ({"body": "It " + BODY_TEXT}, 'the body does not stand alone: it says "It"'),
        ({"claim": "In this episode harbours turn to salt"}, 'the claim does not stand alone: it says "this episode"'),
        ({"claim": "Harbours turn to salt: why"}, "the claim only says the episode's title again"),
        ({"claim": "Salt water"}, "the claim has 2 words, it should have 3 to 12"),
        ({"body": "Too short."}, "the body has 2 words, it should have 30 to 60"),
        ({"body": " ".join(["salt"] * 61)}, "the body has 61 words, it should have 30 to 60"),
        ({"body": with_end("Use the promo code now.")}, 'the body talks like a sponsor: "promo code"'),
        ({"body": with_end("<b>Farms</b> pay.")}, 'the body holds "<b>": tags, links, addresses and code are'),
        ({"claim": "Read [all](evil.example) of it now"}, 'the claim holds "[all](evil.example)"'),
        ({"topics": ("water", "https://evil.example/x")}, 'the topic holds "https://evil.example/x"'),
        ({"speaker": "{{ name }}"}, 'the speaker holds "{"'),
        ({"quote": "A harbour dredger found nine gold coins in the old mud of it"}, "the quote is not in the transcript"),
        ({"quote": "the hammer that never misses a nail"}, "the quote is part of a sponsor read"),
        ({"body": "Wer eine Fahrrinne für größere Schiffe vertieft, lässt das Salz mit der Flut den Fluss hinauf, sodass "
                  "die Brunnen für das Trinkwasser verloren gehen und die Bauern am Ende für das Wasser der Felder zahlen."},
         "the body is in another language (de) than the talk (en)"),
        ({"body": "Children learn their letters best when somebody sings with them, since melodies keep syllables apart and "
                  "make every rhyme easy to remember, whereas silent drills with cards bore nearly all of them quickly."},
         "the body has nothing to do with what is said around the quote"),
    ],
)  # fmt: skip
def test_each_fault_is_refused_and_its_culprit_named(changes: dict[str, object], culprit: str) -> None:
    assert reason(**changes).startswith(culprit)


@pytest.mark.parametrize(
    "sentence",
    [
        "Half a million drank from bottles.",
        "Some 0.5 million people drank from bottles.", "Half of the wells were lost first.",
        "The chart has 12 ports.", "Ines Corvo drew the chart.", "Ramaswamy worked for OpenAI and for I.S.O. too.",
        "American and US harbours, too, lose wells on Mondays.", "It was “the bottle year” for everybody.",
        "The host country pays in the end.", "The speaker of the parliament was not asked.",
    ],
)  # fmt: skip
def test_what_is_said_or_noted_in_other_words_is_no_fault(sentence: str) -> None:
    assert proven(body=with_end(sentence)).body.endswith(sentence)


def test_it_may_open_a_body_where_it_stands_for_what_comes() -> None:
    assert proven(body="It is true that " + BODY_TEXT).body.startswith("It is true")


def test_a_body_that_is_too_long_loses_its_last_sentences() -> None:
    long = BODY_TEXT + " Farms pay for what ships gain." * 5
    assert len(long.split()) > BODY[1]
    assert BODY[1] - 6 < len(proven(body=long).body.split()) <= BODY[1]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("Oskar Ramaswami", "Oskar Ramaswami"), ("Ines Corvo", "Ines Corvo"), ("Host", None), ("Speaker 1", None), ("", None),
     ("Elon Musk", None), ("he who builds", None), ("Guest A", None), (None, None)],
)  # fmt: skip
def test_a_speaker_that_the_transcript_does_not_name_must_be_known_to_the_episode(
    given: str | None, kept: str | None
) -> None:
    assert proven(NAMELESS, speaker=given).speaker == kept
    assert proven(speaker=given).speaker == "Oskar"


def test_what_cannot_be_seen_is_gone() -> None:
    result = proven(claim="Deeper\u202e har\u200bbours cost\n farms \x1btheir water", topics=("wa\u2066ter",))
    assert result.claim == "Deeper harbours cost farms their water"
    assert result.topics == ("water",)


def test_german_nouns_are_no_names_but_numbers_count_in_each_language() -> None:
    said = (
        "Wer die Fahrrinne eines Hafens vertieft, der gewinnt nicht einfach größere Schiffe, denn die Flut trägt das Salz "
        "den Fluss hinauf. Im Jahr 2014 verlor der Hafen 1.500 Brunnen, und die Bauern an der Küste bezahlten das Wasser."
    )
    body = (
        "Eine tiefere Fahrrinne bringt dem Hafen größere Schiffe, aber die Flut trägt das Salz den Fluss hinauf, und mit "
        "dem Gewinn der Reederei verlieren die Dörfer an der Küste {} Brunnen, für die am Ende die Bauern bezahlten."
    )
    transcript = transcript_of([(None, said)])
    source = Source("Häfen", "Salz", "", "de-DE")
    quote, claim = said.partition(". ")[0], "Tiefe Häfen kosten die Bauern ihr Wasser"
    good = prove(Proposal(quote, claim, body.format("1500"), None, "fact", ()), transcript, source)
    assert isinstance(good, Proven), good
    bad = prove(Proposal(quote, claim, body.format("1.600"), None, "fact", ()), transcript, source)
    assert isinstance(bad, Refused)
    assert '"1.600"' in bad.reason


TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=200) | st.sampled_from(
    [BODY_TEXT, QUOTE, "", '”“"«', "[](", "1.,2"]
)


@settings(max_examples=150, deadline=None)
@given(quote=TEXT, claim=TEXT, body=TEXT, speaker=st.none() | TEXT, kind=TEXT, topics=st.lists(TEXT, max_size=8))
def test_whatever_a_model_writes_there_is_an_answer(
    quote: str, claim: str, body: str, speaker: str | None, kind: str, topics: list[str]
) -> None:
    result = prove(Proposal(quote, claim, body, speaker, kind, tuple(topics)), TRANSCRIPT, SOURCE)
    assert isinstance(result, Proven) or result.reason.isprintable()


def test_in_real_talks_what_is_copied_passes_and_a_changed_number_does_not(shared: Path) -> None:
    """The extractive method copies its bodies from the talk: their numbers and names are there, by any reading."""
    copied = changed = 0
    for path in sorted((shared / "corpus" / "transcripts").glob("*.json"))[::15]:
        segments = parse(path.read_bytes(), "json")
        sentences = sentences_of(turns_of(segments))
        transcript = Transcript.of(sentences, places(cuts_of(sentences)))
        for row in extract(dt.date(2026, 3, 6), path.stem, segments).rows:
            if row["status"] != "accepted":
                continue
            body = row["body"]
            proposal = Proposal(row["quote"], "Words for what is said here", body, None, row["kind"], ())
            result = prove(proposal, transcript, Source("", "", "", "en"))
            if isinstance(result, Refused):
                assert "which is neither" not in result.reason, result.reason
                continue
            copied += 1
            body = result.body  # what was too long has lost its end
            for number in numbers.numbers_in(body):
                said = numbers.values_in(result.surroundings)
                if number.is_sure and not said & {value * 7 + 3 for value in number.values}:
                    wrong = f"{body[: number.start]}{max(number.values) * 7 + 3:.0f}{body[number.end :]}"
                    refused = prove(dataclasses.replace(proposal, body=wrong), transcript, Source("", "", "", "en"))
                    changed += 1
                    assert isinstance(refused, Refused), wrong
    assert copied > 100
    assert changed > 30


def test_the_limits_are_those_of_the_promise() -> None:
    assert (CLAIM, BODY) == ((3, 12), (30, 60))
