"""Quotes in a transcript: found in its own words, at their second; what nobody said is not found."""

import random
from collections import Counter
from pathlib import Path

import pytest

from podcast_assets.insights.proof.locate import LONGEST, SHORTEST, Found, Missing, locate
from podcast_assets.insights.proof.transcript import Transcript
from podcast_assets.insights.talk import sentences_of, turns_of
from podcast_assets.speech import Segment
from tests.quotes import FABRICATIONS, Talk, corrupted, is_said, talks_in

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "feeds"
WORD_S = 0.5

BRIDGE = "Most people think that old timber bridges fail under heavy loads, but they usually rot from below."
BEAMS = "Carpenters who replaced only the lowest 20% of the beams doubled the life of a bridge."
TRAM = "I am not late, the tram was early today, and the ferry did not come at all."


def said(*turns: tuple[str | None, str], words: bool = False, word_s: float = WORD_S) -> Transcript:
    """A transcript of segments that follow each other, each word some tenths of a second long."""
    segments, at = [], 0.0
    for speaker, text in turns:
        starts = tuple(at + word_s * number for number in range(len(text.split())))
        end = at + word_s * len(starts)
        segments.append(Segment(at, end, text, speaker, "exact" if words else "segment", starts if words else None))
        at = end
    return Transcript.of(sentences_of(turns_of(segments)), ())


def found(quote: str, transcript: Transcript) -> Found:
    result = locate(quote, transcript)
    assert isinstance(result, Found), result
    return result


def reason(quote: str, transcript: Transcript) -> str:
    result = locate(quote, transcript)
    assert isinstance(result, Missing), result
    return result.reason


def test_a_quote_is_given_in_the_transcripts_words_with_its_marks_speaker_and_times() -> None:
    transcript = said(("Mara", TRAM), ("Oskar", BRIDGE), ("Oskar", BEAMS))
    result = found(
        "most people think THAT old timber bridges fail under heavy load but they usually rot from below", transcript
    )
    assert (result.text, result.speaker, result.timing) == (BRIDGE, "Oskar", "segment")
    assert (result.start_s, result.end_s) == (8.5, 17.0)
    assert (result.first, result.last) == (1, 1)
    assert result.agreement == 1.0
    assert found(f"{BRIDGE} {BEAMS}", transcript).text == f"{BRIDGE} {BEAMS}"


def test_a_sentence_is_given_to_its_edge_if_three_words_or_fewer_lack_there() -> None:
    quick, slow = said(("Oskar", BEAMS), word_s=0.25), said(("Oskar", BEAMS), word_s=0.8)
    assert found("replaced only the lowest 20% of the beams doubled the life", quick).text == BEAMS
    assert found("replaced only the lowest 20% of the beams", slow).text.startswith("replaced"), "over a second away"
    assert found("Carpenters who replaced only the lowest 20%", quick).text == "Carpenters who replaced only the lowest 20%"


def test_inside_a_sentence_the_second_is_exact_where_words_are_timed_and_estimated_elsewhere() -> None:
    quote = "timber bridges fail under heavy loads"
    exact = found(quote, said((None, TRAM), (None, BRIDGE), words=True))
    assert (exact.text, exact.start_s, exact.end_s, exact.timing) == (
        "timber bridges fail under heavy loads",
        11.0,
        14.0,
        "exact",
    )
    estimated = found(quote, said((None, TRAM), (None, BRIDGE)))
    assert estimated.timing == "estimated"
    assert estimated.start_s == pytest.approx(exact.start_s, abs=1)


def test_what_is_said_twice_is_found_where_the_talk_is_not_in_the_teaser() -> None:
    transcript = said((None, BRIDGE), (None, TRAM), (None, BRIDGE))
    assert found(BRIDGE, transcript).start_s == 17.0
    assert found(BRIDGE.replace("heavy", "great"), transcript).first == 2


def test_a_quote_of_two_speakers_is_refused_but_not_for_a_word_of_the_other() -> None:
    transcript = said(("Oskar", BRIDGE), ("Mara", "Right."), ("Oskar", BEAMS))
    assert found(f"{BRIDGE} Right.", transcript).text == BRIDGE
    assert reason(f"{BRIDGE} Right. {BEAMS}", transcript) == "the quote runs over two speakers"
    assert reason(f"{BRIDGE} {TRAM}", said(("Oskar", BRIDGE), ("Mara", TRAM))) == "the quote runs over two speakers"


def test_a_sponsor_read_is_no_quote_but_the_same_words_elsewhere_are() -> None:
    sentences = sentences_of(turns_of([Segment(0, 5, BEAMS), Segment(5, 10, TRAM), Segment(10, 15, BRIDGE)]))
    assert reason(BRIDGE, Transcript.of(sentences, {2})) == "the quote is part of a sponsor read"
    assert reason(f"{TRAM} {BRIDGE}", Transcript.of(sentences, {2})) == "the quote is part of a sponsor read"
    twice = sentences_of(turns_of([Segment(0, 5, BRIDGE), Segment(5, 10, TRAM), Segment(10, 15, BRIDGE)]))
    assert found(BRIDGE, Transcript.of(twice, {2})).start_s == 0


def test_a_quote_that_is_too_short_or_too_long_is_refused_with_the_count() -> None:
    transcript = said((None, " ".join(f"word{number}" for number in range(200))))
    assert "4 words" in reason("word1 word2 word3 word4", transcript)
    assert f"at least {SHORTEST}" in reason("– …!", transcript)
    assert f"at most {LONGEST}" in reason(" ".join(f"word{number}" for number in range(121)), transcript)
    assert found("word1 word2 word3 word4 word5", transcript).first == 0


@pytest.mark.parametrize("quote", ["", "a b c d e f", "\0\0\0\0\0", "一个二个三个四个", "😀 " * 9, "the " * 30])
def test_nothing_is_found_in_an_empty_transcript_or_of_words_that_nobody_said(quote: str) -> None:
    assert isinstance(locate(quote, Transcript.of([], ())), Missing)
    assert isinstance(locate(quote, said((None, BRIDGE))), Missing)


def test_a_script_without_spaces_is_found_sign_by_sign() -> None:
    result = found(
        "自分の犬は毎朝とても早く起きます", said((None, "こんにちは。自分の犬は毎朝とても早く起きます。猫は寝ています。"))
    )
    assert "犬は毎朝" in result.text


def test_words_that_are_written_apart_or_misspelt_are_the_same_words() -> None:
    transcript = said((None, "We moved the whole data base to Post gres in Kazakhstan before the summer came."))
    assert found("moved the whole database to Postgres in Kazahkstan before the summer", transcript).agreement == 1.0


# --- Many quotes ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> list[Talk]:
    return [*talks_in(SAMPLES, "*/transcripts/*.json", "json"), *talks_in(SAMPLES, "*/transcripts/*.vtt", "vtt")]


@pytest.fixture(scope="module")
def timed(shared: Path) -> list[Talk]:
    """Transcripts with a time a sentence."""
    folder = shared / "corpus" / "transcripts"
    return [*talks_in(folder, "2026-*.json", "json"), *talks_in(folder, "talkpython-*.json", "json")]


def share_found(talks: list[Talk], count: int) -> float:
    """Of quotes with a slip in 15 % of their words, how many are found within a second."""
    chance = random.Random(3)
    right = tried = 0
    while tried < count:
        talk = chance.choice(talks)
        length = chance.randint(12, 60)
        if length >= len(talk.words):
            continue
        start = chance.randrange(len(talk.words) - length)
        if not talk.is_one_turn(start, start + length - 1):
            continue
        tried += 1
        quote = corrupted(talk.words[start : start + length], 0.15, talk.words, chance)
        result = locate(" ".join(quote), talk.transcript)
        right += isinstance(result, Found) and abs(result.start_s - talk.start_s(start)) <= 1
    return right / tried


def accepted(talks: list[Talk], count: int) -> tuple[Counter[str], list[str]]:
    """How many fabricated quotes of each kind were tried, and those that were found although nobody said them."""
    chance = random.Random(4)
    tried: Counter[str] = Counter()
    wrong = []
    while tried.total() < count:
        talk, fabricate = chance.choice(talks), chance.choice(FABRICATIONS)
        quote = fabricate(talk, [other for other in talks if other is not talk], chance)
        result = locate(" ".join(quote), talk.transcript)
        if isinstance(result, Found) and is_said(quote, talk.transcript):
            continue  # the words are there after all
        tried[fabricate.__name__] += 1
        if isinstance(result, Found):
            wrong.append(f"{fabricate.__name__}: {' '.join(quote)} -> {result.text}")
    return tried, wrong


def test_quotes_with_slips_are_found_in_the_sample(sample: list[Talk]) -> None:
    assert share_found(sample, 1000) >= 0.985


def test_nothing_fabricated_is_found_in_the_sample(sample: list[Talk]) -> None:
    tried, wrong = accepted(sample, 1000)
    assert not wrong
    assert min(tried.values()) > 50


def test_99_of_100_quotes_with_slips_are_found_within_a_second_in_real_talks(timed: list[Talk]) -> None:
    share = share_found(timed, 5000)
    print(f"{100 * share:.2f} % of 5,000 quotes with 15 % slips found within a second")
    assert share >= 0.99


@pytest.mark.slow
def test_of_10000_fabricated_quotes_none_is_found_in_real_talks(shared: Path) -> None:
    talks = talks_in(shared / "corpus" / "transcripts", "*.json", "json")
    tried, wrong = accepted(talks, 10_000)
    print(f"{len(wrong)} of {sum(tried.values()):,} fabricated quotes found; by kind: {dict(tried)}")
    assert not wrong
    assert min(tried.values()) > 1000


def test_what_a_host_says_in_each_episode_is_found_in_each() -> None:
    """A common phrase is no fabrication where it is said."""
    phrase = "What are two or three books that you recommend most to other people?"
    for other in (BRIDGE, TRAM):
        assert found(phrase, said(("Mara", other), ("Mara", phrase), ("Oskar", BEAMS))).first == 1
