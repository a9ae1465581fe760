"""``python -m evals.same_point``: how well texts that make the same point are told from others; ``train`` learns it.

The labels are pairs of an argument and a key point on one topic (the form of the shared task on key point analysis of 2021:
``arguments_PART.csv``, ``key_points_PART.csv``, ``labels_PART.csv``). All is learnt of the part ``train``, cross-
validated over topics; ``dev`` is measured alone. ``rarity`` counts in a corpus of episodes how rare words are.
"""

import csv
import dataclasses
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import numpy as np

from evals import corpus
from evals.points import POINTS
from evals.vectors import kept
from podcast_assets import config
from podcast_assets.embedding import LexicalEmbedder, open_embedder
from podcast_assets.hashing import sha256
from podcast_assets.likeness import AROUND, Around, Measure, Texts, around, measure_for, terms_of
from podcast_assets.likeness.measure import cosine, seen
from podcast_assets.likeness.terms import BUCKET, number_of, words_of
from podcast_assets.likeness.weights import RARITY_UNIT, WEIGHTS, Weights, to_bytes, weights
from podcast_assets.vectors.nearest import nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from podcast_assets.embedding import Embedder

FOLDS: Final = 6
STRETCH: Final = 50  # words in which a word is counted once
SHARES: Final = (1.0, 0.2, 0.05, 0.0125)  # of the texts that surround each: 240 of its topic, down to three
# By meaning and by words: lower ones take other ideas on a topic for the same, higher ones miss what is told again in other
# words. Chosen on the first halves of the points and of the planted days (``evals.ranking``); the others measure them.
SAME_FROM: Final = (0.34, 0.55)
LABELS: Final = Path("data") / "labels" / "argkp2021" / "kpm_data"


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Pairs with what surrounds the left ones: ``label`` is 1 where both make the same point, ``topic`` a number."""

    left: Texts
    right: Texts
    near: Around
    label: "NDArray[np.float32]"
    topic: "NDArray[np.int64]"

    def __getitem__(self, rows: "NDArray[Any]") -> "Pairs":
        return Pairs(*(getattr(self, field.name)[rows] for field in dataclasses.fields(self)))

    def seen(self) -> "NDArray[np.float32]":
        """Their features."""
        return seen(self.left, self.right, self.near)

    def chances(self, measure: Measure) -> "NDArray[np.float32]":
        """What a measure says of them."""
        return measure.same(self.left, self.right, self.near)


def labels_beside(folder: Path) -> Path:
    """Where the labels lie that belong to a corpus."""
    return folder.parent / LABELS


def pairs_of(folder: Path, part: str, embedder: "Embedder", cache: Path, share: float = 1.0) -> Pairs:
    """The labelled pairs of a part (``train``, ``dev``); what surrounds a text are all texts of the part, or a share."""
    arguments = {row["arg_id"]: row for row in _rows(folder / f"arguments_{part}.csv")}
    points = {row["key_point_id"]: row["key_point"] for row in _rows(folder / f"key_points_{part}.csv")}
    labels = _rows(folder / f"labels_{part}.csv")
    texts = sorted({*(row["argument"] for row in arguments.values()), *points.values()})
    place = {text: number for number, text in enumerate(texts)}
    topics = sorted({row["topic"] for row in arguments.values()})
    return _paired(
        Texts(kept(embedder, texts, cache).astype(np.float32), terms_of(texts)),
        [place[arguments[row["arg_id"]]["argument"]] for row in labels],
        [place[points[row["key_point_id"]]] for row in labels],
        [float(row["label"]) for row in labels],
        [topics.index(arguments[row["arg_id"]]["topic"]) for row in labels],
        np.array([int(sha256(text)[:8], 16) < share * 16**8 for text in texts]),
    )


def points_of(embedder: "Embedder") -> Pairs:
    """Each idea with the same again (label 1), then each with the other idea (0); its number is the topic."""
    texts = [text for point in POINTS for text in point]
    numbers = list(range(len(POINTS)))
    left = [3 * number for number in numbers]
    return _paired(
        Texts(embedder.vectors(texts), terms_of(texts)),
        [*left, *left],
        [*(place + 1 for place in left), *(place + 2 for place in left)],
        [*(1.0 for _ in numbers), *(0.0 for _ in numbers)],
        [*numbers, *numbers],
    )


def _paired(
    known: Texts,
    left: list[int],
    right: list[int],
    label: list[float],
    topic: list[int],
    surrounding: "NDArray[np.bool_] | None" = None,
) -> Pairs:
    own = np.arange(len(known))
    places, _ = nearest(known.vectors, known.vectors, surrounding, AROUND, excluding=(own, own))
    rows = np.array(left)
    near = around(known, places)[rows]
    return Pairs(known[rows], known[np.array(right)], near, np.array(label, np.float32), np.array(topic))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rarities(folder: Path) -> "NDArray[np.uint8]":
    """How rare words are in a corpus of episodes, by bucket: the logarithm of the inverse share of stretches."""
    counts, stretches = np.zeros(BUCKET + 1), 0
    for name in corpus.episode_ids(folder):
        words = " ".join(segment.text for segment in corpus.episode(folder, name, 0.0).segments).split()
        for start in range(0, len(words), STRETCH):
            text = " ".join(words[start : start + STRETCH])
            counts[list({number_of(word) & BUCKET for word, _ in words_of(text)})] += 1
            stretches += 1
    return np.round(RARITY_UNIT * np.log((stretches + 1) / (counts + 1))).astype(np.uint8)


def fitted(features: "NDArray[Any]", label: "NDArray[Any]") -> "NDArray[np.float32]":
    """The weights of features with the bias last."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000).fit(features, label)
    return np.append(model.coef_[0], model.intercept_).astype(np.float32)


def chances(features: "NDArray[Any]", coefficients: "NDArray[Any]") -> "NDArray[np.float32]":
    """What weights of :func:`fitted` make of features."""
    return np.asarray(1 / (1 + np.exp(-(features @ coefficients[:-1] + coefficients[-1]))), np.float32)


def learn(taught: Sequence[Sequence[Pairs]], rarity: "NDArray[np.uint8]") -> Weights:
    """The weights that labelled pairs teach.

    ``taught`` comes twice: with the vectors of sentences, and with those of words; each in surroundings from dense to
    sparse.
    """
    meaning, words = (
        fitted(np.vstack([pairs.seen() for pairs in each]), np.concatenate([pairs.label for pairs in each]))
        for each in taught
    )
    return Weights(rarity, meaning, words, np.array(SAME_FROM, np.float32))


def held_out(taught: Sequence[Pairs]) -> "NDArray[np.float32]":
    """The chances of the pairs in the first surroundings by what the other topics teach, in all surroundings."""
    features = [pairs.seen() for pairs in taught]
    found = np.empty(len(features[0]), np.float32)
    for fold in range(FOLDS):
        held = taught[0].topic % FOLDS == fold
        label = np.tile(taught[0].label[~held], len(taught))
        found[held] = chances(features[0][held], fitted(np.vstack([each[~held] for each in features]), label))
    return found


def same_point(folder: Path, configured: config.Config) -> list[str]:
    """How well the measures tell the pairs of ``dev``, and the second half of the points, a line a measure."""
    from sklearn.metrics import average_precision_score

    if not folder.is_dir():
        return [f"{folder}: no such folder, so nothing to compare with"]
    embedder, told = open_embedder(configured)
    if embedder is None:
        return [f"Not measured: {told}"]
    cache = configured.data_path / "evals"
    with_model, by_words = (pairs_of(folder, "dev", each, cache) for each in (embedder, LexicalEmbedder()))
    label = with_model.label
    lines = [f"{len(label)} pairs, {100 * label.mean():.0f} % the same; embeddings: {told}"]
    lines.append(f"{'':24}{'average precision':>18}{'same: precision':>17}{'recall':>8}{'same again':>13}{'other idea':>12}")
    for name, pairs in {"the cosine alone": with_model, "the cosine of words": by_words}.items():
        lines.append(f"{name:24}{average_precision_score(label, cosine(pairs.left.vectors, pairs.right.vectors)):18.3f}")
    for name, each, pairs in (
        ("meaning and words", embedder, with_model),
        ("words alone", LexicalEmbedder(), by_words),
    ):
        measure, points = measure_for(each.name), points_of(each)
        chance, same = pairs.chances(measure), pairs.chances(measure) >= measure.same_from
        right = label[same].sum()
        tested = points[points.topic >= len(POINTS) // 2]
        taken = tested.chances(measure) >= measure.same_from
        found, mistaken = (taken[tested.label == value].mean() for value in (1, 0))
        lines.append(
            f"{name:24}{average_precision_score(label, chance):18.3f}{right / max(1, same.sum()):17.2f}"
            f"{right / label.sum():8.2f}{found:13.2f}{mistaken:12.2f}"
        )
    return lines


labels_option = click.option(
    "--labels",
    type=click.Path(path_type=Path),
    default=partial(labels_beside, corpus.default_folder()),
    help="the labels' folder",
)


@click.group(invoke_without_command=True, help=__doc__)
@labels_option
@click.pass_context
def main(context: click.Context, labels: Path) -> None:
    """The command."""
    if context.invoked_subcommand is None:
        click.echo("\n".join(same_point(labels, config.load())))


@main.command
@labels_option
@click.option("--out", type=click.Path(path_type=Path), default=WEIGHTS, help="where the weights go; the package by default")
def train(labels: Path, out: Path) -> None:
    """Learns the weights and writes them into the package."""
    from sklearn.metrics import average_precision_score

    configured = config.load()
    embedder, told = open_embedder(configured)
    if embedder is None:
        sys.exit(f"Learning needs a model of sentence embeddings: {told}")
    both = (embedder, LexicalEmbedder())
    cache = configured.data_path / "evals"
    taught = [[pairs_of(labels, "train", each, cache, share) for share in SHARES] for each in both]
    data = to_bytes(learn(taught, weights().rarity))
    out.write_bytes(data)
    with_model, by_words = (average_precision_score(pairs[0].label, held_out(pairs)) for pairs in taught)
    click.echo(
        f"{out}: {len(data)} bytes; average precision over held-out topics {with_model:.3f} with {told}, "
        f"{by_words:.3f} by words alone"
    )


@main.command
@corpus.option
def rarity(folder: Path) -> None:
    """Counts anew how rare words are, in a corpus of episodes; everything else has to be learnt anew after it."""
    WEIGHTS.write_bytes(to_bytes(dataclasses.replace(weights(), rarity=rarities(folder))))


if __name__ == "__main__":
    main()
