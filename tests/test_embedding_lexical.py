"""Vectors by words alone: the same every time, near where words are shared, and never an error."""

import csv
from pathlib import Path

import numpy as np
import pytest

from podcast_assets.embedding.lexical import LexicalEmbedder

EMBEDDER = LexicalEmbedder()


def likeness(one: str, other: str) -> float:
    first, second = EMBEDDER.vectors([one, other])
    return float(first @ second)


def test_a_text_has_the_same_vector_beside_any_others() -> None:
    """What is in the lake would be compared with what was made another day by other measures."""
    texts = ["Iron rusts in oak.", "Bridges rot from below.", "", "鉄は水で錆びる"]
    together = EMBEDDER.vectors(texts)
    assert together.shape == (4, 1024)
    assert together.dtype == np.float32
    for text, row in zip(texts, together, strict=True):
        assert (EMBEDDER.vectors([text])[0] == row).all()
    assert EMBEDDER.vectors([]).shape == (0, 1024)


def test_a_vector_stays_what_it_is_in_the_lake() -> None:
    """Another version of scikit-learn, another hash: then VERSION has to be raised, or old and new vectors are mixed."""
    (row,) = EMBEDDER.vectors(["Iron rusts, and rusty iron breaks in 2026."])
    found = {int(place): round(float(row[place]), 4) for place in np.flatnonzero(row)}
    assert found == {1: -0.3816, 487: 0.3816, 683: -0.3816, 766: -0.6461, 821: -0.3816}
    assert EMBEDDER.name == "lexical 1, 1024 dimensions"


def test_rows_have_length_1_or_are_zero() -> None:
    texts = ["Iron rusts.", "word " * 10_000, "", "the of and", "!?", "\ud800", "2026", "a\0b"]
    lengths = np.linalg.norm(EMBEDDER.vectors(texts), axis=1)
    np.testing.assert_allclose(lengths, [1, 1, 0, 0, 0, 0, 1, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("Iron rusts in wet oak.", "Wet oak makes irons rusty.", "My cake has candles."),
        ("ÜBER die Brücke", "über Brücken", "unter dem Fluss"),
        ("The ﬁrst bridge", "The FIRST bridges", "The last tunnel"),
        ("人工知能は電力を使う", "電力が人工知能を制限する", "猫は魚が好きです"),
        ("人工智能需要电力", "电力限制人工智能", "猫喜欢吃鱼"),
        ("인공지능은 전력을 쓴다", "전력이 인공지능을 제한한다", "고양이는 생선을 좋아한다"),
        ("ปัญญาประดิษฐ์ใช้ไฟฟ้า", "ไฟฟ้าจำกัดปัญญาประดิษฐ์", "แมวชอบกินปลา"),
    ],
)
def test_texts_that_share_words_are_near_in_any_script(text: str, near: str, far: str) -> None:
    """Without pairs of characters, a Japanese sentence is one word, and like nothing but itself."""
    assert likeness(text, near) > 0.3
    assert likeness(text, near) > likeness(text, far) + 0.2


def test_what_is_said_often_counts_more_but_not_as_often_as_it_is_said() -> None:
    assert 0.5 < likeness("iron iron iron iron oak", "iron") < 0.95


def test_the_same_point_is_told_from_others_as_well_as_was_measured(shared: Path) -> None:
    """A change of terms that loses more than it gains."""
    from sklearn.metrics import average_precision_score

    folder = shared / "data" / "labels" / "argkp2021" / "kpm_data"

    def table(name: str) -> list[dict[str, str]]:
        with (folder / f"{name}_dev.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    arguments = {row["arg_id"]: row["argument"] for row in table("arguments")}
    points = {row["key_point_id"]: row["key_point"] for row in table("key_points")}
    labels = table("labels")
    said = EMBEDDER.vectors([arguments[row["arg_id"]] for row in labels])
    meant = EMBEDDER.vectors([points[row["key_point_id"]] for row in labels])
    precision = average_precision_score([row["label"] == "1" for row in labels], (said * meant).sum(axis=1))
    assert precision > 0.37
