"""How alike two insights are: one point in other words is the same, another point on the topic is not, topics keep apart."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from evals.points import POINTS
from evals.same_point import labels_beside, points_of, same_point
from podcast_assets.config import parse
from podcast_assets.embedding import Embedder, open_embedder
from podcast_assets.likeness import AROUND, WIDTH, Around, Measure, Texts, around, measure_for, terms_of
from podcast_assets.likeness.measure import common_terms, shared
from podcast_assets.likeness.terms import NAMED, number_of, rarity, words_of
from podcast_assets.likeness.weights import WEIGHTS, from_bytes, to_bytes, weights

TEXTS = [
    "Iron rusts in oak because the tannin in the wood eats it.",
    "",
    "Lisbon has 3 bridges.",
    "the of and",
    "鉄は樫の中で錆びる",
]
NAMES = ("sentence-transformers/all-MiniLM-L6-v2 (models)", "openai/text-embedding-3-small", "lexical 1 (384)")


@pytest.fixture(params=NAMES)
def measure(request: pytest.FixtureRequest) -> Measure:
    return measure_for(request.param)


@pytest.fixture(scope="module")
def embedder(shared: Path) -> Embedder:
    found, told = open_embedder(parse({"embedding": {"path": "models/all-MiniLM-L6-v2"}}, shared / "podcasts.toml"))
    assert found, told
    return found


def texts(count: int) -> Texts:
    rows = np.random.default_rng(5).normal(size=(count, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[1] = 0
    return Texts(rows, terms_of([TEXTS[place % len(TEXTS)] for place in range(count)]))


def alone(count: int) -> Around:
    """The surroundings of texts that nothing surrounds."""
    return around(texts(2), np.full((count, 1), -1))


def crowded(some: Texts) -> Around:
    """The surroundings of texts among each other."""
    own = np.arange(len(some))
    return around(some, np.array([own[own != row] for row in own]))


def test_equal_texts_make_the_same_point(measure: Measure) -> None:
    """A copy is published beside its original: also where nothing is known of both."""
    some = texts(10)
    for near in (alone(10), crowded(some)):
        assert (measure.same(some, some, near) == 1).all()
    assert 0 < measure.same_from < 1


def test_what_is_related_is_so_both_ways(measure: Measure) -> None:
    some = texts(3000)
    left, right = some[:-7], some[7:]
    assert (measure.related(left, right) == measure.related(right, left)).all()


def test_a_pair_is_measured_alike_beside_any_others(measure: Measure) -> None:
    """The five of a day would depend on how many candidates it had."""
    some = texts(2500)
    near = crowded(texts(140))[np.zeros(2500, int)]
    one, many = some[np.zeros(2500, int)], measure.same(some[np.zeros(2500, int)], some, near)
    for rows in (slice(0, 1), slice(2040, 2060), slice(2499, 2500)):
        assert measure.same(one[rows], some[rows], near[rows]) == pytest.approx(many[rows], abs=1e-6)


def test_values_are_from_0_to_1_and_never_nan(measure: Measure) -> None:
    some = texts(60)
    left, right = np.divmod(np.arange(3600), 60)
    for near in (alone(60), crowded(some)):
        for values in (measure.same(some[left], some[right], near[left]), measure.related(some[left], some[right])):
            assert values.dtype == np.float32
            assert ((values >= 0) & (values <= 1)).all()
    assert len(measure.same(some[:0], some[:0], alone(0))) == 0


def test_what_surrounds_a_text_is_summed_and_counted() -> None:
    some = texts(5)
    near = around(some, np.array([[2, 4, -1], [-1, -1, -1]]))
    assert near.means[0] == pytest.approx((some.vectors[2] + some.vectors[4]) / AROUND, rel=1e-5)
    assert near.counts[0].sum() == (some.terms[[2, 4]] > 0).sum()
    assert not near.means[1].any()
    assert not near.counts[1].any()
    many = around(some, np.full((1, AROUND + 50), 2))
    assert many.counts[0].max() == AROUND, "no more than so many count"


def test_in_a_crowd_what_all_say_tells_nothing(measure: Measure) -> None:
    """On a topic of which all speak, every two insights would make the same point."""
    topic = "The heat pump in the old house needs larger radiators"
    texts_of = [f"{topic} because of {word}." for word in ("money", "pipes", "winter", "landlords", "noise")] * 30
    rows = np.random.default_rng(1).normal(size=(len(texts_of), 384)).astype(np.float32) / 40
    rows[:, 0] += 1
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    some = Texts(rows.astype(np.float32), terms_of(texts_of))
    pair = some[np.array([0])], some[np.array([1])]
    assert measure.same(*pair, crowded(some)[np.array([0])])[0] < measure.same(*pair, alone(1))[0]


def test_pairs_that_are_none_are_refused(measure: Measure) -> None:
    with pytest.raises(ValueError, match="row by row: 3 texts against 4"):
        measure.same(texts(3), texts(4), alone(3))


def test_terms_are_of_fixed_width_and_without_doubles() -> None:
    rows = terms_of([*TEXTS, " ".join(f"unheard{number}" for number in range(200))])
    assert rows.shape == (len(TEXTS) + 1, WIDTH)
    assert rows.dtype == np.uint32
    assert (rows[1] == 0).all()
    assert (rows[-1] > 0).all()
    assert len(set(rows[-1])) == WIDTH
    assert terms_of([]).shape == (0, WIDTH)


def test_terms_are_the_same_for_ever() -> None:
    """Rows in the lake were worked out by an older version: other numbers would share nothing with them."""
    assert number_of("bridg") == 1906774480
    assert (terms_of(["Bridges"]) & ~np.uint32(NAMED))[0, 0] == 1906774480


def test_the_rarest_terms_are_kept() -> None:
    words = [f"unheard{number}" for number in range(WIDTH - 1)]
    (row,) = terms_of([" ".join(["bridge", "money", *words])])
    assert number_of("bridg") in row & ~np.uint32(NAMED)
    assert number_of("money") not in row & ~np.uint32(NAMED)


def test_words_are_one_in_all_their_forms() -> None:
    assert [word for word, _ in words_of("Builds BUILDING build's build’s")] == ["build"] * 4
    assert [word for word, _ in words_of("1,000.5 ﬁnd")] == ["1000.5", "find"]
    assert [word for word, _ in words_of("東京都")] == ["東京", "京都"]


def test_small_words_of_other_languages_tell_nothing() -> None:
    """All German texts would share "und", "der", "die", which the table has never heard."""
    (row,) = terms_of(["Brücken und Stahl, der rostet"])
    assert number_of("und") not in row
    assert number_of("stahl") in row & ~np.uint32(NAMED)


def test_names_and_numbers_are_marked() -> None:
    named = [word for word, is_named in words_of("Iron rusts. In Lisbon, OpenAI paid 40 men.") if is_named]
    assert named == ["lisbon", "openai", "40"]


def test_a_name_is_shared_whether_it_opens_the_sentence_or_not() -> None:
    left, right = terms_of(["Lisbon"]), terms_of(["in Lisbon"])
    assert left[0, 0] != right[0, 0]
    assert common_terms(left, right).sum() == 1


def test_what_is_shared_is_weighed_by_rarity() -> None:
    left, right = terms_of(["rust bridge"]), terms_of(["bridge candle money"])
    one, other = (
        {int(term): int(rare) for term, rare in zip(row, rarity(row), strict=True) if term} for row in (left[0], right[0])
    )
    both = one.keys() & other.keys()
    assert both == {number_of("bridg")}
    common, whole, rest = one[number_of("bridg")], sum(one.values()), sum(other.values())
    lengths = np.sqrt(sum(each**2 for each in one.values()) * sum(each**2 for each in other.values()))
    growth = common / np.sqrt(np.sqrt(whole * rest) + 2)
    assert shared(rarity(left), rarity(right), common_terms(left, right))[0] == pytest.approx(
        [common**2 / lengths, common / min(whole, rest), common / (whole + rest - common), growth], rel=1e-5
    )


def test_the_weights_are_kept_byte_for_byte() -> None:
    assert to_bytes(weights()) == WEIGHTS.read_bytes() == to_bytes(from_bytes(WEIGHTS.read_bytes()))
    assert len(WEIGHTS.read_bytes()) < 300_000


def test_loading_it_imports_nothing_heavy() -> None:
    code = "import sys, podcast_assets.likeness; print([n for n in ('sklearn', 'scipy', 'fastembed') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_one_point_in_other_words_is_told_from_another_point(embedder: Embedder) -> None:
    """Repeats are published, or a new idea is lost because its topic is known."""
    measure, pairs = measure_for(embedder.name), points_of(embedder)
    same = pairs.chances(measure) >= measure.same_from
    assert same[pairs.label == 1].mean() >= 0.5
    assert same[pairs.label == 0].mean() <= 0.05


def test_points_of_other_topics_are_not_the_same(embedder: Embedder) -> None:
    """Tone and form alone would make repeats of what has nothing in common."""
    measure, pairs = measure_for(embedder.name), points_of(embedder)
    count = len(POINTS)
    left, right = np.divmod(np.arange(count**2), count)
    apart = left != right
    chance = measure.same(pairs.left[left[apart]], pairs.right[right[apart]], pairs.near[left[apart]])
    assert (chance < measure.same_from).mean() > 0.999


def test_related_finds_the_topic_among_others(embedder: Embedder) -> None:
    """Both other texts on a topic are among the ten nearest of 120."""
    measure = measure_for(NAMES[0])
    said = [text for column in zip(*POINTS, strict=True) for text in column]
    texts = Texts(embedder.vectors(said), terms_of(said))
    left, right = np.divmod(np.arange(len(texts) ** 2), len(texts))
    near = measure.related(texts[left], texts[right]).reshape(len(texts), -1)
    np.fill_diagonal(near, -1)
    nearest = np.argsort(-near, axis=1)[:, :10]
    topic = np.arange(len(texts)) % len(POINTS)
    assert (topic[nearest] == topic[:, None]).sum() / (2 * len(texts)) >= 0.9


def test_the_measure_beats_the_cosine_on_labelled_pairs(shared: Path, tmp_path: Path) -> None:
    """Weights that were learnt of other features or rarities would be worse than none."""
    values = {"data_dir": str(tmp_path), "embedding": {"path": "models/all-MiniLM-L6-v2"}}
    lines = same_point(labels_beside(shared / "corpus"), parse(values, shared / "podcasts.toml"))
    reached = {line[:24].strip(): float(line[24:42]) for line in lines[2:]}
    assert reached["meaning and words"] >= 0.6
    assert reached["words alone"] >= 0.55
    assert max(reached["the cosine alone"], reached["the cosine of words"]) < 0.45
