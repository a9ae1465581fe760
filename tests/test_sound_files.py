"""What shows publish, and what they should not: each form of audio file gives its sound, or a reason for people."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podcast_assets.transcripts import decode, sound, voice
from tests.sounds import FLOAT, SAMPLES, SPEECH, Array, encode, id3, picture, spoken, wav, write_wav

OTHER = SAMPLES / "feeds" / "slow-things" / "audio" / "2026-03-05-bread-grammar-and-silicon.mp3"


def seconds(path: Path) -> float:
    return sum(len(samples) for samples in decode.decode(path)) / decode.RATE


def voice_s(path: Path) -> float:
    return sum(block.voice_s for block in sound.blocks(path))


def reason(path: Path) -> str:
    with pytest.raises(decode.BadAudioError) as raised:
        list(sound.blocks(path))
    return str(raised.value)


@pytest.fixture(scope="module")
def talk() -> Array:
    """20 s of speech."""
    return spoken(seconds=20)


@pytest.fixture(scope="module")
def talk_s(talk: Array) -> float:
    """For how much of them somebody speaks."""
    return float(voice.speech(voice.Detector().hear(talk)).sum() * voice.WINDOW / decode.RATE)


def file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


# --- Channels ---------------------------------------------------------------------------------------------------------


def test_a_voice_in_opposite_phase_is_heard(tmp_path: Path, talk: Array, talk_s: float) -> None:
    """A cable soldered the wrong way round: the mean of both channels is silence."""
    assert voice_s(write_wav(tmp_path / "opposite.wav", np.stack([talk, -talk]))) == pytest.approx(talk_s, rel=0.05)


@pytest.mark.parametrize("sign", [1, -1])
def test_two_speakers_with_a_channel_each_are_both_heard(tmp_path: Path, talk: Array, sign: int) -> None:
    other = spoken(OTHER, 20) * sign
    half = len(talk) // 2
    left, right = np.where(np.arange(len(talk)) < half, (talk, 0 * talk), (0 * talk, other))
    mixed = spoken(write_wav(tmp_path / "interview.wav", np.stack([left, right])))
    for part, said in ((mixed[:half], talk[:half]), (mixed[half:], other[half:])):
        assert abs(np.corrcoef(part, said)[0, 1]) > 0.99
        assert np.std(part) == pytest.approx(np.std(said), rel=0.05), "neither is quieter than on a channel alone"


def test_one_voice_on_one_of_eight_channels_is_as_loud_as_alone(tmp_path: Path, talk: Array, talk_s: float) -> None:
    channels = np.zeros((8, len(talk)), np.float32)
    channels[5] = talk
    path = write_wav(tmp_path / "eight.wav", channels)
    assert np.std(spoken(path)) == pytest.approx(np.std(talk), rel=0.02)
    assert voice_s(path) == pytest.approx(talk_s, rel=0.05)


def test_surround_sound_is_heard(tmp_path: Path, talk: Array, talk_s: float) -> None:
    channels = np.stack([0.05 * talk, 0.05 * talk, talk, 0 * talk, 0.1 * talk, -0.1 * talk])
    assert voice_s(encode(tmp_path / "film.flac", channels, "flac", layout="5.1")) == pytest.approx(talk_s, rel=0.05)


def test_mixing_one_channel_with_itself_changes_nothing() -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 16_000).astype(np.float32)
    assert np.allclose(decode.mix(np.stack([noise, noise])), noise, atol=1e-5)
    assert np.allclose(decode.mix(np.stack([noise, -noise])), noise, atol=1e-5)
    assert not decode.mix(np.zeros((2, 100), np.float32)).any()


# --- Forms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mp3", "mp3", 16_000),
        ("a.mp3", "mp3", 8_000),
        ("a.m4a", "aac", 16_000),
        ("a.m4b", "alac", 16_000),
        ("a.ogg", "libopus", 8_000),
        ("a.opus", "libopus", 16_000),
        ("a.flac", "flac", 8_000),
        ("a.webm", "libopus", 8_000),
        ("a.mka", "pcm_f64le", 16_000),
        ("a.wav", "pcm_mulaw", 8_000),
        ("a.aiff", "pcm_s24be", 16_000),
    ],
)
def test_every_form_gives_the_same_speech(
    tmp_path: Path, talk: Array, talk_s: float, name: str, codec: str, rate: int
) -> None:
    samples = talk if rate == decode.RATE else talk.reshape(-1, 2).mean(1)
    path = encode(tmp_path / name, samples, codec, rate=rate)
    assert seconds(path) == pytest.approx(20, abs=0.2)
    assert voice_s(path) == pytest.approx(talk_s, rel=0.1)


def test_a_variable_bit_rate_changes_no_second(tmp_path: Path, talk: Array) -> None:
    """Without a table of contents, a player reckons with the rate of the first frames, and is wrong by minutes."""
    parts = [encode(tmp_path / f"{rate}.mp3", talk, "mp3", bit_rate=rate).read_bytes() for rate in (8_000, 64_000, 160_000)]
    path = file(tmp_path / "vbr.mp3", b"".join(part[part.index(b"\xff\xf3") :] for part in parts))
    assert seconds(path) == pytest.approx(60, abs=0.6)


def test_tags_chapters_and_large_pictures_are_no_sound(tmp_path: Path) -> None:
    """A picture in a tag is a stream of film to the decoder; this one is small as a file, and 75 MB unpacked."""
    image = b"\0image/png\0\3\0" + picture(5_000)
    chapter = b"one\0" + bytes(4) + (5_000).to_bytes(4, "big") + b"\xff" * 8
    tag = id3((b"TIT2", b"\0Title"), (b"CHAP", chapter), (b"APIC", image), (b"PRIV", bytes(3_000_000)))
    assert seconds(file(tmp_path / "tagged.mp3", tag + SPEECH.read_bytes())) == pytest.approx(seconds(SPEECH), abs=0.1)


def test_advertisements_of_another_rate_and_layout_do_not_end_a_file(tmp_path: Path, talk: Array) -> None:
    """Hosts splice advertisements into an episode as they are."""
    stereo = encode(tmp_path / "stereo.mp3", np.stack([talk, talk]), "mp3", layout="stereo", rate=16_000)
    slow = encode(tmp_path / "slow.mp3", talk, "mp3", rate=8_000)
    path = file(tmp_path / "spliced.mp3", b"".join(part.read_bytes() for part in (stereo, SPEECH, slow)))
    assert seconds(path) == pytest.approx(seconds(stereo) + seconds(SPEECH) + seconds(slow), abs=0.5)
    assert seconds(slow) == pytest.approx(40, abs=0.5)


def test_samples_that_are_no_numbers_are_silence_and_the_rest_is_heard(tmp_path: Path, talk: Array, talk_s: float) -> None:
    broken = np.array(talk, "<f4")
    broken[::4000] = np.nan
    broken[100], broken[200], broken[300] = np.inf, -np.inf, 1e38
    path = file(tmp_path / "nan.wav", wav(broken.tobytes(), bits=32, form=FLOAT))
    samples = spoken(path)
    assert len(samples) == len(talk)
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1
    assert voice_s(path) == pytest.approx(talk_s, rel=0.1)
    nothing = file(tmp_path / "nothing.wav", wav(np.full(80_000, np.nan, "<f4").tobytes(), bits=32, form=FLOAT))
    assert (seconds(nothing), voice_s(nothing)) == (5, 0)


def test_a_recording_far_beyond_full_scale_is_heard(tmp_path: Path, talk: Array, talk_s: float) -> None:
    path = file(tmp_path / "loud.wav", wav((talk * 30).astype("<f4").tobytes(), bits=32, form=FLOAT))
    assert np.abs(spoken(path)).max() == 1
    assert voice_s(path) == pytest.approx(talk_s, rel=0.2)


# --- What is no sound, or broken --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.mp3", b"", "the file is empty"),
        ("a.mp3", b"\0" * 100_000, "no audio stream"),
        ("a.mp3", b"<html><body>Not found</body></html>" * 50, "not an audio file"),
        ("a.wav", wav(b""), "an audio file without sound"),
        ("a.wav", wav(b"")[:20], "not an audio file"),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 2_000, "not an audio file"),
        ("a.png", picture(100), "not an audio file"),
        ("a.m3u8", b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n/etc/hostname\n#EXT-X-ENDLIST\n", "not an audio file"),
    ],
    ids=["empty", "zeros", "page", "header alone", "half a header", "photo", "picture", "playlist"],
)
def test_what_is_no_sound_has_a_reason(tmp_path: Path, name: str, content: bytes, expected: str) -> None:
    assert expected in reason(file(tmp_path / name, content))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"rate": 10**9}, "1000000000 samples a second"),
        ({"rate": 1}, "1 samples a second"),
        ({"channels": 200}, "200 channels"),
        ({"channels": 32_000}, "no audio stream"),
    ],
)
def test_a_header_that_claims_the_impossible_is_refused_at_once(
    tmp_path: Path, header: dict[str, int], expected: str
) -> None:
    """To resample from 10^9 Hz takes a filter of gigabytes; a sample a second makes eleven days of a megabyte."""
    assert expected in reason(file(tmp_path / "claims.wav", wav(b"\1\2" * 500_000, **header)))


def test_a_header_that_claims_a_thousand_hours_gives_what_there_is(tmp_path: Path, talk: Array) -> None:
    pcm = (talk * 32767).astype("<i2").tobytes()
    assert seconds(file(tmp_path / "a.wav", wav(pcm, claimed=2**32 - 1))) == 20
    flac = bytearray(encode(tmp_path / "a.flac", talk, "flac").read_bytes())
    flac[22:26] = b"\xff" * 4  # of the count of samples: 75 hours
    assert seconds(file(tmp_path / "claims.flac", bytes(flac))) == pytest.approx(20, abs=0.1)
    mp4 = encode(tmp_path / "a.m4a", talk, "aac").read_bytes()
    at = mp4.index(b"mdhd") + 20
    claims = mp4[:at] + (2**32 - 2).to_bytes(4, "big") + mp4[at + 4 :]
    assert seconds(file(tmp_path / "claims.m4a", claims)) == pytest.approx(20, abs=0.2)


def test_a_file_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence packs to nothing: what is small to download can take days to decode."""
    path = encode(tmp_path / "silence.flac", np.zeros(60 * decode.RATE), "flac")
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(decode, "LONGEST_S", 30)
    with pytest.raises(decode.BadAudioError, match="longer than"):
        list(decode.decode(path))


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "mp3"), ("a.ogg", "libopus"), ("a.flac", "flac"), ("a.m4a", "aac")])
def test_what_there_is_of_a_download_that_broke_off_is_used(tmp_path: Path, talk: Array, name: str, codec: str) -> None:
    whole = encode(tmp_path / f"whole-{name}", talk, codec).read_bytes()
    path = file(tmp_path / name, whole[: len(whole) // 2])
    if codec == "aac":  # its table stands at the end
        assert reason(path).startswith("not an audio file")
    else:
        assert 8 < seconds(path) < 13


def test_a_damaged_stretch_costs_itself_alone(tmp_path: Path) -> None:
    content = bytearray(SPEECH.read_bytes())
    for position in range(50_000, 60_000, 200):
        content[position] ^= 0xFF
    path = file(tmp_path / "damaged.mp3", bytes(content))
    assert seconds(SPEECH) - 4 < seconds(path) <= seconds(SPEECH)


def test_noise_behind_a_good_beginning_is_no_audio_file(tmp_path: Path) -> None:
    content = SPEECH.read_bytes()[:2000] + np.random.default_rng(1).bytes(200_000)
    assert "packets cannot be decoded" in reason(file(tmp_path / "noise.mp3", content))


def test_a_film_without_sound_has_no_audio_stream(tmp_path: Path) -> None:
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))
        for packet in (*stream.encode(image), *stream.encode(None)):
            container.mux(packet)
    assert reason(path) == "no audio stream"


def test_a_stream_that_begins_in_the_middle_ends_nothing(tmp_path: Path, talk: Array) -> None:
    """FLV names its streams as they come; PyAV knows those alone that were there when the file was opened."""
    sound_alone = encode(tmp_path / "a.flv", talk, "aac", rate=16_000, bit_rate=64_000).read_bytes()
    tags = [at for at in range(len(sound_alone) // 2, len(sound_alone)) if sound_alone[at : at + 1] == b"\x08"]
    at = next(at for at in tags if sound_alone[at + 8 : at + 11] == bytes(3) and sound_alone[at + 11] >> 4 == 10)
    film = b"\x22" + bytes(40)
    tag = b"\x09" + len(film).to_bytes(3, "big") + sound_alone[at + 4 : at + 11] + film + (len(film) + 11).to_bytes(4, "big")
    path = file(tmp_path / "late.flv", sound_alone[:at] + tag + sound_alone[at:])
    assert seconds(path) == pytest.approx(20, abs=0.3)


def test_what_our_own_disk_refuses_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(decode.decode(tmp_path / "gone.mp3"))
    with pytest.raises(IsADirectoryError):
        list(decode.decode(tmp_path))
