"""Sentence embeddings: what a text means, as a vector, whoever works it out.

A leaf of the imports. Order: ``base`` (what an embedder is) -> ``local`` (a model on this machine), ``hosted`` (one that is
asked through litellm), ``lexical`` (by words alone) -> ``choice`` (which of them a project has). Does not belong here: what
is done with the vectors.
"""

from podcast_assets.embedding.base import Embedder, EmbeddingError, Vectors
from podcast_assets.embedding.choice import open_vectors
from podcast_assets.embedding.lexical import LexicalEmbedder
from podcast_assets.embedding.local import open_embedder

__all__ = ["Embedder", "EmbeddingError", "LexicalEmbedder", "Vectors", "open_embedder", "open_vectors"]
