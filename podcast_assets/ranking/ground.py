"""What a ranking stands on: the vectors of all insights, how likeness is measured, and which model both come from.

Opened once a run. Where no embedding model can be had, or the hosted one does not answer, all is done by words alone, and
``told`` says so.
"""

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from podcast_assets import progress
from podcast_assets.embedding import Embedder, EmbeddingError, LexicalEmbedder, Vectors, open_vectors
from podcast_assets.likeness import Measure, Texts, measure_for, terms_of
from podcast_assets.ranking.evidence import Published
from podcast_assets.ranking.interests import Interests, bare
from podcast_assets.vectors.archive import Archive
from podcast_assets.vectors.index import Refreshed, refresh
from podcast_assets.vectors.store import changed_under_its_name, text_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from podcast_assets.project import Project


@dataclasses.dataclass(frozen=True)
class Ground:
    """The archive as the embedder of ``told`` sees it, and what had to be embedded to open it."""

    embedder: Embedder
    told: str
    archive: Archive
    refreshed: Refreshed
    measure: Measure
    interests: Interests | None

    def texts(self, ids: "Sequence[str]", texts: "Sequence[str]") -> Texts:
        """What insights are compared by: from the archive where it has them with these texts, else worked out."""
        places, terms = self.archive.find(ids), terms_of(texts)
        vectors = np.zeros((len(texts), self.archive.vectors.shape[1]), np.float32)
        known = np.flatnonzero(places >= 0)
        known = known[(self.archive.terms[places[known]] == terms[known]).all(axis=1)]  # else it says something else by now
        vectors[known] = self.archive.vectors[places[known]]
        new = np.setdiff1d(np.arange(len(texts)), known)
        if not len(new):
            return Texts(vectors, terms)
        fresh = vectors_of_width(self.embedder, [texts[at] for at in new.tolist()], vectors.shape[1])
        if not len(known):
            return Texts(fresh, terms)
        vectors[new] = fresh
        return Texts(vectors, terms)

    def published(self, shown: pl.DataFrame, day: "dt.date") -> Published:
        """Rows of ``daily_top5`` as the ranking of ``day`` takes them."""
        shown = shown.sort("day", "rank")
        ids = shown["insight_id"].to_list()
        texts = [text_of(*row) for row in shown.select("claim", "body", "quote").iter_rows()]
        return Published(ids, (shown["day"] < day).to_numpy(), self.texts(ids, texts))


def vectors_of_width(embedder: Embedder, texts: "Sequence[str]", width: int) -> Vectors:
    """Vectors that can be held against an archive's; 0: it has none yet.

    Raises:
        EmbeddingError: the model gives vectors of another length than it did before.
    """
    vectors = embedder.vectors(texts)
    if width and vectors.shape[1] != width:
        raise changed_under_its_name(embedder)
    return vectors


def open_ground(project: "Project", day: "dt.date", log: progress.Log) -> Ground:
    """Opens the archive for the ranking of ``day``, and embeds what it does not have yet.

    Raises:
        OSError: the disk refuses.
    """
    embedder, told = open_vectors(project, day)
    try:
        return _opened(project, embedder, told, log)
    except EmbeddingError as error:
        return _opened(project, LexicalEmbedder(), f"by words alone: {error}", log)


def _opened(project: "Project", embedder: Embedder, told: str, log: progress.Log) -> Ground:
    archive, refreshed = refresh(project.lake, project.data_path / "cache" / "vectors", embedder, log)
    names = project.config.ranking.interests
    interests = None
    if names:
        wanted = [bare(name) for name in names]
        vectors = vectors_of_width(embedder, wanted, archive.vectors.shape[1])
        interests = Interests(names, Texts(vectors, terms_of(wanted)), by_meaning=not embedder.is_lexical)
    return Ground(embedder, told, archive, refreshed, measure_for(embedder.name), interests)
