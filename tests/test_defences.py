"""What a speech model says that nobody said is cut, and what somebody did say is kept."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.transcripts.defences import (
    Guess,
    Window,
    account,
    covered_s,
    is_doubtful,
    is_looping,
    without_invented,
    without_loops,
)

SENTENCE = "I brought coffee, and I am still not awake."
PROSE = (
    "Hello and welcome to the show about what machines really cost. A language model that answers one request at a time "
    "wastes most of the chip it runs on, because the weights are read from memory once for every word. Serve eight people "
    "at once, and the price of each answer falls to a fifth, while nobody waits longer than before. That is the secret."
)


def said(text: str, start_s: float = 0.0, pace: float = 2.5, probability: float = 0.9) -> list[Guess]:
    """The words of a text from a second on, so many a second."""
    return [
        Guess(start_s + number / pace, start_s + (number + 1) / pace, f" {word}", probability)
        for number, word in enumerate(text.split())
    ]


def window(words: list[Guess], start_s: float = 0.0, end_s: float | None = None, **values: Any) -> Window:
    """A window with these words, that ends with them or where it is said to."""
    end_s = end_s or words[-1].end_s
    return Window(start_s, end_s, end_s - start_s, tuple(words), **values)


def text_of(words: Any) -> str:
    return "".join(word.text for word in words).strip()


# --- Loops ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "times"),
    [("no", 16), ("Thank you.", 8), ("it is, you know,", 4), (SENTENCE, 4), ("uh", 200), (PROSE[:150], 5)],
)
def test_a_phrase_over_and_over_is_said_once(phrase: str, times: int) -> None:
    text = " ".join(["So", *[phrase] * times, "And that was it."])
    assert text_of(without_loops(said(text))) == f"So {phrase} And that was it."


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, no.",
        "No, no, no, no, no, no, no, no, no, no, no, I did not.",
        "very very very very very very important",
        "Four more years! Four more years! Four more years! Four more years! Four more years!",
        " ".join([SENTENCE] * 3),
        "Knock, knock. Who is there? Knock, knock. Who is there? Knock, knock.",
        " ".join(f"{SENTENCE} {number} {SENTENCE}" for number in range(20)),
        PROSE,
    ],
)
def test_what_people_repeat_is_kept(text: str) -> None:
    assert text_of(without_loops(said(text))) == text


@given(st.integers(0, 60), st.integers(1, 30), st.integers(16, 40), st.integers(0, 60))
def test_a_loop_anywhere_costs_its_repetitions_and_no_other_word(before: int, length: int, times: int, after: int) -> None:
    words = [f"w{number}" for number in range(before + length + after)]
    phrase = words[before : before + length]
    text = " ".join([*words[:before], *phrase * times, *words[before + length :]])
    assert text_of(without_loops(said(text))).split() == words


@given(st.lists(st.sampled_from(["no", "yes", "well", "I", "think"]), max_size=80))
def test_what_is_left_is_in_order_and_has_every_word_of_the_text(text: list[str]) -> None:
    left = text_of(without_loops(said(" ".join(text)))).split()
    position = iter(text)
    assert all(word in position for word in left)
    assert set(left) == set(text)


def test_a_loop_across_windows_is_found() -> None:
    windows = [window(said("We never stop asking.", start), start, start + 2) for start in range(0, 20, 2)]
    kept = account(windows)
    assert text_of(kept.words) == "We never stop asking."
    assert (kept.cut_loops, kept.cut_invented) == (36, 0)
    assert kept.covered_s == pytest.approx(2), "what was cut covers nothing"


def test_a_loop_with_variations_is_no_text() -> None:
    text = " ".join(f"and I think that the thing is that I think {word}" for word in PROSE.split()[:10])
    kept = account([window(said(text)), window(said(PROSE, 100), 100)])
    assert text_of(kept.words) == PROSE
    assert kept.cut_loops == len(text.split())


# --- Inventions -------------------------------------------------------------------------------------------------------


def test_a_guess_where_hardly_anybody_speaks_is_cut() -> None:
    cough = window(said("A new", pace=4), end_s=0.9, log_probability=-2.0)
    assert not without_invented(cough).words
    applause = window(said(SENTENCE), log_probability=-1.2, no_speech=0.9)
    assert not without_invented(applause).words


def test_an_unsure_hearing_of_a_real_voice_is_kept() -> None:
    """A strong accent is no invention; nor is a short answer that the model is sure of."""
    assert len(without_invented(window(said(SENTENCE), log_probability=-1.5)).words) == 9
    assert len(without_invented(window(said("Yes.", pace=2), no_speech=0.9)).words) == 1


@pytest.mark.parametrize(
    "text", ["Thank you.", "Thanks for watching!", "Don't forget to like and subscribe. Bye-bye.", "you"]
)
def test_a_farewell_alone_in_half_a_minute_of_music_is_cut(text: str) -> None:
    music = window(said(text, 4), 0, 28)
    assert not without_invented(music).words
    after_talk = window([*said(PROSE), *said(text, 40)], 0, 60)
    assert text_of(without_invented(after_talk).words) == PROSE


@pytest.mark.parametrize("values", [{"no_speech": 0.7}, {"words": said("Thanks for watching.", probability=0.3)}])
def test_a_farewell_that_the_model_itself_doubts_is_cut(values: dict[str, Any]) -> None:
    assert without_invented(window(said("Thanks for watching."))).words
    doubted = Window(0, 2, 2, **{"words": tuple(said("Thanks for watching.")), **values})
    assert not without_invented(doubted).words


@pytest.mark.parametrize(
    "text", ["Thank you.", "Thank you. Thank you very much.", f"{SENTENCE} Thank you.", "Thank you for having me.", "Bye."]
)
def test_a_farewell_that_somebody_says_is_kept(text: str) -> None:
    assert text_of(without_invented(window(said(text))).words) == text
    assert text_of(without_invented(window([*said(PROSE), *said(text, 29)])).words) == f"{PROSE} {text}"


@pytest.mark.parametrize("text", ["Subtitles by the Amara.org community", "Untertitelung des ZDF, 2020"])
def test_whoever_made_the_subtitles_is_not_named_in_a_podcast(text: str) -> None:
    assert not without_invented(window(said(text))).words
    for talk in (f"{SENTENCE} {text}", "She made subtitles by the dozen."):
        assert text_of(without_invented(window(said(talk))).words) == talk


def test_words_faster_than_anybody_speaks_are_cut_and_fast_talkers_are_not() -> None:
    heard = window([*said(SENTENCE), *said(PROSE, 10, pace=12)])
    assert text_of(without_invented(heard).words) == SENTENCE
    assert text_of(without_invented(window(said(PROSE, pace=6.5))).words) == PROSE


def test_a_script_without_spaces_has_no_speed() -> None:
    words = [
        Guess(number / 12, (number + 1) / 12, sign, 0.9) for number, sign in enumerate("今日は天気がいいから散歩しましょう")
    ]
    assert without_invented(window(words)).words == tuple(words)


def test_words_after_the_end_of_the_voice_are_cut_and_no_reason_to_listen_again() -> None:
    heard = window(said(f"{SENTENCE} Tom. I"), end_s=3.6)
    assert text_of(without_invented(heard).words) == SENTENCE
    assert not is_doubtful(heard)


# --- The account ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heard", "again"),
    [
        (Window(0, 5, 5), True),
        (window(said(PROSE)), False),
        (window(said("No, no, no, no.")), False),
        (window(said(PROSE), log_probability=-1.1), True),
        (window(said("Thank you. " * 8)), True),
        (window(said(PROSE, pace=12)), True),
        (window(said("Thank you."), end_s=28), True),
    ],
)
def test_a_window_is_listened_to_again_where_nothing_stands_or_something_would_be_cut(heard: Window, again: bool) -> None:
    assert is_doubtful(heard) is again


@pytest.mark.parametrize(
    ("words", "covered_of_30"),
    [
        ([], 0),
        (said(PROSE, 1, pace=2.2), 30),
        (said(SENTENCE), 30 - 26.4),
        ([*said(SENTENCE), *said(SENTENCE, 20)], 30 - 16.4 - 6.4),
        ([Guess(0, 20, " Hm."), *said(SENTENCE, 20)], 30 - 18 - 6.4),
    ],
)
def test_a_voice_without_words_is_not_covered(words: list[Guess], covered_of_30: float) -> None:
    assert covered_s(Window(0, 30, 30, tuple(words))) == pytest.approx(covered_of_30)
    assert covered_s(Window(0, 30, 15, tuple(words))) == pytest.approx(covered_of_30 / 2), "half of it is pauses"


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0, 30), st.sampled_from(["no", "thank", "you", "well"])), max_size=60))
def test_whatever_a_model_says_the_account_adds_up(heard: list[tuple[float, float, str]]) -> None:
    words = [Guess(min(one, other), max(one, other), f" {text}") for one, other, text in heard]
    words.sort(key=lambda word: word.start_s)
    windows = [Window(0, 30, 25, tuple(words)), Window(30, 31, 1)]
    kept = account(windows)
    assert len(words) == len(kept.words) + kept.cut_loops + kept.cut_invented
    assert 0 <= kept.covered_s <= 26
    assert all(one.start_s <= other.start_s for one, other in itertools.pairwise(kept.words))


def test_real_talk_is_no_loop(shared: Path) -> None:
    """All that the rule cuts in these is the loop of a machine that wrote captions of the closing music."""
    cut = {}
    for path in sorted((shared / "corpus" / "transcripts").glob("talkpython-*.json")):
        words = said(" ".join(segment["body"] for segment in json.loads(path.read_text())["segments"]))
        left = without_loops(words)
        cut[path.stem] = len(words) - len(left)
        assert not any(is_looping(left[start : start + 75]) for start in range(0, len(left), 75))
    assert {name: count for name, count in cut.items() if count} == {
        "talkpython-490-django-ninja": 14, "talkpython-492-great-tables": 16
    }  # fmt: skip
