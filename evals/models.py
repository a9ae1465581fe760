"""Which embedding model the evaluations of likeness go by: the configured one, or one that lies beside the test data.

The product goes by words alone where it has no model. A measurement may take another model rather, but says so.
"""

from evals import corpus
from podcast_assets.config import Config
from podcast_assets.embedding import open_vectors
from podcast_assets.project import Project

MODEL = "models/all-MiniLM-L6-v2"  # in the folder of test data


def with_model(configured: Config) -> tuple[Config, str]:
    """The configuration with a model to be had, and a line that says which vectors it means and why these."""
    embedder, told = open_vectors(Project(configured))
    folder = corpus.shared_folder() / MODEL
    if not embedder.is_lexical or not folder.is_dir():
        return configured, told
    return with_embedding(configured, path=str(folder)), f"the model in {folder}, since otherwise {told}"


def by_words(configured: Config) -> Config:
    """The configuration without any embedding model."""
    return with_embedding(configured, model="")


def with_embedding(configured: Config, **keys: str) -> Config:
    """The configuration with another ``[embedding]``."""
    return configured.model_copy(update={"embedding": type(configured.embedding)(**keys)})
