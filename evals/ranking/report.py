"""The sections of ``make eval`` on the ranking: planted days, and related insights."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from evals import models
from evals.folds import CORES
from evals.ranking.days import Planted, planted
from evals.ranking.judge import Figures, judged
from evals.ranking.methods import METHODS, told
from evals.ranking.metrics import recall
from evals.ranking.product import picks_of
from evals.ranking.texts import Half, cases, tellings
from evals.ranking.topics import Topics, topics
from evals.related import related
from podcast_assets.config import Config
from podcast_assets.embedding import Embedder, open_vectors
from podcast_assets.project import Project
from podcast_assets.ranking.related import MOST

EXAMPLES = 5  # of repeats that were published, from the half on which thresholds may be chosen
TOLD, ARGUED = "told again", "argued by another case"

# What is said again, the topics, and how many days with which chance.
WORLDS: Final[tuple[tuple[str, Half, int, int], ...]] = (
    (TOLD, "all", 60, 1),
    (TOLD, "dev", 30, 2),
    (TOLD, "held-out", 30, 3),
    (ARGUED, "all", 60, 1),
)


def ranking(_: Path, configured: Config) -> list[str]:
    """What is published of planted days, by the product and by plain methods."""
    with_vectors, which = models.with_model(configured)
    means = {"the product": with_vectors, "the product, words alone": models.by_words(configured)}
    tasks = [(number, name) for number in range(len(WORLDS)) for name in means]
    with ProcessPoolExecutor(CORES) as pool:
        found = dict(zip(tasks, pool.map(partial(_judged, means), tasks), strict=True))
    lines = [f"Vectors: {which}"]
    for number, (again, half, days, _seed) in enumerate(WORLDS):
        world = world_of(number)
        plain = {name: judged(world, [method(day) for day in world.days]) for name, method in METHODS.items()}
        rows = {name: found[number, name] for name in means} | plain
        rows["score only, told what repeats"] = judged(world, told(world.days))
        lines += ["", f"Ideas are {again}; topics: {half}; {days} days", *_table(rows)]
        if half == "dev":
            lines += _examples(rows["the product"])
    return lines


def world_of(number: int) -> Planted:
    """One of the planted sequences."""
    again, half, days, seed = WORLDS[number]
    return planted((tellings if again == TOLD else cases)(half), days, seed)


def _judged(means: dict[str, Config], task: tuple[int, str]) -> Figures:
    number, name = task
    world = world_of(number)
    return judged(world, picks_of(world, means[name]))


def _table(rows: dict[str, Figures]) -> list[str]:
    best = rows["score only"].alpha_ndcg
    head = f"{'':30}{'alpha-nDCG@5':>13}{'':>8}{'nDCG@5':>8}{'repeats':>9}{'twins':>8}{'a day':>7}"
    return [head, *(_row(name, found, found.alpha_ndcg / best - 1) for name, found in rows.items())]


def _row(name: str, found: Figures, gain: float) -> str:
    figures = f"{found.ndcg:8.3f}{found.repeats:9.3f}{found.twins:8.3f}{found.picks:7.2f}"
    return f"{name:30}{found.alpha_ndcg:13.3f}{gain:+8.0%}{figures}"


def _examples(found: Figures) -> list[str]:
    return [f"  {one.day}: {one.text.claim} | {known.day}: {known.text.claim}" for one, known in found.missed[:EXAMPLES]]


def related_insights(_: Path, configured: Config) -> list[str]:
    """How many of the texts that belong together are among the ten most related ones."""
    with_vectors, which = models.with_model(configured)
    means = {"the product": with_vectors, "the product, words alone": models.by_words(configured)}
    lines = [f"Vectors: {which}"]
    sets: dict[Half, Topics] = {"dev": topics("dev"), "held-out": topics("held-out")}
    texts = [text.words for text in topics().archive]
    lists: dict[str, Sequence[Sequence[int]]] = {}
    for name, config in means.items():
        embedder, _which = open_vectors(Project(config))
        lists |= {name: related(texts, embedder, MOST), f"{name}: vectors alone": _by_cosine(texts, embedder)}
    for half, found in sets.items():
        lines += ["", f"Topics: {half}; {len(found.same_idea)} texts, 1,000 distractors for each"]
        lines.append(f"{'recall@10':40}{'same case':>10}{'same idea':>11}{'same topic':>12}")
        for name, others in lists.items():
            case, idea, topic = (_mean(others, same) for same in (found.same_case, found.same_idea, found.same_topic))
            lines.append(f"{name:40}{case:10.3f}{idea:11.3f}{topic:12.3f}")
    return lines


def _by_cosine(texts: Sequence[str], embedder: Embedder) -> list[list[int]]:
    vectors = embedder.vectors(texts)
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -np.inf)
    return [[int(place) for place in row] for row in np.argsort(-alike, axis=1, kind="stable")[:, :MOST]]


def _mean(lists: Sequence[Sequence[int]], same: dict[int, set[int]]) -> float:
    return float(np.mean([recall(lists[place], others, MOST) for place, others in same.items()]))
