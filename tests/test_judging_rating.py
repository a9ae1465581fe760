"""Comparisons of insights without a judge: which meet in which order, and what is made of the replies."""

import itertools
import random
from collections import Counter
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.ranking.judging.compare import MOST
from podcast_assets.ranking.judging.rating import ratings_of
from podcast_assets.ranking.judging.sets import SET, sets_of
from podcast_assets.ranking.judging.shown import Shown
from tests.judging import named, seen, tau, worths

# --- Which insights meet -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, MOST), st.randoms())
def test_every_round_deals_all_insights_and_their_order_is_of_no_account(count: int, chance: random.Random) -> None:
    """An insight in no set gets no rating; sets that follow the order of arrival are asked and paid for anew."""
    ids = [named(number) for number in range(count)]
    sets = sets_of(ids)
    assert len(sets) <= 24
    assert all(2 <= len(names) <= SET for names in sets) or count == 1
    assert set(Counter(itertools.chain(*sets)).values()) <= ({3} if count > SET else {1, 2, 3})
    assert len(set(sets)) == len(sets), "the same question counts once"
    chance.shuffle(ids)
    assert sets_of(ids) == sets


def test_no_insight_is_favoured_by_its_places_and_pairs_meet_again_the_other_way_round() -> None:
    """Judges like what stands first: one that always stood there would win by that alone."""
    sets = sets_of([named(number) for number in range(MOST)])
    places = {name: [names.index(name) for names in sets if name in names] for name in itertools.chain(*sets)}
    assert all(4 <= sum(found) <= 8 for found in places.values()), "6 is the middle of three places of 0 to 4"
    shown = Counter(pair for names in sets for pair in itertools.combinations(names, 2))
    met = Counter(tuple(sorted(pair)) for pair in shown.elements())
    again = [pair for pair, times in met.items() if times > 1]
    assert sum(pair in shown and pair[::-1] in shown for pair in again) > 0.6 * len(again) > 0
    assert len(met) > 200, "nearly all of the 240 meetings are of other pairs"


# --- The rating --------------------------------------------------------------------------------------------------------


Orders = list[tuple[list[str], list[str]]]
ORDERS = st.lists(
    st.permutations("abcdefg").flatmap(lambda names: st.tuples(st.just(names[:4]), st.permutations(names[:4]))),
    min_size=1,
    max_size=12,
)


def test_a_rating_is_the_chance_to_beat_the_others_and_places_have_their_share() -> None:
    """Worked out by iterating the four equations of two insights at two places, which is how the source states them."""
    p = q = g = h = 1.0
    for _ in range(10_000):
        met = p * g + q * h
        p, q = 1.5 / (g / met + 1 / (p + 1)), 0.5 / (h / met + 1 / (q + 1))
        met = p * g + q * h
        g, h = 6 / (p / met + 10 / (g + 1)), 5 / (q / met + 10 / (h + 1))
    found = ratings_of([(["a", "b"], ["a", "b"])])
    assert found == {"a": pytest.approx(p / (p + q), abs=1e-5), "b": pytest.approx(q / (p + q), abs=1e-5)}
    first_wins = [(list(pair), list(pair)) for pair in ("cd", "ef", "gh")]
    found = ratings_of([*first_wins, (["b", "a"], ["a", "b"])])
    assert found["a"] > found["c"], "where the first mostly wins, to win from behind says more"


@settings(max_examples=60, deadline=None)
@given(ORDERS, st.randoms())
def test_ratings_are_chances_whose_mean_is_a_half_whatever_the_order_of_the_sets(
    orders: Orders, chance: random.Random
) -> None:
    found = ratings_of(orders)
    assert all(0 < value < 1 for value in found.values())
    assert sum(found.values()) / len(found) == pytest.approx(0.5, abs=1e-5)
    chance.shuffle(orders)
    assert ratings_of(orders) == pytest.approx(found, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(ORDERS)
def test_who_is_ordered_one_place_better_is_rated_better(orders: Orders) -> None:
    (shown, order), *rest = orders
    better = [order[1], order[0], *order[2:]]
    assert ratings_of([(shown, better), *rest])[order[1]] > ratings_of(orders)[order[1]]


def test_the_comparison_finds_the_worth_behind_a_judges_noise_and_its_liking_for_the_first_place() -> None:
    """Printed: Kendall's tau with the hidden worth, over 20 days of 40 insights."""
    once: list[float] = []
    compared: list[float] = []
    for day in range(20):
        worth = worths(MOST, day)
        judge = seen(worth, 0.5, 1.5, day)
        number = {named(n): n for n in range(MOST)}
        fixed = [judge(range(start, start + SET)) for start in range(0, MOST, SET)]
        once.append(tau({named(n): -place for order in fixed for place, n in enumerate(order)}, worth))
        sets = sets_of(number)
        orders = [[named(n) for n in judge([number[name] for name in names])] for names in sets]
        compared.append(tau(ratings_of(list(zip(sets, orders, strict=True))), worth))
    print(f"Kendall's tau: asked once in a fixed order {fmean(once):.2f}, compared {fmean(compared):.2f}")
    assert fmean(compared) > 0.65
    assert fmean(compared) > fmean(once) + 0.15


# --- The question ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "lines"),
    [
        (("Wool fell", "Because of\ntrade.", "It fell"), ["3. Claim: Wool fell", "Body: Because of trade."]),
        (("Wool fell", " ", "It fell"), ["3. Claim: Wool fell", "Quote: It fell"]),
        ((None, None, None), ["3. Claim: (none)"]),
        (("w" * 9000, "b" * 9000, None), ["3. Claim: " + "w" * 599 + "…", "Body: " + "b" * 599 + "…"]),
    ],
)
def test_a_judge_reads_the_idea_and_not_whose_it_is(texts: tuple[str | None, ...], lines: list[str]) -> None:
    assert Shown("id of it", *texts).lines("3") == lines
