"""What the sample's tiny model hears: the words, their seconds, and the ledger of what became text."""

import functools
import itertools
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from podcast_assets.transcripts import defences, recognise, shard, sound
from podcast_assets.transcripts.recognise import Heard, Recogniser
from tests.listening import normal
from tests.sounds import SPEECH, write_wav

RATE = 16_000


@pytest.fixture(scope="module")
def heard(micro: Any) -> Heard:
    """What it hears in an episode of the sample."""
    return Recogniser(micro).hear(SPEECH)


def music(seconds: int, beat: float | None = None) -> np.ndarray[Any, Any]:
    """A chord that swells; with a beat, one that the detector of voices takes for a voice now and then."""
    at = np.arange(seconds * RATE) / RATE
    tones = [
        np.sin(2 * np.pi * tone * at) * (0.5 + 0.5 * np.sin(2 * np.pi * at * number / 3))
        for number, tone in enumerate((220, 277, 330, 440), 1)
    ]
    chord: np.ndarray[Any, Any] = np.sum(tones, axis=0) / 8
    return chord if beat is None else chord * (np.sin(2 * np.pi * beat * at) > 0)


def text_of(heard: Heard) -> list[str]:
    return normal(" ".join(segment.text for segment in heard.segments))


def errors(found: Heard, expected: list[str]) -> float:
    """The word error rate."""
    return Levenshtein.distance(expected, text_of(found)) / len(expected)


def share_near(found: Heard, starts_s: list[float]) -> float:
    """How many of these starts of sentences are found within 0.7 s."""
    near = [min(abs(segment.start_s - start_s) for segment in found.segments) <= 0.7 for start_s in starts_s]
    return sum(near) / len(near)


# --- The words and their seconds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("episode", [1, 2, 3])
def test_the_text_and_the_seconds_are_right(micro: Any, shared: Path, episode: int) -> None:
    """Measured: not one error in 635 words, and each of 46 sentences starts where it should."""
    audio = shared / "samples" / "audio"
    reference = json.loads((audio / f"episode{episode}.reference.json").read_text())
    heard = Recogniser(micro).hear(audio / f"episode{episode}.mp3")
    assert errors(heard, normal(" ".join(sentence["text"] for sentence in reference))) <= 0.03
    assert share_near(heard, [sentence["start"] for sentence in reference]) >= 0.9


def test_every_word_has_its_second(heard: Heard) -> None:
    for segment in heard.segments:
        assert segment.timing == "exact"
        assert segment.word_starts is not None
        assert len(segment.word_starts) == len(segment.text.split())
        assert segment.word_starts[0] == pytest.approx(segment.start_s, abs=0.001)
        assert all(one <= other for one, other in itertools.pairwise([*segment.word_starts, segment.end_s]))


def test_a_long_file_is_heard_in_blocks_that_cut_no_sentence(
    micro: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "blocks", functools.partial(sound.blocks, block_s=40))
    parts = Recogniser(micro).hear(SPEECH)
    assert parts.audio_s == heard.audio_s
    assert parts.voice_s == pytest.approx(heard.voice_s, abs=2)
    assert errors(parts, text_of(heard)) <= 0.08
    assert share_near(heard, [segment.start_s for segment in parts.segments]) >= 0.8


def test_windows_heard_together_give_the_text_that_each_gives_alone(
    micro: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognise, "BATCH", 1)
    assert Recogniser(micro).hear(SPEECH).segments == heard.segments


def test_the_same_file_gives_the_same_text(micro: Any, heard: Heard) -> None:
    assert Recogniser(micro).hear(SPEECH) == heard


# --- The second listening ---------------------------------------------------------------------------------------------


def test_what_the_model_was_unsure_of_is_listened_to_again_at_the_right_second(
    micro: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defences, "UNSURE", 1.0)  # no probability is that high
    again = Recogniser(micro).hear(SPEECH)
    assert errors(again, text_of(heard)) <= 0.15
    assert share_near(heard, [segment.start_s for segment in again.segments]) >= 0.8


class Deaf:
    """A listener who hears of every second window nothing, and of the others what the real one hears."""

    def __init__(self, pipeline: Any) -> None:
        self.pipeline = pipeline
        self.missed: set[int] = set()

    def transcribe(self, samples: Any, **options: Any) -> tuple[Any, Any]:
        results, info = self.pipeline.transcribe(samples, **options)
        self.missed = {int(clip["start"] * 100) for clip in options["clip_timestamps"][::2]}
        return (result for result in results if self.missed.isdisjoint(range(result.seek - 1, result.seek + 2))), info


class Counting:
    """A model that counts how often it is asked for one window alone."""

    def __init__(self, model: Any) -> None:
        self.model, self.asked = model, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def transcribe(self, *args: Any, **options: Any) -> Any:
        self.asked += 1
        return self.model.transcribe(*args, **options)


def test_a_voice_without_text_is_listened_to_once_more(micro: Any, heard: Heard) -> None:
    recogniser, model = Recogniser(micro), Counting(micro)
    assert recogniser.hear(SPEECH) == heard
    recogniser._model, recogniser._batched = model, Deaf(recogniser._batched)
    again = recogniser.hear(SPEECH)
    assert model.asked == len(recogniser._batched.missed) > 0
    assert errors(again, text_of(heard)) <= 0.1
    assert again.covered_s >= 0.9 * again.voice_s


def test_a_voice_that_gives_no_text_even_then_is_in_the_ledger(micro: Any, heard: Heard) -> None:
    class Mute(Counting):
        def transcribe(self, *args: Any, **options: Any) -> Any:
            return super().transcribe(*args, **options) and ([], None)

    recogniser = Recogniser(micro)
    recogniser._model, recogniser._batched = Mute(micro), Deaf(recogniser._batched)
    half = recogniser.hear(SPEECH)
    assert recogniser._model.asked == len(recogniser._batched.missed), "once, and not for ever"
    assert half.voice_s == heard.voice_s
    assert 0.2 < half.covered_s / half.voice_s < 0.8


# --- What nobody said -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["silence", "noise", "music"])
def test_where_nobody_speaks_there_are_no_words(micro: Any, tmp_path: Path, kind: str) -> None:
    sounds = {
        "silence": np.zeros(60 * RATE),
        "noise": np.random.default_rng(1).normal(0, 0.1, 60 * RATE),
        "music": music(60),
    }
    heard = Recogniser(micro).hear(write_wav(tmp_path / "quiet.wav", sounds[kind]))
    assert (heard.segments, heard.audio_s, heard.covered_s, heard.language) == ([], 60, 0, None)


def test_what_is_heard_in_music_that_passes_for_a_voice_is_no_text(micro: Any, tmp_path: Path) -> None:
    heard = Recogniser(micro).hear(write_wav(tmp_path / "beat.wav", music(60, beat=2)))
    assert heard.segments == []
    assert 0 < heard.voice_s < 5
    assert heard.covered_s == 0


def test_what_a_guess_in_hardly_a_voice_says_is_cut_and_counted(
    micro: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defences, "UNSURE", 1.0)
    monkeypatch.setattr(defences, "HARDLY_S", 30.0)
    invented = Recogniser(micro).hear(SPEECH)
    assert (invented.segments, invented.covered_s) == ([], 0)
    assert invented.cut_invented == pytest.approx(len(text_of(heard)), rel=0.15)


def test_speech_between_music_keeps_its_words_and_seconds(micro: Any, heard: Heard, tmp_path: Path) -> None:
    samples = np.concatenate([block.samples for block in sound.blocks(SPEECH)])
    mixed = Recogniser(micro).hear(write_wav(tmp_path / "mixed.wav", np.concatenate([music(20), samples, music(20)])))
    assert errors(mixed, text_of(heard)) <= 0.08
    assert share_near(mixed, [segment.start_s + 20 for segment in heard.segments]) >= 0.8


def test_what_somebody_says_three_times_is_heard_three_times(micro: Any, heard: Heard, tmp_path: Path) -> None:
    samples = np.concatenate([block.samples for block in sound.blocks(SPEECH)])
    first = heard.segments[0]
    once = samples[: int((first.end_s + 0.2) * RATE)]
    again = Recogniser(micro).hear(write_wav(tmp_path / "thrice.wav", np.concatenate([once] * 3)))
    assert again.cut_loops == 0
    assert errors(again, normal(first.text) * 3) <= 0.2


def test_text_that_only_repeats_itself_is_left_out(micro: Any, heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defences, "LOOPING", 0.1)  # no text compresses that badly
    looping = Recogniser(micro).hear(SPEECH)
    assert (looping.segments, looping.covered_s) == ([], 0)
    assert looping.cut_loops == pytest.approx(len(text_of(heard)), rel=0.1)


def test_the_ledger_of_a_good_hearing_is_full(heard: Heard) -> None:
    assert 0.75 * heard.audio_s < heard.voice_s <= heard.audio_s
    assert 0.95 * heard.voice_s < heard.covered_s <= heard.voice_s
    assert heard.cut_loops == 0
    assert heard.cut_invented <= 5


def test_what_was_heard_comes_back_from_the_cache(heard: Heard) -> None:
    back = Heard.from_json(json.loads(json.dumps(heard.to_json())))
    assert back.segments == heard.segments
    assert vars(back).keys() == vars(heard).keys()
    for name in ("audio_s", "voice_s", "covered_s", "cut_loops", "cut_invented", "language_probability"):
        assert getattr(back, name) == pytest.approx(getattr(heard, name), abs=0.001)
    assert back.language == "en"


# --- Language and progress --------------------------------------------------------------------------------------------


def test_the_configured_language_is_not_guessed(micro: Any, heard: Heard) -> None:
    configured = Recogniser(micro, "de").hear(SPEECH)
    assert (configured.language, configured.language_probability) == ("de", 1.0)
    assert heard.language == "en"
    assert heard.language_probability > 0.9


@pytest.mark.parametrize(("probability", "warned"), [(0.31, True), (0.97, False)])
def test_a_language_that_is_hardly_more_than_a_guess_is_told(
    probability: float, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard("nn", [], 60.0, 50.0, 40.0, 12, 3, language_probability=probability)
    with caplog.at_level(logging.INFO):
        shard._tell("Title", heard, 2.0, logging.getLogger("test"))
    assert "00:40 of 00:50 of speech, language nn, 12 words in loops and 3 invented ones cut" in caplog.text
    assert ("'nn' with a probability of 31%" in caplog.text) is warned


def test_progress_is_told_window_by_window_to_the_end(micro: Any, heard: Heard) -> None:
    told: list[float] = []
    Recogniser(micro).hear(SPEECH, told.append)
    assert told == sorted(told)
    assert len(told) >= 3
    assert told[-1] == heard.audio_s
