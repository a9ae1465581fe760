"""Sentence embeddings: the vectors are right, the same every time, and where there are none the reason is told."""

from pathlib import Path

import numpy as np
import pytest

from podcast_assets.config import Config, parse
from podcast_assets.embedding import Embedder, open_embedder

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
