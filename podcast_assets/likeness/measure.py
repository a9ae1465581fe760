"""The measures over pairs of texts: the chance that both make the same point, and how related they are.

Belongs here: what is seen of a pair, and how it is weighed for which kind of embedding. Does not belong here: a text's own
words (``terms``), learning (``evals.same_point``). Pure; pairs are rows of whole arrays, worked on in blocks that fit the
processor's cache.
"""

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from podcast_assets.likeness.terms import NAMED, rarity
from podcast_assets.likeness.weights import RARITY_UNIT, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BLOCK: Final = 2048  # pairs
AROUND: Final = 128  # texts: with eight, what is near is mostly the point itself; with 256 it is more than the topic
BUCKETS: Final = 1 << 14
LAST: Final = BUCKETS - 1  # the bits by which terms around a text are counted
TINY: Final = 1e-6
FEW: Final = 2.0  # beside which a text has hardly a word: one rare word has a rarity of some 8
MEANT: Final = 0.7  # the share of the cosine in ``related``


@dataclasses.dataclass(frozen=True)
class Texts:
    """Texts as they are compared: ``vectors`` (n, d) of length 1 or 0, ``terms`` (n, WIDTH) as of ``terms_of``."""

    vectors: "Floats"
    terms: "NDArray[np.uint32]"

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, rows: "slice | NDArray[np.integer] | NDArray[np.bool_]") -> "Texts":
        return Texts(self.vectors[rows], self.terms[rows])


@dataclasses.dataclass(frozen=True)
class Around:
    """What the texts around each text have in common, which is its topic and not its point: a row a text.

    ``means`` (m, d): the sum of the vectors of the ``AROUND`` nearest texts, divided by ``AROUND``: where there are fewer,
    the mean is shorter. ``counts`` (m, ``BUCKETS``): how many of these have a term, by the last bits of its number. ``rows``
    (n,): whose row is which.
    """

    means: "Floats"
    counts: "NDArray[np.uint8]"
    rows: "NDArray[np.int64]"

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: "slice | NDArray[np.integer] | NDArray[np.bool_]") -> "Around":
        return dataclasses.replace(self, rows=self.rows[rows])


def around(known: Texts, places: "NDArray[np.int64]") -> Around:
    """What surrounds some texts: a row of ``places`` has those of the texts nearest to one, itself left out, -1 for none."""
    counts = np.zeros((len(places), BUCKETS), np.uint8)
    means = np.zeros((len(places), known.vectors.shape[1]), np.float32)
    for row, nearest in enumerate(places):
        near = nearest[nearest >= 0][:AROUND]
        means[row] = known.vectors[near].sum(axis=0, dtype=np.float64) / AROUND
        terms = known.terms[near]
        counts[row] = np.bincount(terms[terms > 0] & LAST, minlength=BUCKETS)
    return Around(means, counts, np.arange(len(places)))


@dataclasses.dataclass(frozen=True)
class Measure:
    """How alike texts are by one kind of embedding.

    From ``same_from`` on, two texts say the same point. ``coefficients`` weigh the features of :func:`seen`, the bias last.
    """

    same_from: float
    coefficients: "Floats"

    def same(self, left: Texts, right: Texts, near: Around) -> "Floats":
        """The chance from 0 to 1 that both make the same point, row by row: a logistic regression.

        ``near`` is what surrounds the left ones. Rows that are equal are 1, whatever is known of them.
        """
        found = np.empty(len(left), np.float32)
        for block in _blocks(left, right):
            one, other = left[block], right[block]
            score = seen(one, other, near[block]) @ self.coefficients[:-1] + self.coefficients[-1]
            equal = (one.vectors == other.vectors).all(axis=1) & (one.terms == other.terms).all(axis=1)
            found[block] = np.where(equal, 1, 1 / (1 + np.exp(-score)))
        return found

    def related(self, left: Texts, right: Texts) -> "Floats":
        """How near two texts are in meaning and in topic, from 0 to 1, row by row."""
        found = np.empty(len(left), np.float32)
        for block in _blocks(left, right):
            one, other = left[block], right[block]
            hit = common_terms(one.terms, other.terms)
            words = shared(rarity(one.terms).astype(float), rarity(other.terms).astype(float), hit)
            found[block] = np.clip(MEANT * cosine(one.vectors, other.vectors) + (1 - MEANT) * words[:, 0], 0, 1)
        return found


def measure_for(embedder_name: str) -> Measure:
    """The measure for an embedding by its name (``Embedder.name``).

    What was learnt of all-MiniLM-L6-v2 serves for other models of sentences too, for it weighs their cosines alone.
    """
    if embedder_name.startswith("lexical"):
        return Measure(float(weights().same_from[1]), weights().words)
    return Measure(float(weights().same_from[0]), weights().meaning)


def seen(left: Texts, right: Texts, near: Around) -> "Floats":
    """The features of pairs, a row a pair.

    The cosine; the cosine of what is left of both when the mean around the left one is taken away; what they share of rare
    terms (:func:`shared`), and of terms that are rare around the left one: of 129 texts, the logarithm of one in how many
    has it. Then how crowded it is there (the length of that mean), by itself and times the cosines and what is shared there:
    what they tell differs between a topic of which all speak and one that nobody else speaks of.
    """
    mean = near.means[near.rows]
    crowd = np.sqrt(np.einsum("nd,nd->n", mean, mean))[:, None]
    cosines = np.column_stack(
        [cosine(left.vectors, right.vectors), cosine(_unit(left.vectors - mean), _unit(right.vectors - mean))]
    )
    hit = common_terms(left.terms, right.terms)
    rare = shared(rarity(left.terms) / RARITY_UNIT, rarity(right.terms) / RARITY_UNIT, hit)
    here = shared(_rare_here(left.terms, near), _rare_here(right.terms, near), hit)
    features = [cosines, rare, here, crowd, crowd * cosines, crowd * here[:, :3]]
    return np.asarray(np.hstack(features), np.float32)


def _rare_here(terms: "NDArray[np.uint32]", near: Around) -> "Floats":
    counts = near.counts[near.rows[:, None], terms & LAST].astype(np.float32)
    return np.where(terms > 0, np.log((AROUND + 1) / (counts + 1)), 0).astype(np.float32)


def _unit(rows: "Floats") -> "Floats":
    length = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    return np.asarray(np.divide(rows, length, out=np.zeros_like(rows), where=length > 0))


def cosine(left: "Floats", right: "Floats") -> "Floats":
    """The cosines of rows of length 1, pair by pair; 0 where one is all zero."""
    return np.asarray(np.einsum("nd,nd->n", left, right))


def common_terms(left: "NDArray[np.uint32]", right: "NDArray[np.uint32]") -> "NDArray[np.bool_]":
    """Which terms of the left rows the right ones have too; a name and the same word are one."""
    plain, hit = left & ~np.uint32(NAMED), np.zeros(left.shape, bool)
    for column in (right & ~np.uint32(NAMED)).T:
        hit |= plain == column[:, None]
    return hit & (left > 0)


def shared(one: "NDArray[Any]", other: "NDArray[Any]", hit: "NDArray[np.bool_]") -> "Floats":
    """What two rows of terms share, a row a pair, where each term has a weight.

    The cosine of the weights; the share of the weights of the one with fewer, and of both, that is shared; and what is
    shared by the root of how much there is, for two words of ten tell more than one of five.

    Args:
        one: the weights of the left terms.
        other: of the right ones.
        hit: which of the left ones the right ones have too.
    """
    both = np.where(hit, one, 0)
    common, whole, rest = both.sum(axis=1), one.sum(axis=1), other.sum(axis=1)
    lengths = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    part = (
        (both**2).sum(axis=1) / np.maximum(lengths, TINY),
        common / np.maximum(np.minimum(whole, rest), TINY),
        common / np.maximum(whole + rest - common, TINY),
        common / np.sqrt(np.sqrt(whole * rest) + FEW),
    )
    return np.asarray(np.minimum(np.column_stack(part), (1, 1, 1, np.inf)), np.float32)


def _blocks(left: Texts, right: Texts) -> list[slice]:
    if len(left) != len(right):
        raise ValueError(f"pairs are row by row: {len(left)} texts against {len(right)}")
    return [slice(start, start + BLOCK) for start in range(0, len(left), BLOCK)]
