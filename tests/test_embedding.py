"""Sentence embeddings: the vectors are right, the same every time, and where there are none the reason is told."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podcast_assets.config import Config, parse
from podcast_assets.embedding import Embedder, open_embedder, open_vectors
from podcast_assets.embedding.local import LocalEmbedder
from podcast_assets.insights.extractive.model import open_meaning
from podcast_assets.project import Project

TEXTS = ["Iron rusts in oak.", "", "A much longer sentence, about bridges that rot from below whenever water gets in. " * 40]


def config(folder: Path, **values: str) -> Config:
    return parse({"embedding": values}, folder / "podcasts.toml")


@pytest.fixture(scope="session")
def embedder(shared: Path) -> Embedder:
    found, told = open_embedder(config(shared, path="models/all-MiniLM-L6-v2"))
    assert found, told
    assert "all-MiniLM-L6-v2" in told
    return found


def test_vectors_are_those_of_the_model_itself(embedder: Embedder, shared: Path) -> None:
    """Another pooling, no mask of padding, no normalisation: likenesses that mean nothing."""
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    folder = shared / "models" / "all-MiniLM-L6-v2"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    session = InferenceSession(str(folder / "model.onnx"))
    for text in ("Iron rusts in oak.", "Two sentences. Both are short."):
        ids = np.array([tokenizer.encode(text).ids])
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = session.run(None, inputs)[0][0].mean(axis=0)
        np.testing.assert_allclose(embedder.vectors([text])[0], mean / np.linalg.norm(mean), atol=1e-4)


def test_a_text_has_the_same_vector_beside_any_others(embedder: Embedder) -> None:
    """What is kept under a text's key would depend on what else was asked for that day."""
    together = embedder.vectors(TEXTS)
    assert together.shape == (3, 384)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, row in zip(TEXTS, together, strict=True):
        assert (embedder.vectors([text])[0] == row).all()
    assert embedder.vectors([]).shape == (0, 384)


def test_a_model_that_does_not_normalise_is_normalised() -> None:
    """Some of fastembed's do not: likenesses would be beyond 1, and long texts like everything."""

    class Pooled:
        def embed(self, texts: Sequence[str], batch_size: int) -> list[np.ndarray[Any, Any]]:
            return [np.array([3.0, 4.0 * len(text)], np.float32) for text in texts]

    found = LocalEmbedder("pooled", Pooled()).vectors(["a", "bc", "def"])
    np.testing.assert_allclose(found[0], [0.6, 0.8], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_what_means_the_same_is_near(embedder: Embedder) -> None:
    iron, steel, cake = embedder.vectors(["Iron rusts in water.", "Steel corrodes when it is wet.", "My cake has candles."])
    assert iron @ steel > 0.5 > iron @ cake


def test_a_folder_without_a_model_has_a_reason(tmp_path: Path) -> None:
    found, told = open_embedder(config(tmp_path, path="nowhere"))
    assert found is None
    assert told == f"[embedding] path: {tmp_path / 'nowhere'} is no folder of a model, model.onnx is not there"


def test_a_damaged_model_has_a_reason(tmp_path: Path) -> None:
    for name in ("model.onnx", "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        (tmp_path / name).write_text("{}")
    found, told = open_embedder(config(tmp_path, path="."))
    assert found is None
    assert told.startswith("[embedding]: ")
    assert "cannot be opened" in told


def test_no_model_named_has_a_reason(tmp_path: Path) -> None:
    assert open_embedder(config(tmp_path, model="")) == (None, "[embedding] model: none is named")


def test_without_a_network_the_answer_comes_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run waits for minutes for a model that cannot come."""
    monkeypatch.setenv("FASTEMBED_CACHE_PATH", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    found, told = open_embedder(config(tmp_path))
    assert found is None
    assert "is not on this machine and cannot be fetched" in told


def test_a_folder_is_told_by_what_is_in_it(embedder: Embedder, shared: Path, tmp_path: Path) -> None:
    """Two models in folders of one name would be mixed: their vectors have nothing to do with each other."""
    folder = tmp_path / "all-MiniLM-L6-v2"
    shutil.copytree(shared / "models" / "all-MiniLM-L6-v2", folder)
    copied, _ = open_embedder(config(tmp_path, path=folder.name))
    assert copied
    assert copied.name == embedder.name
    settings = folder / "tokenizer_config.json"
    settings.write_text(settings.read_text() + "\n")
    changed, _ = open_embedder(config(tmp_path, path=folder.name))
    assert changed
    assert changed.name != embedder.name


def test_the_built_in_method_goes_by_words_alone_where_another_model_is_configured(
    embedder: Embedder, shared: Path, tmp_path: Path
) -> None:
    found, told = open_meaning(config(shared, path="models/all-MiniLM-L6-v2"))
    assert found
    assert told == found.name == embedder.name
    folder = tmp_path / "other"
    shutil.copytree(shared / "models" / "all-MiniLM-L6-v2", folder)
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = tokenizer["model"]["vocab"]  # each word means another one: what another model of the same size looks like
    last = len(vocabulary) - 1
    tokenizer["model"]["vocab"] = {word: id if id < 2000 else last + 2000 - id for word, id in vocabulary.items()}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    found, told = open_meaning(config(tmp_path, path="other"))
    assert found is None
    assert told.startswith("its weights were not learnt with other (")


def test_the_ranking_takes_the_local_model_where_there_is_one(embedder: Embedder, shared: Path) -> None:
    found, told = open_vectors(Project(config(shared, path="models/all-MiniLM-L6-v2")))
    assert found.name == told == embedder.name
    assert not found.is_lexical


def test_the_ranking_goes_by_words_alone_where_there_is_none_and_says_why(tmp_path: Path) -> None:
    found, told = open_vectors(Project(config(tmp_path, path="nowhere")))
    assert found.is_lexical
    assert found.name.startswith("lexical ")
    assert told.startswith(f"by words alone: [embedding] path: {tmp_path / 'nowhere'} is no folder of a model")
