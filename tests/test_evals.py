"""The measuring of the extractive method: scores are right, nothing peeks at a label, learning repeats itself."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from evals import cold_open, corpus
from evals.__main__ import groups, table
from evals.extractors import EXTRACTORS, MOST_WORDS
from evals.folds import FOLDS, fold_of
from evals.learn import Lesson, learn, picked
from evals.score import Score, score
from podcast_assets import config
from podcast_assets.insights.extractive.features import Talk, features
from podcast_assets.insights.extractive.model import to_bytes
from podcast_assets.insights.talk import sentences_of, turns_of
from podcast_assets.speech import Segment

WORDS = """
    iron oak water bridge salt harbour never because people build deeper the of and when you need strong beams most
""".split()  # noqa: SIM905 - as one reads them


def said(order: random.Random, sentences: int) -> str:
    lines = (" ".join(order.choices(WORDS, k=order.randint(5, 20))).capitalize() + "." for _ in range(sentences))
    return " ".join(lines)


def write_corpus(folder: Path, *, episodes: int, labelled: bool) -> dict[str, list[str]]:
    """A corpus of chance talk, each with a teaser of its own words; gives the labels."""
    order = random.Random(7)
    (folder / "transcripts").mkdir(parents=True)
    labels: dict[str, list[str]] = {}
    lines = []
    for number in range(episodes):
        name = f"{'mara' if number % 3 else 'oskar'}-{number}"
        turns = [said(order, 12) for _ in range(8)]
        teaser = turns[3].split(". ")[1] + "."
        talk = [{"speaker": "Ann", "startTime": 0, "endTime": 20, "body": f"Teaser only. {teaser}"}]
        talk += [
            {"speaker": "Ben" if i % 2 else "Ann", "startTime": 20 + 60 * i, "endTime": 80 + 60 * i, "body": text}
            for i, text in enumerate(turns)
        ]
        (folder / "transcripts" / f"{name}.json").write_text(json.dumps({"version": "1.0.0", "segments": talk}))
        labels[name] = [teaser]
        lines.append(json.dumps({"episode_id": name, "sentence": teaser, "start_s": 200, "cold_open_end_s": 20}))
    if labelled:
        (folder / corpus.LABELS).write_text("\n".join(lines))
    return labels


def quotes(folder: Path, out: Path, extractor: str = "extractive") -> list[dict[str, Any]]:
    result = CliRunner().invoke(
        cold_open.main, ["--corpus", str(folder), "--out", str(out), "--extractor", extractor], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in out.read_text().splitlines()]


@pytest.fixture(autouse=True)
def _configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "podcasts.toml"
    file.write_text('[embedding]\nmodel = ""\n')
    monkeypatch.setenv("PODCAST_ASSETS_CONFIG", str(file))


# --- The score --------------------------------------------------------------------------------------------------------


def test_the_score_counts_what_it_says() -> None:
    ten = "one two three four five six seven eight nine ten"
    labels = {"a": [ten, "red green blue black white"], "b": ["so it is"]}
    found = {"a": ["nothing of the kind was ever said here", f"well {ten} said", f"well {ten} said again"], "b": []}
    assert score(labels, found) == Score(precision=0.05, recall=0.25, hit=0.5, mrr=0.25)
    half = "one two three four five six seven"  # three of six sequences
    assert score({"a": [ten]}, {"a": [half]}).recall == 1
    assert score({"a": [ten]}, {"a": ["one two three four five six"]}).recall == 0
    assert score({"a": [ten]}, {"a": [" ".join(f"w{i}" for i in range(80)) + " " + ten]}).recall == 0, "cut at 80 words"


def test_the_score_is_that_of_the_script_that_others_use(shared: Path, tmp_path: Path) -> None:
    """Our figures could not be compared with anybody's."""
    labels = corpus.labels(shared / "corpus")
    order = random.Random(1)
    found = {
        name: [order.choice(sentences) for _ in range(12)] for name, sentences in labels.items() if order.random() < 0.7
    }
    rows = [
        {"episode_id": name, "rank": rank, "quote": f"{quote} and then some more" if rank % 2 else quote[: len(quote) // 2]}
        for name, each in found.items()
        for rank, quote in enumerate(each, 1)
    ]
    (tmp_path / "quotes.jsonl").write_text("\n".join(map(json.dumps, rows)))
    script = shared / "tools" / "score_cold_open.py"
    command = [sys.executable, str(script), str(shared / "corpus" / corpus.LABELS), str(tmp_path / "quotes.jsonl")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    by_name: dict[str, list[str]] = {}
    for row in rows:
        by_name.setdefault(str(row["episode_id"]), []).append(str(row["quote"]))
    ours = score(labels, by_name)
    assert f"precision@10={ours.precision:.4f} recall@10={ours.recall:.4f} hit@10={ours.hit:.4f} mrr={ours.mrr:.4f}" in told


# --- Quotes -----------------------------------------------------------------------------------------------------------


def test_every_episode_of_the_corpus_has_ten_quotes_in_order(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus", episodes=3, labelled=True)
    rows = quotes(tmp_path / "corpus", tmp_path / "quotes.jsonl", "longest")
    expected = [(name, rank) for name in corpus.episode_ids(tmp_path / "corpus") for rank in range(1, 11)]
    assert [(row["episode_id"], row["rank"]) for row in rows] == expected


@pytest.mark.parametrize("extractor", sorted(EXTRACTORS))
def test_quotes_are_verbatim_and_none_is_from_the_teaser(extractor: str, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    write_corpus(folder, episodes=2, labelled=True)
    names, ends = corpus.episode_ids(folder), corpus.teaser_ends(folder)
    found = cold_open.quotes_of(folder, ends, extractor, config.load(), names)
    for name in names:
        text = " ".join(each.text for each in corpus.episode(folder, name, ends[name]).segments)
        assert "Teaser only" not in text
        assert len(found[name]) == 10
        for quote in found[name]:
            assert quote in text
            assert len(quote.split()) <= MOST_WORDS
    assert cold_open.quotes_of(folder, ends, extractor, config.load(), names) == found


def test_the_labels_text_changes_no_quote(tmp_path: Path) -> None:
    """An extractor that peeks scores whatever it likes."""
    folder = tmp_path / "corpus"
    write_corpus(folder, episodes=3, labelled=True)
    before = quotes(folder, tmp_path / "a.jsonl", "extractive")
    rows = [json.loads(line) for line in (folder / corpus.LABELS).read_text().splitlines()]
    ends = [{"episode_id": row["episode_id"], "cold_open_end_s": row["cold_open_end_s"]} for row in rows]
    (folder / corpus.LABELS).write_text("\n".join(map(json.dumps, ends)))
    assert quotes(folder, tmp_path / "b.jsonl") == before


def test_a_corpus_without_labels_is_read_whole(tmp_path: Path) -> None:
    write_corpus(tmp_path / "corpus", episodes=2, labelled=False)
    rows = quotes(tmp_path / "corpus", tmp_path / "quotes.jsonl", "lead")
    assert rows[0]["quote"].startswith("Teaser only.")


def test_an_empty_folder_is_an_error_that_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(cold_open.main, ["--corpus", str(tmp_path), "--out", str(tmp_path / "quotes.jsonl")])
    assert result.exit_code == 1
    assert "no transcripts/*.json there" in result.output


# --- Learning ---------------------------------------------------------------------------------------------------------


def test_picked_sentences_are_those_that_hold_a_good_part_of_a_labelled_one() -> None:
    text = (
        "We said hello. Deep water means dear water for every farm on this coast. So it goes. " + "Deep water is cold. " * 2
    )
    sentences = sentences_of(turns_of([Segment(0, 60, text, "Ann")]))
    assert picked(sentences, ["Deep water means dear water for every farm."]).tolist() == [False, True, *[False] * 3]
    assert not picked(sentences, []).any()


def lessons(folder: Path) -> list[Lesson]:
    """Small lessons, with vectors of chance."""
    labels = write_corpus(folder, episodes=14, labelled=True)
    order, found = np.random.default_rng(1), []
    for name, sentences in labels.items():
        talk = corpus.episode(folder, name, 20.0).sentences()
        seen = np.column_stack(list(features(Talk(talk)).values())).astype(np.float32)
        vectors = order.normal(size=(len(talk), 8)).astype(np.float32)
        found.append(Lesson([each.text for each in talk], seen, vectors, picked(talk, sentences)))
    return found


def test_two_trainings_give_the_same_bytes_and_what_they_learn_is_the_label(tmp_path: Path) -> None:
    """Weights that nobody can make again cannot be checked."""
    taught = lessons(tmp_path / "corpus")
    assert all(lesson.picked.any() for lesson in taught)
    marked = [
        Lesson([f"Secret truth. {text}" if pick else text for text, pick in zip(each.texts, each.picked, strict=True)],
               each.features, each.vectors, each.picked)
        for each in taught
    ]  # fmt: skip
    models = [learn(marked), learn(marked)]
    assert to_bytes(models[0]) == to_bytes(models[1])
    assert len(models[0].meaning.vector) == 8
    assert len(models[0].words.vector) == 0
    weights = dict(zip(models[0].vocabulary, models[0].words.own, strict=True))
    assert "oak" in weights
    assert "harbour oak" in weights


def test_folds_are_of_episodes_and_all_are_used() -> None:
    assert {fold_of(f"show-{number}") for number in range(60)} == set(range(FOLDS))
    assert fold_of("show-1") == fold_of("show-1")


# --- The table --------------------------------------------------------------------------------------------------------


def test_the_show_with_most_labels_stands_apart(tmp_path: Path) -> None:
    labels = write_corpus(tmp_path / "corpus", episodes=7, labelled=True)
    sizes = {title: len(found) for title, found in groups(labels).items()}
    assert sizes == {"all shows": 7, "the show with most labels (mara)": 4, "the other shows": 3}
    lines = table("all", labels, {"perfect": labels, "none": {}})
    assert lines[1] == "all: 7 episodes, 7 sentences"
    assert lines[3].split() == ["perfect", "0.100", "1.000", "1.000", "1.000"]
    assert lines[4].split() == ["none", "0.000", "0.000", "0.000", "0.000"]
