"""The score of an insight: its components, the weights, what each adds; the reader's weights as the file has them."""

import datetime as dt
import math
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.config import MEAN, RankingConfig, WeightsConfig
from podcast_assets.errors import ConfigError
from podcast_assets.ranking.score import own_components, with_score
from podcast_assets.ranking.weights import with_weights
from podcast_assets.schemas import COMPONENTS
from tests.fields import DAY, candidate, days_before, frame, graded

PARTS = st.none() | st.floats(0, 1).map(lambda value: round(value, 6))


def components(**values: float | None) -> pl.DataFrame:
    return pl.DataFrame([dict.fromkeys(COMPONENTS) | values], schema=dict.fromkeys(COMPONENTS, pl.Float64))


def score(weights: WeightsConfig | None = None, /, **values: Any) -> dict[str, Any]:
    return with_score(components(**values), weights or WeightsConfig()).row(0, named=True)


def own(**values: Any) -> dict[str, Any]:
    return own_components(frame("insight_candidates", [candidate("a", **values)]), DAY).row(0, named=True)


def test_every_component_has_a_weight_and_every_weight_a_component() -> None:
    """A weight in the file would change nothing."""
    assert set(WeightsConfig.model_fields) == set(COMPONENTS)
    assert set(MEAN) < set(COMPONENTS)


def test_the_score_is_the_weighted_mean_of_what_applies() -> None:
    found = score(quality=0.8, specificity=0.4, novelty=1.0)
    assert found["score"] == round((0.55 * 0.8 + 0.15 * 0.4 + 0.30 * 1.0) / 1.0, 6)
    assert found["worth"] == found["score"]
    assert found["gains"]["quality"] == 0.44
    assert found["gains"]["interest"] is None


def test_what_others_say_and_what_editors_chose_adds() -> None:
    plain, backed = score(quality=0.5), score(quality=0.5, corroboration=0.5, editors_choice=1.0)
    assert backed["score"] == round(plain["score"] + 0.05 + 0.03, 6)
    assert backed["worth"] == plain["worth"], "saying it once more lifts nothing over the floor"


def test_comparison_adds_or_takes_around_a_half() -> None:
    assert [round(score(quality=0.5, comparison=value)["score"], 6) for value in (0.0, 0.5, 1.0)] == [0.4, 0.5, 0.6]


def test_a_repeat_and_a_late_arrival_lose() -> None:
    assert score(quality=0.9, novelty_published=0.0)["score"] == round(0.9 - 0.3, 6)
    assert score(quality=0.9, novelty_published=1.0)["score"] == 0.9
    late = score(quality=0.9, freshness=0.5)
    assert late["score"] == late["worth"] == 0.85


def test_where_nothing_applies_the_score_is_zero_and_not_nothing() -> None:
    assert score()["score"] == 0.0
    only = WeightsConfig(**dict.fromkeys(COMPONENTS, 0) | {"support": 1})
    assert score(only, quality=0.9, novelty=0.3)["score"] == 0.0


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(COMPONENTS, PARTS)))
def test_what_the_components_add_is_the_score(values: dict[str, float | None]) -> None:
    """The SQL that explains a place explains another one."""
    found = score(**values)
    assert math.isfinite(found["score"])
    assert sum(gain or 0.0 for gain in found["gains"].values()) == pytest.approx(found["score"], abs=1e-5)
    assert {name for name, gain in found["gains"].items() if gain is None} == {
        name for name, value in values.items() if value is None
    }


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(COMPONENTS, PARTS)), st.sampled_from(COMPONENTS), st.floats(0, 1))
def test_a_component_that_rises_never_lowers_the_score(values: dict[str, float | None], name: str, more: float) -> None:
    if (before := values[name]) is None:
        return
    raised = score(**values | {name: max(before, more)})
    assert raised["score"] >= score(**values)["score"]


# --- What an insight has by itself ------------------------------------------------------------------------------------


def test_grades_are_components_of_their_own_and_stand_in_for_the_extractive_score() -> None:
    found = own_components(frame("insight_candidates", [graded("a", 3, 2, 1, 0)]), DAY).row(0, named=True)
    parts = [found[name] for name in ("quality", "originality", "specificity", "support", "use")]
    assert parts == [None, 1.0, 0.666667, 0.333333, 0.0]


def test_without_grades_the_extractive_score_counts_and_what_nobody_graded_is_null() -> None:
    found = own(quality=0.7, specificity=0.2)
    assert [found[name] for name in ("quality", "specificity", "originality", "support", "use")] == [
        0.7,
        0.2,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(("value", "component"), [(float("nan"), 0.0), (None, 0.0), (1.7, 1.0), (-3.0, 0.0)])
def test_what_is_no_share_becomes_the_nearest_one(value: float | None, component: float) -> None:
    """One broken row makes every score of its day NaN."""
    assert own(quality=value)["quality"] == component


@pytest.mark.parametrize(("late_by", "freshness"), [(0, None), (7, 0.5), (14, 0.25), (1, round(0.5 ** (1 / 7), 6))])
def test_freshness_halves_every_week_and_does_not_apply_to_what_is_in_time(late_by: int, freshness: float | None) -> None:
    assert own(day=days_before(late_by))["freshness"] == freshness


# --- Other weights ----------------------------------------------------------------------------------------------------


def test_weights_of_a_run_replace_those_that_are_named() -> None:
    ranking = with_weights(RankingConfig(top=3), {"novelty": 0.9})
    assert (ranking.top, ranking.weights.novelty, ranking.weights.quality) == (3, 0.9, 0.55)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"qualty": 1.0}, "no component is called 'qualty'; did you mean 'quality'?"),
        ({"zzz": 1.0}, "no component is called 'zzz'; there are: quality, "),
        ({"novelty": -1.0}, "novelty: Input should be greater than or equal to 0"),
        ({"novelty": float("nan")}, "novelty: Input should be a finite number"),
        (dict.fromkeys(MEAN, 0.0), "expected a weight above 0 for at least one of quality"),
    ],
)
def test_weights_that_make_no_sense_are_refused_with_what_would(weights: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        with_weights(RankingConfig(), weights)
    assert message in str(caught.value)


def test_days_of_the_future_are_not_late() -> None:
    assert own(day=DAY + dt.timedelta(days=3))["freshness"] is None
