"""The speech model: where it is, how it is fetched, how it is opened.

Belongs here: everything that can be wrong with a model. A model that is not there is no failure of an episode: it is waited
for (``ModelUnavailableError`` becomes ``deferred``), and the message says which command brings it.
"""

import difflib
import logging
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from podcast_assets.config import Config, local_model
from podcast_assets.errors import PodcastAssetsError

HUB_ANSWERS_S = 5.0  # the look-up of a model has no time limit of its own: a network that swallows packets would stall it
HUB_ENVIRONMENT = {"HF_HUB_ETAG_TIMEOUT": "5", "HF_HUB_DOWNLOAD_TIMEOUT": "10", "HF_HUB_DISABLE_TELEMETRY": "1"}


class ModelUnavailableError(PodcastAssetsError):
    """The model is not on this machine, or cannot be opened on it."""


def open_model(config: Config) -> Any:
    """The configured ``faster_whisper.WhisperModel``, on the configured device.

    Raises:
        ModelUnavailableError: it is nowhere, does not open on this device, or does not know the configured language.
    """
    chosen = config.transcription
    folder = local_model(config) or find_published(chosen.model)
    import ctranslate2
    from faster_whisper import WhisperModel

    ctranslate2.set_log_level(logging.ERROR)  # it warns of every conversion that "auto" stands for
    try:
        model = WhisperModel(
            str(folder), device=chosen.device, compute_type=chosen.compute_type, cpu_threads=_threads(chosen.parallel_shards)
        )
    except (RuntimeError, ValueError) as error:  # CTranslate2: no such device, no such compute type, not a model
        raise ModelUnavailableError(
            f"the model {chosen.model!r} cannot be opened on device {chosen.device!r} with compute_type "
            f"{chosen.compute_type!r} ([transcription]): {error}"
        ) from error
    if chosen.language and chosen.language not in model.supported_languages:
        nearest = difflib.get_close_matches(chosen.language, model.supported_languages, n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"it knows {', '.join(model.supported_languages)}"
        raise ModelUnavailableError(
            f"the model {chosen.model!r} does not know the language {chosen.language!r} ([transcription] language); {hint}"
        )
    thin_filters(model)
    return model


def thin_filters(model: Any) -> None:
    """Makes the mel filters of a ``WhisperModel`` a sparse matrix, for nearly all of them is zero.

    Features take a third of the time (26 ms against 9 ms for 30 s), and no threads of a linear algebra library spin beside
    the decoder; they are the same to 10^-7.
    """
    from scipy.sparse import csr_array

    model.feature_extractor.mel_filters = csr_array(model.feature_extractor.mel_filters)


def _threads(models: int) -> int:
    """The threads of one of several models on a CPU: its share of the cores; 0, as many as CTranslate2 thinks best."""
    return max(1, (os.cpu_count() or 1) // models) if models > 1 else 0


def find_published(name: str) -> Path:
    """The folder of a published model: on this machine, or fetched to it.

    Raises:
        ModelUnavailableError: no such model, or no network; within seconds, and with the command that fetches it.
    """
    for variable, value in HUB_ENVIRONMENT.items():
        os.environ.setdefault(variable, value)  # read when the hub's library is imported
    from faster_whisper import available_models, download_model
    from huggingface_hub.errors import HTTPError, LocalEntryNotFoundError  # type: ignore[attr-defined]

    known = available_models()
    if "/" not in name and name not in known:
        nearest = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"published ones: {', '.join(known)}"
        raise ModelUnavailableError(f"no such model: {name!r} ([transcription] model); {hint}")
    try:
        try:
            return Path(download_model(name, local_files_only=True))
        except LocalEntryNotFoundError:
            _check_hub()
            return Path(download_model(name))
    except (OSError, ValueError, RuntimeError, HTTPError) as error:
        command = f'python -c "from faster_whisper import download_model; download_model({name!r})"'
        raise ModelUnavailableError(
            f"the model {name!r} is neither a folder nor in this machine's cache, and could not be fetched "
            f"({_first_line(error)}); where there is a network, fetch it with: {command}"
        ) from error


def _check_hub() -> None:
    """Asks the hub for a sign of life, through whatever proxy the environment names."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return  # the user wants no request; the library says so itself
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")  # noqa: S310 - the library's own address
    try:
        urllib.request.urlopen(request, timeout=HUB_ANSWERS_S).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        error.close()  # an answer, even if not the one that was asked for


def _first_line(error: Exception) -> str:
    cause = getattr(error, "reason", error)  # of an URLError, whose own text is a representation
    return (str(cause).splitlines() or [type(error).__name__])[0]
