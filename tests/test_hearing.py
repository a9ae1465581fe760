"""What the sample's tiny model hears."""

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from podcast_assets.transcripts import recognise, sound
from podcast_assets.transcripts.recognise import Recogniser
from tests.listening import SPEECH, normal


@pytest.mark.parametrize("episode", [1, 2, 3])
def test_the_text_and_the_seconds_are_right(micro: Any, shared: Path, episode: int) -> None:
    reference = json.loads((shared / "samples" / "audio" / f"episode{episode}.reference.json").read_text())
    heard = Recogniser(micro).hear(shared / "samples" / "audio" / f"episode{episode}.mp3")
    expected = normal(" ".join(sentence["text"] for sentence in reference))
    found = normal(" ".join(segment.text for segment in heard.segments))
    assert Levenshtein.distance(expected, found) / len(expected) <= 0.08
    near = [min(abs(segment.start_s - sentence["start"]) for segment in heard.segments) <= 0.7 for sentence in reference]
    assert sum(near) >= 0.8 * len(near)


def test_a_long_file_is_heard_in_blocks_that_cut_no_sentence(micro: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Recogniser(micro).hear(SPEECH)
    monkeypatch.setattr(sound, "blocks", functools.partial(sound.blocks, block_s=40))
    parts = Recogniser(micro).hear(SPEECH)
    assert parts.audio_s == whole.audio_s
    one, other = (normal(" ".join(segment.text for segment in heard.segments)) for heard in (whole, parts))
    assert Levenshtein.distance(one, other) / len(one) <= 0.08
    starts = np.array([segment.start_s for segment in whole.segments])
    near = [np.abs(starts - segment.start_s).min() <= 0.7 for segment in parts.segments]
    assert sum(near) >= 0.8 * len(near)


def test_what_the_model_was_unsure_of_is_listened_to_again_at_the_right_second(
    micro: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = Recogniser(micro).hear(SPEECH)
    monkeypatch.setattr(recognise, "UNSURE", 1.0)  # no probability is that high
    again = Recogniser(micro).hear(SPEECH)
    one, other = (normal(" ".join(segment.text for segment in heard.segments)) for heard in (once, again))
    assert Levenshtein.distance(one, other) / len(one) <= 0.15
    starts = np.array([segment.start_s for segment in once.segments])
    near = [np.abs(starts - segment.start_s).min() <= 0.7 for segment in again.segments]
    assert sum(near) >= 0.8 * len(near)


def test_text_that_only_repeats_itself_is_left_out(micro: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognise, "LOOPING", 0.1)  # no text compresses that badly
    assert Recogniser(micro).hear(SPEECH).segments == []


def test_the_configured_language_is_not_guessed(micro: Any) -> None:
    assert Recogniser(micro, "de").hear(SPEECH).language == "de"
