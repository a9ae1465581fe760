"""Reading and checking the file: from its bytes to a ``Config``, or an error of one line."""

import os
import tomllib
from pathlib import Path
from typing import Any

import pydantic

from podcast_assets.config.explain import explained
from podcast_assets.config.keys import Config
from podcast_assets.errors import ConfigError

CONFIG_VARIABLE = "PODCAST_ASSETS_CONFIG"
SAMPLE_MARKER = "SAMPLE_ONLY"  # the file in a model's folder that says so


def default_file() -> Path:
    """The configuration file: the environment's word (``PODCAST_ASSETS_CONFIG``), else ``./podcasts.toml``; absolute."""
    return Path(os.environ.get(CONFIG_VARIABLE) or "podcasts.toml").absolute()


def load(file: Path | None = None) -> Config:
    """Reads and checks a configuration file (default: :func:`default_file`).

    Raises:
        ConfigError: in one line, the file, the key, what is wrong with it and what is expected.
    """
    file = (file or default_file()).absolute()
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
        raise ConfigError(
            f"{file}: {reason}; name another with {CONFIG_VARIABLE}=FILE, or write one (it may be empty)"
        ) from error
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise ConfigError(f"{file}: not valid TOML: {error}") from error
    return parse(values, file)


def parse(values: dict[str, Any], file: Path) -> Config:
    """Checks the values of a configuration file.

    Raises:
        ConfigError: as :func:`load`.
    """
    try:
        config = Config.model_validate(values)
    except pydantic.ValidationError as error:
        raise ConfigError(f"{file}: {explained(error.errors()[0])}") from error
    config._file = file  # noqa: SLF001 - the one place that knows it; a private attribute is no key of the file
    _check_files(config)
    return config


def _check_files(config: Config) -> None:
    for entry in config.feeds.opml:
        if not os.path.isfile(config.resolve(entry)):  # noqa: PTH113 - Path's own raises for a name that is too long
            raise ConfigError(f"{config.file}: [feeds] opml: no such file: {config.resolve(entry)}")
    model = local_model(config)
    if model and (model / SAMPLE_MARKER).exists() and not config.transcription.allow_sample_model:
        raise ConfigError(
            f"{config.file}: [transcription] model: {model} knows the bundled sample's speech alone and invents text for "
            "any other; expected the name of a real model such as 'small' (or allow_sample_model = true, for the sample)"
        )


def local_model(config: Config) -> Path | None:
    """The folder that ``[transcription] model`` names, or None where it is the name of a published model."""
    name = config.transcription.model
    if os.path.isdir(folder := config.resolve(name)):  # noqa: PTH112 - as above
        return folder
    if name.startswith((".", "/", "~")):
        raise ConfigError(f"{config.file}: [transcription] model: no such folder: {config.resolve(name)}")
    return None
