"""What a transcript depends on, in one key of the cache ``segments``: a document, or the sound, the model, the parameters.

Belongs here: the identity of the configured model and the keys. Whoever changes how speech is recognised, or how documents
are read, raises the version of it, and the cache is asked in vain for what came before.
"""

import functools
import hashlib
import json
from pathlib import Path

from podcast_assets.config import Config, local_model
from podcast_assets.errors import ConfigError
from podcast_assets.hashing import sha256
from podcast_assets.project import Project

ASR_VERSION = 2
PUBLISHER_VERSION = 4  # of how publishers' documents are read
MODEL_FILES = ("config.json", "model.bin", "tokenizer.json")  # without the last, faster-whisper asks the network for one


def model_name(config: Config) -> str:
    """The configured model as people call it: its published name, or the name of its folder."""
    folder = local_model(config)
    return folder.name if folder else config.transcription.model


def model_identity(config: Config) -> str:
    """What tells the configured model from any other: a published one's name, a folder's content.

    Raises:
        ConfigError: the folder holds no model.
    """
    if not (folder := local_model(config)):
        return config.transcription.model
    if missing := [name for name in MODEL_FILES if not (folder / name).is_file()]:
        raise ConfigError(
            f"{config.file}: [transcription] model: {folder} has no {', '.join(missing)}; "
            "expected a folder with a Whisper model in CTranslate2's format"
        )
    return "-".join(_digest(folder / name, (folder / name).stat().st_mtime_ns) for name in ("model.bin", "config.json"))


def content_key(audio_sha256: str, config: Config) -> str:
    """The key under which the cache ``segments`` holds what the model hears in an audio file.

    The device is no part of it: a machine that gains a GPU does not pay for everything once more.
    """
    chosen = config.transcription
    parts = [audio_sha256, model_identity(config), chosen.compute_type, chosen.language, ASR_VERSION]
    return sha256(f"asr {json.dumps(parts)}")


def is_heard(project: Project, audio_sha256: str) -> bool:
    """Whether the cache has what the configured model hears in an audio file."""
    return project.cache("segments").get_json(content_key(audio_sha256, project.config)) is not None


def publisher_key(document_sha256: str, duration_s: float | None = None) -> str:
    """The key under which the cache ``segments`` holds what a publisher's document says of an episode of that length.

    Where the document has no times, they are spread over the length.
    """
    return sha256(f"{document_sha256} {duration_s} publisher {PUBLISHER_VERSION}")


@functools.lru_cache(maxsize=8)
def _digest(path: Path, modified_ns: int) -> str:  # a file that was written anew is hashed anew
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
