"""Words put together into sentences, each word with its start, and sentences kept as they are in the cache."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.speech import LONGEST_WORDS, Segment, Word, from_json, sentences_of, split_sentences, to_json


def words(*texts: str, gap_s: float = 0.0) -> list[Word]:
    return [Word(at * (1 + gap_s), at * (1 + gap_s) + 1, text) for at, text in enumerate(texts)]


def test_sentences_end_at_their_marks_and_not_at_abbreviations() -> None:
    found = sentences_of(words("Dr.", "Who", "knows.", "“Yes!”", "So"), "Ann")
    assert [(each.text, each.start_s, each.end_s) for each in found] == [
        ("Dr. Who knows.", 0, 3), ("“Yes!”", 3, 4), ("So", 4, 5),
    ]  # fmt: skip
    assert {(each.speaker, each.timing) for each in found} == {("Ann", "exact")}


def test_a_pause_ends_a_sentence_that_nobody_punctuated() -> None:
    assert [each.text for each in sentences_of(words("one", "two", gap_s=1.5))] == ["one", "two"]
    assert [each.text for each in sentences_of(words("one", "two", gap_s=1.4))] == ["one two"]


def test_a_sentence_without_an_end_is_cut() -> None:
    found = sentences_of(words(*["word"] * (LONGEST_WORDS + 1)))
    assert [len(each.text.split()) for each in found] == [LONGEST_WORDS, 1]


def test_the_spaces_of_a_recogniser_say_what_one_word_is() -> None:
    """Pieces without a space belong to the word before; the word starts where its first piece does."""
    [found] = sentences_of(words(" twenty", "-five", " per", " cent", "."))
    assert (found.text, found.word_starts) == ("twenty-five per cent.", (0, 2, 3))


def test_words_of_a_document_have_no_spaces_and_are_words_all_the_same() -> None:
    [found] = sentences_of(words("twenty", "five"))
    assert (found.text, found.word_starts) == ("twenty five", (0, 1))


def test_several_words_that_are_timed_as_one_share_its_time() -> None:
    [found] = sentences_of([Word(1, 3, "one two"), Word(3, 4, "three")])
    assert found.word_starts == (1, 2, 3)


def test_nothing_said_is_no_sentence() -> None:
    assert sentences_of(words(" ", "")) == []
    assert sentences_of([]) == []
    assert split_sentences(" \n ") == []


@given(st.lists(st.text(st.sampled_from("ab .。!  ,é"), max_size=6)))
def test_every_word_has_its_start_whatever_was_said(texts: list[str]) -> None:
    found = sentences_of(words(*texts))
    assert all(each.word_starts is not None and len(each.word_starts) == len(each.text.split()) for each in found)
    starts = [start for each in found for start in each.word_starts or ()]
    assert starts == sorted(starts)
    assert "".join("".join(each.text.split()) for each in found) == "".join("".join(texts).split())


@given(st.text(st.sampled_from("ab .。!”")))
def test_a_text_is_cut_without_losing_anything(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Dr. Who knows. “Yes!” he said", ["Dr. Who knows.", "“Yes!”", "he said"]),
        ("你好。“我很好！”再见", ["你好。", "“我很好！”", "再见"]),
        ("word " * 61, [" ".join(["word"] * 60), "word"]),
    ],
)
def test_a_text_without_times_is_cut_by_the_same_marks(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_the_cache_gives_back_what_it_was_given() -> None:
    segments = [Segment(0, 1.5, "a b", "Ann", "exact", (0, 0.75)), Segment(2, 3, "c", None, "estimated")]
    assert from_json(to_json(segments)) == segments
