"""Blocks, clips and speech: how a file is cut up for the model, and that cutting loses nothing and changes nothing."""

import itertools
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.transcripts import decode, sound, voice
from podcast_assets.transcripts.model import thin_filters
from tests.sounds import SAMPLES, SPEECH, Array, spoken, write_wav

CHANCES = st.lists(st.tuples(st.integers(1, 400), st.sampled_from([0.0, 0.2, 0.4, 0.6, 1.0])), max_size=30)


def chances_of(runs: list[tuple[int, float]]) -> Array:
    return np.array([chance for length, chance in runs for _ in range(length)], np.float32)


def test_blocks_cover_the_file_without_gap_or_overlap() -> None:
    blocks = list(sound.blocks(SPEECH, block_s=10))
    assert len(blocks) == 3
    assert np.array_equal(np.concatenate([block.samples for block in blocks]), spoken())
    for block, following in itertools.pairwise(blocks):
        assert block.end_s == following.start_s
    for block in blocks:
        assert all(0 <= clip.start < clip.end <= len(block.samples) for clip in block.clips)
        for clip, later in itertools.pairwise(block.clips):
            assert clip.end <= later.start


def test_no_block_ends_in_speech() -> None:
    """A word that is cut in two is two wrong words."""
    chances = voice.Detector().hear(spoken())
    for block in list(sound.blocks(SPEECH, block_s=40))[:-1]:
        end = round(block.end_s * sound.RATE / voice.WINDOW)
        assert chances[end - 2 : end + 2].max() < voice.STARTS


def test_how_much_is_spoken_does_not_depend_on_how_a_file_is_cut() -> None:
    whole, parts = (list(sound.blocks(SPEECH, block_s)) for block_s in (600, 40))
    assert len(whole) == 1 < len(parts)
    assert sum(block.voice_s for block in parts) == pytest.approx(whole[0].voice_s, abs=0.1)
    assert 60 < whole[0].voice_s < 78


def test_the_detector_hears_what_the_library_hears_however_the_samples_come() -> None:
    from faster_whisper.vad import get_vad_model

    samples = spoken()
    theirs = get_vad_model()(np.pad(samples, (0, -len(samples) % voice.WINDOW)))
    for size in (voice.WINDOW, decode.PART):
        detector = voice.Detector()
        ours = np.concatenate([detector.hear(samples[at : at + size]) for at in range(0, len(samples), size)])
        assert np.abs(ours - theirs).max() < 1e-5


def test_features_are_those_of_the_library() -> None:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(SAMPLES / "models" / "whisper-micro"), device="cpu")
    samples = spoken(seconds=30)
    theirs = model.feature_extractor(samples)
    thin_filters(model)
    assert np.abs(model.feature_extractor(samples) - theirs).max() < 1e-5


def test_a_long_silence_is_given_to_no_model_and_held_by_none(tmp_path: Path) -> None:
    speech, quiet = spoken(seconds=10), np.zeros(50 * sound.RATE, np.float32)
    path = write_wav(tmp_path / "pauses.wav", np.concatenate([speech, quiet, speech]))
    blocks = list(sound.blocks(path, block_s=16))
    assert all(len(block.samples) < 30 * sound.RATE for block in blocks)
    heard = sum(clip.end - clip.start for block in blocks for clip in block.clips) / sound.RATE
    assert 15 < heard < 22


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 30)), max_size=40))
def test_clips_are_joined_over_short_silences_to_windows_of_30_s(pauses_and_lengths: list[tuple[float, float]]) -> None:
    clips, at = [], 0
    for pause, length in pauses_and_lengths:
        start = at + int(pause * sound.RATE)
        at = start + int(length * sound.RATE)
        clips.append(sound.Clip(start, at))
    joined = sound.join(clips)
    assert all(clip.end - clip.start <= sound.CLIP_S * sound.RATE for clip in joined)
    assert all(any(one.start <= clip.start and clip.end <= one.end for one in joined) for clip in clips)
    for one, other in itertools.pairwise(joined):
        apart = other.start - one.end > sound.JOIN_S * sound.RATE
        assert apart or next(c for c in clips if c.start == other.start).end - one.start > sound.CLIP_S * sound.RATE


@given(CHANCES, st.integers(60, 300))
def test_stretches_hold_all_speech_in_order_and_none_is_too_long(runs: list[tuple[int, float]], longest: int) -> None:
    chances = chances_of(runs)
    found = voice.stretches(chances, longest)
    held = np.zeros(len(chances), bool)
    for start, end in found:
        assert 0 <= start < end <= len(chances)
        assert end - start <= longest
        held[start:end] = True
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(found))
    assert held[voice.speech(chances)].all()


def test_a_breath_divides_and_a_gap_within_a_word_does_not() -> None:
    def found(gap: int) -> list[tuple[int, int]]:
        return voice.stretches(chances_of([(20, 0.0), (50, 1.0), (gap, 0.0), (50, 1.0), (20, 0.0)]), 1000)

    assert found(voice.BREATH - 1) == [(20 - voice.MARGIN, 124 + voice.MARGIN)]
    assert found(6) == [(20 - voice.MARGIN, 73), (73, 126 + voice.MARGIN)]
    assert found(40) == [(20 - voice.MARGIN, 70 + voice.MARGIN), (110 - voice.MARGIN, 160 + voice.MARGIN)]


def test_who_never_pauses_is_cut_where_it_hurts_least() -> None:
    chances = chances_of([(150, 1.0), (3, 0.1), (147, 1.0)])
    assert voice.stretches(chances, 200 + 2 * voice.MARGIN) == [(0, 150), (150, 300)]


def test_speech_goes_on_at_a_chance_at_which_it_would_not_begin() -> None:
    assert voice.speech(chances_of([(1, 0.4), (1, 0.6), (1, 0.4), (1, 0.2), (1, 0.4)])).tolist() == [0, 1, 1, 0, 0]


def test_who_stops_listening_leaves_no_thread_and_no_open_file() -> None:
    """A shard goes on to the next episode when one breaks down in its middle; in a year of days every leak is fatal."""

    def left() -> tuple[int, int]:
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    next(sound.blocks(SPEECH, block_s=10)), spoken()  # what is opened once and kept
    before = left()
    for _ in range(5):
        blocks = sound.blocks(SPEECH, block_s=10)
        next(blocks)
        del blocks
    assert left() == before


def test_an_error_of_the_decoder_reaches_whoever_listens(tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").touch()
    with pytest.raises(sound.BadAudioError, match="the file is empty"):
        list(sound.blocks(tmp_path / "empty.mp3"))
    with pytest.raises(FileNotFoundError):
        list(sound.blocks(tmp_path / "gone.mp3"))


def test_a_file_whose_length_is_a_multiple_of_the_parts_is_heard(tmp_path: Path) -> None:
    """An empty part at its end would be no window for the detector of voices, and the day would fail each time."""
    path = write_wav(tmp_path / "even.wav", np.resize(spoken(), 2 * decode.PART))
    assert [len(part) for part in decode.decode(path)] == [decode.PART] * 2
    assert sum(len(block.samples) for block in sound.blocks(path)) == 2 * decode.PART
