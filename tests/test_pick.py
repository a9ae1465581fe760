"""The choice of the few that are shown: caps that give way in steps, points that differ, what the others lost against."""

import itertools
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.config import RankingConfig
from podcast_assets.ranking.cluster import clusters
from podcast_assets.ranking.pick import Choice, Contender, pick


def contenders(*places: str) -> list[Contender]:
    """Contenders, best first, each given as ``show/episode`` or ``show/episode/speaker``."""
    parts = [(*place.split("/"), None, None)[:3] for place in places]
    return [
        Contender(str(i), f"{show}/{episode}", str(show), speaker, 0.9 - i / 100, eligible=True)
        for i, (show, episode, speaker) in enumerate(parts)
    ]


def choose(field: list[Contender], **ranking: Any) -> Choice:
    return pick(field, np.eye(len(field)), RankingConfig(**ranking))


@pytest.mark.parametrize(
    ("places", "chosen"),
    [
        # Enough shows: the caps hold, and what is passed over is the third of a show and the second of an episode.
        ("a/1 a/2 a/3 b/1 b/1 c/1 d/1 e/1", {0: 0, 1: 0, 3: 0, 5: 0, 6: 0}),
        # Too few shows: the caps give way by one, and no further than that is needed.
        ("a/1 a/2 a/3 b/1 b/2", {0: 0, 1: 0, 2: 1, 3: 0, 4: 0}),
        ("a/1 a/1 a/1 b/1 b/1 b/1", {0: 0, 1: 1, 2: 2, 3: 0, 4: 1}),
        # All of one show, all of one episode: never more than two above the cap.
        ("a/1 a/2 a/3 a/4 a/5 a/6", {0: 0, 1: 0, 2: 1, 3: 2}),
        ("a/1 a/1 a/1 a/1 a/1 a/1", {0: 0, 1: 1, 2: 2}),
        # One person on tour through three shows makes way for others, who are enough; the unknown are not one person.
        ("a/1/Ann b/1/Ann c/1/Ann d/1 e/1 f/1 g/1", {0: 0, 3: 0, 4: 0, 5: 0, 6: 0}),
        # Nobody else is there: the person speaks as often as their shows allow.
        ("a/1/Ann b/1/Ann c/1/Ann d/1/Ann e/1/Ann", {0: 0, 1: 1, 2: 2, 3: 2, 4: 2}),
        ("a/1", {0: 0}),
        ("", {}),
    ],
)
def test_caps_hold_and_give_way_in_steps(places: str, chosen: dict[int, int]) -> None:
    assert choose(contenders(*places.split())).chosen == chosen


def test_caps_and_the_number_of_picks_are_the_reader_s() -> None:
    field = contenders("a/1", "a/1", "a/1", "b/1", "c/1")
    assert sorted(choose(field, top=3, per_show=3, per_episode=3).chosen) == [0, 1, 2]
    assert sorted(choose(field, top=2).chosen) == [0, 3]


def test_what_is_not_eligible_fills_no_place() -> None:
    field = [*contenders("a/1"), Contender("weak", "b/1", "b", None, 0.89, eligible=False)]
    found = choose(field)
    assert found.chosen == {0: 0}
    assert 1 not in found.passed_over


def test_of_two_that_are_near_the_better_leaves_room_for_another_topic() -> None:
    """Five ideas of a day about one and the same thing."""
    field = contenders("a/1", "b/1", "c/1")
    alike = np.eye(3)
    alike[0, 1] = alike[1, 0] = 0.9
    assert sorted(pick(field, alike, RankingConfig(top=2)).chosen) == [0, 2]
    assert pick(field, alike, RankingConfig(top=2)).passed_over == {1: ("too near to a better one", 0)}


def test_a_far_better_one_is_shown_though_it_is_near() -> None:
    field = [Contender(str(i), str(i), str(i), None, score, eligible=True) for i, score in enumerate((0.95, 0.9, 0.65))]
    alike = np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]])
    assert sorted(pick(field, alike, RankingConfig(top=2)).chosen) == [0, 1]


def test_what_is_passed_over_names_what_it_gave_way_to() -> None:
    field = contenders("a/1", "a/1", "a/2", "a/3", "b/1/Ann", "c/1/Ann", "d/1", "e/1", "f/1")
    assert choose(field).passed_over == {
        1: ("the day has enough of its episode", 0),
        3: ("the day has enough of its show", 0),
        5: ("the day has enough by its speaker", 4),
        8: ("others were better", 7),
    }


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 4)), max_size=12), st.randoms())
def test_how_many_are_shown_does_not_depend_on_their_order(rows: list[tuple[int, int, int]], order: random.Random) -> None:
    """A duplicate that lifts an insight by a place would win the day another one."""
    counts = set()
    for _ in range(4):
        order.shuffle(rows)
        field = contenders(*(f"{show}/{episode}/{speaker or ''}" for show, episode, speaker in rows))
        counts.add(len(choose(field).chosen))
    assert len(counts) == 1


# --- Who says the same ------------------------------------------------------------------------------------------------


def same(count: int, *pairs: tuple[int, int]) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    matrix = np.eye(count)
    for one, other in pairs:
        matrix[one, other] = matrix[other, one] = 0.9
    return matrix


def groups(
    matrix: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    support: list[float] | None = None,
    worthy: list[bool] | None = None,
) -> list[tuple[list[int], int]]:
    count = len(matrix)
    found = clusters(range(count), matrix, 0.8, support or [0.0] * count, worthy or [True] * count)
    return [(group.members, group.shown) for group in found]


def test_what_says_the_same_is_one_group_and_its_best_is_shown() -> None:
    assert groups(same(4, (0, 2), (0, 3))) == [([0, 2, 3], 0), ([1], 1)]


def test_the_best_supported_of_a_group_is_shown() -> None:
    assert groups(same(3, (0, 1), (0, 2)), [0.67, 1.0, 1.0]) == [([0, 1, 2], 1)]


def test_what_may_not_be_shown_stands_for_no_group_that_has_another() -> None:
    assert groups(same(2, (0, 1)), [0.3, 1.0], [True, False]) == [([0, 1], 0)]
    assert groups(same(2, (0, 1)), [0.3, 1.0], [False, False]) == [([0, 1], 0)]


def test_two_that_are_alike_only_by_a_third_are_kept_apart() -> None:
    """A chain of small steps would take one idea for another."""
    assert groups(same(3, (0, 1), (1, 2))) == [([0, 1], 0), ([2], 2)]


def test_a_twin_of_any_insight_opens_no_group() -> None:
    pairs = [(0, 1), (1, 2), (3, 4)]
    for original in range(5):
        twin = 5
        known = [(twin, other) for one, other in [*pairs, *(pair[::-1] for pair in pairs)] if one == original]
        assert len(groups(same(6, *pairs, (twin, original), *known))) == len(groups(same(5, *pairs)))


def test_no_two_groups_are_led_by_what_says_the_same() -> None:
    order = random.Random(7)
    for _ in range(50):
        pairs = [pair for pair in itertools.combinations(range(8), 2) if order.random() < 0.3]
        matrix = same(8, *pairs)
        leaders = [members[0] for members, _ in groups(matrix)]
        assert not any(matrix[one, other] >= 0.8 for one, other in itertools.combinations(leaders, 2))
