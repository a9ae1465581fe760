"""Which embedder a project has for the ranking: the hosted one that it names, else a local one, else by words alone."""

import datetime as dt
from typing import TYPE_CHECKING

from podcast_assets.embedding.base import Embedder
from podcast_assets.embedding.hosted import HostedEmbedder
from podcast_assets.embedding.lexical import LexicalEmbedder
from podcast_assets.embedding.local import open_embedder

if TYPE_CHECKING:
    from podcast_assets.project import Project


def open_vectors(project: "Project", day: dt.date | None = None) -> tuple[Embedder, str]:
    """The embedder, and a line that says plainly which it is and, where it goes by words alone, why.

    A hosted model that is named and fails is not replaced: its ``vectors`` raises EmbeddingError, and the caller decides.

    Args:
        project: where it runs.
        day: of the rows that the texts belong to, under which the ledger has the calls of a hosted model; without it today.

    Raises:
        ConfigError: the hosted model cannot be asked as it is configured: no provider, no key, no price.
    """
    if project.config.embedding.hosted_model:
        from podcast_assets.llm.models import embedding_model

        model = embedding_model(project.config.embedding)
        return HostedEmbedder(project, model, day), f"{model.described}, asked through litellm"
    local, told = open_embedder(project.config)
    return (local, told) if local else (LexicalEmbedder(), f"by words alone: {told}")
