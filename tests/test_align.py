"""A text without times against what was heard: misheard words, advertisements, cuts, texts of something else."""

import dataclasses
import itertools
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.publisher_transcripts.formats import parse
from podcast_assets.speech import Segment, Timing, split_sentences
from podcast_assets.transcripts.align import align

VOCABULARY = [f"{a}{b}{c}" for a in "bdgkmnprst" for b in "aeiou" for c in "lmnrst"]  # 300 words
COMMON = ["the", "and", "of", "to", "a", "in", "that", "is", "it", "you"]


def untimed(*texts: str) -> list[Segment]:
    return [Segment(0, 0, text, "Ann", "estimated") for text in texts]


def heard(text: str, start_s: float = 0.0, word_s: float = 0.5) -> Segment:
    count = len(text.split())
    starts = tuple(start_s + at * word_s for at in range(count))
    return Segment(start_s, start_s + count * word_s, text, None, "exact", starts)


def timings(segments: list[Segment]) -> list[Timing]:
    return [segment.timing for segment in segments]


def starts(segments: list[Segment]) -> list[float]:
    return [segment.start_s for segment in segments]


def test_what_was_heard_word_by_word_is_exact_whatever_its_capitals_and_marks() -> None:
    found = align(untimed("“We sell shovels!”", "They – dig."), [heard("we sell shovels they", 10), heard("Dig", 20)])
    assert found == [
        Segment(10, 11.5, "“We sell shovels!”", "Ann", "exact", (10, 10.5, 11)),
        Segment(11.5, 20.5, "They – dig.", "Ann", "exact", (11.5, 11.5, 20)),
    ]


def test_a_sentence_with_misheard_words_starts_where_its_first_word_must_have_been() -> None:
    text = untimed("Most people think that shovels sell themselves.")
    [found] = align(text, [heard("so ghost people think that travels sell themselves now")])
    assert (found.start_s, found.end_s, found.timing, found.word_starts) == (0.5, 4, "segment", None)


def test_what_was_not_heard_lies_between_its_neighbours_by_its_length() -> None:
    text = untimed("We sell shovels.", "Nobody heard this.", "Nor this, twice as long as it.", "They dig all day.")
    found = align(text, [heard("we sell shovels", 10), heard("they dig all day", 60)])
    assert timings(found) == ["exact", "estimated", "estimated", "exact"]
    assert starts(found) == pytest.approx([10, 11.5, 11.5 + 48.5 * 18 / 48, 60])
    assert [segment.end_s for segment in found[:3]] == starts(found)[1:]


def test_what_was_said_before_and_after_all_that_was_heard_is_put_beside_it() -> None:
    found = align(untimed("Before it all.", "They dig all day.", "After it all."), [heard("they dig all day", 60)])
    assert found[0].end_s == 60
    assert 58 < found[0].start_s < 60
    assert found[2].start_s == found[1].end_s == 62
    assert align(untimed("Before it.", "They dig all day."), [heard("they dig all day")])[0].start_s == 0


def test_an_advertisement_is_skipped_also_one_with_the_same_small_words() -> None:
    text = untimed("It is the end of the first part of it.", "And the second part is of the same kind.")
    advert = heard("and the best of all is that the sale of it ends in the night of the day", 10)
    before, after = heard("it is the end of the first part of it", 5), heard("and the second part is of the same kind", 40)
    assert starts(align(text, [before, advert, after])) == [5, 40]


def test_an_advertisement_near_a_cut_is_not_taken_for_what_was_cut() -> None:
    """The fewest edits would replace each word between them by another one, as many as were cut and as were advertised."""
    chance = random.Random(1)
    cut, kept, advert = ([" ".join(chance.choices(VOCABULARY, k=10)) for _ in range(10)] for _ in range(3))
    found = align(untimed(*cut, *kept), [heard(" ".join([*kept, *advert]))])
    assert timings(found[10:]) == ["exact"] * 10
    assert starts(found[10:]) == [at * 5 for at in range(10)]


def test_a_chance_word_far_away_does_not_stretch_a_sentence() -> None:
    text = untimed("They dig all day and then go home.")
    noise = [heard(f"noise{at}", at) for at in range(1, 50)]
    found = align(text, [heard("they", 0), *noise, heard("dig all day and then go home", 60)])
    assert starts(found) == pytest.approx([60], abs=1)


def test_a_recogniser_that_times_no_words_is_good_enough() -> None:
    rough = [dataclasses.replace(heard("we sell shovels they dig all day", 10), word_starts=None)]
    assert starts(align(untimed("We sell shovels.", "They dig all day."), rough)) == pytest.approx([10, 11.5], abs=0.5)


@pytest.mark.parametrize("sound", [[], [heard("something else entirely")], [Segment(0, 1, "")], [heard("– –")]])
def test_what_has_nothing_to_do_with_the_sound_stays_as_it_is(sound: list[Segment]) -> None:
    text = [Segment(3, 4, "We sell shovels.", None, "estimated"), Segment(4, 5, "…")]
    assert align(text, sound) == text
    assert align([], sound) == []


@dataclasses.dataclass(frozen=True)
class Noisy:
    """A text, what a bad recogniser heard of it, and when each sentence really began; None: it was cut from the audio."""

    text: list[Segment]
    heard: list[Segment]
    truth: list[float | None]


def noisy(sentences: list[str], chance: random.Random, errors: float, adverts: int, cuts: int) -> Noisy:
    """Errors are missing, wrong and additional words in equal parts; adverts have 100 words, a cut up to ten sentences.

    What is wrong, additional or advertised is made of the text's own words, which is harder than anything real.
    """
    vocabulary = list(itertools.chain.from_iterable(sentence.split() for sentence in sentences))
    has_advert = {chance.randrange(len(sentences)) for _ in range(adverts)}
    cut = [chance.randrange(len(sentences)) for _ in range(cuts)]
    is_cut = {at + more for at in cut for more in range(chance.randrange(10))}
    words: list[tuple[str, float]] = []
    truth: list[float | None] = []
    now = 0.0
    for number, sentence in enumerate(sentences):
        if number in has_advert:
            for word in chance.choices(vocabulary, k=100):
                words.append((word, now))
                now += 0.35
        truth.append(None if number in is_cut else now)
        for word in sentence.split() if number not in is_cut else []:
            fate, length_s = chance.random(), chance.uniform(0.15, 0.5)
            if fate > errors / 3:
                words.append((chance.choice(vocabulary) if fate < errors * 2 / 3 else word, now))
            if errors * 2 / 3 < fate < errors:
                words.append((chance.choice(vocabulary), now + length_s / 2))
            now += length_s
        now += chance.uniform(0.1, 0.8)
    stretches = [words[at : at + 15] for at in range(0, len(words), 15)]
    sound = [
        Segment(said[0][1], said[-1][1] + 0.3, " ".join(word for word, _ in said), word_starts=tuple(at for _, at in said))
        for said in stretches
    ]
    return Noisy(untimed(*sentences), sound, truth)


def share_within(found: list[Segment], truth: list[float | None], seconds: float) -> float:
    errors = [abs(segment.start_s - at) for segment, at in zip(found, truth, strict=True) if at is not None]
    return sum(error <= seconds for error in errors) / max(1, len(errors))


def made_up(chance: random.Random, words: int) -> list[str]:
    """Sentences of words of which half are the ten most common ones."""
    sentences: list[str] = []
    while words > 0:
        length = chance.randrange(3, 25)
        sentences.append(" ".join(chance.choice(chance.choice([COMMON, VOCABULARY])) for _ in range(length)))
        words -= length
    return sentences


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 0.15), st.integers(0, 3), st.integers(0, 2))
def test_of_any_episode_nearly_all_sentences_are_found(seed: int, errors: float, adverts: int, cuts: int) -> None:
    chance = random.Random(seed)
    case = noisy(made_up(chance, 3000), chance, errors, adverts, cuts)
    found = align(case.text, case.heard)
    assert share_within(found, case.truth, 1) >= 0.95
    assert [segment.text for segment in found] == [segment.text for segment in case.text]
    assert starts(found) == sorted(starts(found))
    assert all(one.start_s <= one.end_s <= other.start_s for one, other in itertools.pairwise(found))
    assert all((each.timing == "exact") == (each.word_starts is not None) for each in found)
    assert all(each.word_starts is None or len(each.word_starts) == len(each.text.split()) for each in found)


def test_three_hours_take_less_than_two_seconds() -> None:
    chance = random.Random(3)
    case = noisy(made_up(chance, 30_000), chance, 0.15, 5, 5)
    started = time.process_time()
    found = align(case.text, case.heard)
    assert time.process_time() - started < 2
    assert share_within(found, case.truth, 1) >= 0.95


def test_two_long_texts_without_a_common_word_take_less_than_two_seconds() -> None:
    """The worst case of what compares word by word."""
    started = time.process_time()
    text = untimed(*["same word " * 10] * 1500)
    assert align(text, [heard("other thing " * 15_000)]) == text
    assert starts(align(text, [heard("same " * 30_000)])) == sorted(starts(align(text, [heard("same " * 30_000)])))
    assert time.process_time() - started < 6


def test_real_talk_is_found_again(shared: Path) -> None:
    for path in sorted((shared / "corpus" / "transcripts").glob("lennys-*.json"))[::60]:
        text = " ".join(segment.text for segment in parse(path.read_bytes(), ""))
        case = noisy(split_sentences(text), random.Random(path.name), 0.15, 4, 3)
        found = align(case.text, case.heard)
        assert share_within(found, case.truth, 1) >= 0.98, path.name
        assert timings(found).count("exact") >= len(found) / 5
