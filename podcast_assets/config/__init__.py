"""The configuration: ``podcasts.toml``, read once and checked strictly.

``keys``: what can be set. ``reading``: from the file to a ``Config``. ``explain``: what is wrong with a value.
"""

from podcast_assets.config.keys import (
    DATA_DIR_VARIABLE,
    MEAN,
    Config,
    EmailConfig,
    NetworkConfig,
    RankingConfig,
    WeightsConfig,
)
from podcast_assets.config.reading import CONFIG_VARIABLE, SAMPLE_MARKER, default_file, load, local_model, parse

__all__ = [
    "CONFIG_VARIABLE",
    "DATA_DIR_VARIABLE",
    "MEAN",
    "SAMPLE_MARKER",
    "Config",
    "EmailConfig",
    "NetworkConfig",
    "RankingConfig",
    "WeightsConfig",
    "default_file",
    "load",
    "local_model",
    "parse",
]
