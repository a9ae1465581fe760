"""``python -m evals [--corpus DIR]`` (``make eval``): how well it finds and ranks what is worth hearing, as tables.

A section a question; each gives its lines. docs/evaluation.md keeps the figures, by hand.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import click

from evals import corpus
from evals.cold_open import quotes_of
from evals.extractors import EXTRACTORS
from evals.folds import CORES, FOLDS, Quotes, cross_validated
from evals.grounding import grounding
from evals.ranking.report import ranking, related_insights
from evals.same_point import labels_beside, same_point
from evals.score import K, Score, score
from evals.train import lessons_of
from podcast_assets import config
from podcast_assets.embedding import open_embedder

Section = Callable[[Path, config.Config], list[str]]


def finding(folder: Path, configured: config.Config) -> list[str]:
    """What editors put into the teaser: found by which method, how often."""
    labels = corpus.labels(folder)
    if not labels:
        return [f"{folder}: no {corpus.LABELS} there, so nothing to compare with"]
    embedder, told = open_embedder(configured)
    lines = [f"Embeddings: {told}"]
    methods: dict[str, Quotes] = {}
    if embedder is None:
        lines.append("Without them nothing is learnt, so the extractive method is not measured.")
    else:
        lessons = lessons_of(folder, embedder, configured.data_path / "evals")
        methods["extractive, words"], methods["extractive, embeddings"] = cross_validated(lessons, folder)
    ends, names = corpus.teaser_ends(folder), sorted(labels)
    plain = [name for name in EXTRACTORS if name != "extractive"]
    with ProcessPoolExecutor(CORES) as pool:
        found = pool.map(partial(_plain, folder, ends, configured, names), plain)
        methods |= dict(zip(plain, found, strict=True))
    return [*lines, *(line for title, group in groups(labels).items() for line in table(title, group, methods))]


def _plain(folder: Path, ends: dict[str, float], configured: config.Config, names: list[str], method: str) -> Quotes:
    return quotes_of(folder, ends, method, configured, names)


def groups(labels: dict[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    """All labelled episodes; and apart those of the show with most of them, and the others.

    A show is told by the first word of its episodes' ids.
    """
    shows: dict[str, int] = {}
    for name in labels:
        shows[name.split("-")[0]] = shows.get(name.split("-")[0], 0) + 1
    largest = max(shows, key=lambda show: (shows[show], show))
    return {
        "all shows": labels,
        f"the show with most labels ({largest})": {
            name: said for name, said in labels.items() if name.split("-")[0] == largest
        },
        "the other shows": {name: said for name, said in labels.items() if name.split("-")[0] != largest},
    }


def table(title: str, labels: dict[str, list[str]], methods: dict[str, Quotes]) -> list[str]:
    """The scores of methods over some episodes, a line a method."""
    if not labels:
        return []
    sentences = sum(map(len, labels.values()))
    head = f"{'':24}{f'precision@{K}':>14}{f'recall@{K}':>12}{f'hit@{K}':>9}{'mrr':>8}"
    rows = [_row(name, score(labels, quotes)) for name, quotes in methods.items()]
    return ["", f"{title}: {len(labels)} episodes, {sentences} sentences", head, *rows]


def _row(name: str, found: Score) -> str:
    return f"{name:24}{found.precision:14.3f}{found.recall:12.3f}{found.hit:9.3f}{found.mrr:8.3f}"


SECTIONS: dict[str, Section] = {
    f"How well it finds (extractive: {FOLDS}-fold cross-validated over episodes)": finding,
    "What is published of planted days": ranking,
    "Related insights among planted ones": related_insights,
    "Insights by a language model: are they grounded in the talk, and what do they cost?": grounding,
    "Which texts make the same point (learnt of other topics), and which insights?": lambda folder, configured: same_point(
        labels_beside(folder), configured
    ),
}


@click.command(help=__doc__)
@corpus.option
def main(folder: Path) -> None:
    """The command."""
    configured = config.load()
    for title, section in SECTIONS.items():
        click.echo(f"\n{title}")
        for line in section(folder, configured):
            click.echo(line)


if __name__ == "__main__":
    main()
