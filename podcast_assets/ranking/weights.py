"""Weights of a single run, or of a look at past days, in place of the configured ones."""

import difflib
from collections.abc import Mapping

import pydantic

from podcast_assets.config import RankingConfig, WeightsConfig
from podcast_assets.errors import ConfigError


def with_weights(ranking: RankingConfig, weights: Mapping[str, float]) -> RankingConfig:
    """The configuration with some other weights.

    Raises:
        ConfigError: a name that no component has, or a value that no weight can have.
    """
    names = list(WeightsConfig.model_fields)
    for name in weights:
        if name not in names:
            nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.4)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are: {', '.join(names)}"
            raise ConfigError(f"weights: no component is called {name!r}; {hint}")
    try:
        chosen = WeightsConfig.model_validate({**ranking.weights.model_dump(), **weights})
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "all"
        raise ConfigError(f"weights: {where}: {first['msg'].removeprefix('Value error, ')}") from error
    return ranking.model_copy(update={"weights": chosen})
