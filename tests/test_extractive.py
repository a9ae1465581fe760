"""The extractive method's parts: what is seen of a sentence, the weights, the passages that are chosen."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest

from podcast_assets.insights.extractive.features import Talk, features
from podcast_assets.insights.extractive.model import WEIGHTS, beside, from_bytes, load, to_bytes
from podcast_assets.insights.extractive.passages import LONGEST, SHORTEST, apart, passages_of
from podcast_assets.insights.talk import Sentence, sentences_of, turns_of
from podcast_assets.speech import Segment

TURNS = [
    ("Ann", "Welcome everybody. What is the biggest mistake that builders make?"),
    (
        "Ben",
        "Most people believe that strong beams make a strong bridge. The truth is that water decides everything, because "
        "every bridge that fell was wet first. You should never buy a stronger beam before the dry one. "
        "Nobody told me this in ten years of school, and it cost me three bridges and one marriage.",
    ),
    ("Ann", "Wow, I love that. And then?"),
    (
        "Ben",
        "Then we moved to the coast. The coast has salt. Salt is a different story, and a longer one, for another day."
        " It is told by sailors alone.",
    ),
]


def talk(turns: Sequence[tuple[str | None, str]] = TURNS) -> list[Sentence]:
    segments = [Segment(60.0 * i, 60.0 * i + 60, text, speaker) for i, (speaker, text) in enumerate(turns)]
    return sentences_of(turns_of(segments))


def test_what_is_seen_of_each_sentence() -> None:
    sentences = talk()
    found = features(Talk(sentences))
    at = {sentence.text.split()[0]: place for place, sentence in enumerate(sentences)}
    assert {len(values) for values in found.values()} == {len(sentences)}
    assert found["asks"].tolist()[:3] == [0, 1, 0]
    assert found["answer"][at["Most"]] == 1
    assert found["answer"][at["Welcome"]] == 0
    assert found["reaction"][at["Nobody"]] == 2, "the host says wow and love"
    assert found["invited"][at["Most"]] == 2, "biggest, mistake"
    assert found["speaker_main"][at["Nobody"]] == 1
    assert found["speaker_opens"][at["Nobody"]] == 0
    assert found["turn_first"][at["Most"]] == 1
    assert found["count_absolute"][at["You"]] == 1
    assert found["opens_you"][at["You"]] == 1
    assert found["place"][0] == 0 < found["place"][-1] < 1


@pytest.mark.parametrize("text", ["One.", "?", "um", "Ja."])
def test_a_talk_of_one_sentence_has_all_features(text: str) -> None:
    """An empty product or a missing neighbour fails the episode."""
    found = features(Talk(talk([(None, text)])))
    assert list(found) == list(features(Talk(talk())))
    assert all(np.isfinite(values).all() for values in found.values())


def test_what_is_said_before_and_after_an_episode_of_a_stranger_changes_no_shape() -> None:
    model = load()
    seen = model.seen(Talk(talk()))
    assert seen.features.shape == (len(talk()), len(model.names))
    assert seen.terms.shape == (len(talk()), len(model.vocabulary))
    chances = seen.chances(model.words)
    assert ((chances > 0) & (chances < 1)).all()


def test_neighbours_are_the_sentence_before_and_the_one_after() -> None:
    assert beside(np.array([1.0, 10.0, 100.0])).tolist() == [10, 101, 10]
    assert beside(np.array([5.0])).tolist() == [0]


def test_the_weights_come_back_as_they_were_written() -> None:
    """What is read differs from what was learnt, or reading and writing moves the file's bytes."""
    data = WEIGHTS.read_bytes()
    assert len(data) < 1_000_000
    assert to_bytes(from_bytes(data)) == data


def test_weights_that_were_learnt_for_other_features_are_refused() -> None:
    model = dataclasses.replace(load(), names=load().names[::-1])
    with pytest.raises(ValueError, match="learnt for other features"):
        model.seen(Talk(talk()))


def test_embeddings_of_another_model_are_told_from_those_that_were_learnt_with() -> None:
    """Its numbers mean something else: insights would be chosen by chance, or the day fail at a length that does not fit."""
    model = load()
    assert model.fits(model.probe)
    assert not model.fits(-model.probe)
    assert not model.fits(np.roll(model.probe, 1))
    assert not model.fits(model.probe[:-1])
    assert np.linalg.norm(model.probe) == pytest.approx(1, abs=1e-3)


def test_passages_are_whole_sentences_of_one_turn_and_of_the_length_asked_for() -> None:
    sentences = talk()
    for longest in (40, LONGEST):
        found = passages_of(sentences, longest=longest)
        assert found
        for passage in found:
            parts = sentences[passage.first : passage.last + 1]
            assert len({part.turn for part in parts}) == 1
            assert SHORTEST <= sum(part.words for part in parts) == passage.words <= longest
    assert [p.quality for p in found] == sorted((p.quality for p in found), reverse=True)


def test_passages_that_share_a_sentence_are_one_place() -> None:
    chosen = apart(passages_of(talk()), 10)
    assert len(chosen) == 2
    assert chosen[0].quality >= chosen[1].quality


def test_a_strong_statement_is_better_than_a_plain_one() -> None:
    best = passages_of(talk())[0]
    assert "water decides everything" in " ".join(sentence.text for sentence in talk()[best.first : best.last + 1])


def test_what_is_said_again_later_counts_there() -> None:
    """The teaser is chosen, and the link leads to it instead of to the talk."""
    sentences = talk([TURNS[1], ("Ann", "Welcome everybody, today is about bridges."), *TURNS[1:]])
    best = passages_of(sentences)[0]
    assert sentences[best.first].turn > 1


def test_only_the_most_promising_sentences_are_embedded_and_their_meaning_counts() -> None:
    """An hour of talk takes half a minute; or the vectors are asked for and do nothing."""
    asked: list[str] = []
    filler = [("Ben" if i % 2 else "Ann", f"{TURNS[3][1]} {TURNS[1][1].replace('bridge', f'tower{i}')}") for i in range(60)]
    sentences = talk(filler)

    def embed(texts: Sequence[str]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
        asked.extend(texts)
        return np.ones((len(texts), len(load().meaning.vector)))

    by_meaning = passages_of(sentences, embed)
    assert 0 < len(asked) < len(sentences)
    assert [p.quality for p in by_meaning] != [p.quality for p in passages_of(sentences)]
