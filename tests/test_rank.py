"""The ranking of a day: the order, nothing said twice, the reader's interests, the reasons, and odd days."""

import math
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.config import WeightsConfig
from podcast_assets.ranking.assess import SHORTLIST
from tests.fields import DAY, Row, candidate, days_before, episode, graded, picks, ranked, row_of, words

# --- The order --------------------------------------------------------------------------------------------------------


def test_the_best_come_first_and_five_of_them_are_picked() -> None:
    result = ranked([candidate(f"i{n}", quality=n / 10) for n in range(1, 10)])
    assert result["insight_id"].to_list() == [f"i{n}" for n in range(9, 0, -1)]
    assert picks(result) == ["i9", "i8", "i7", "i6", "i5"]
    assert result["competed_day"].unique().to_list() == [DAY]
    assert result["novelty"].unique().to_list() == [1.0], "without an archive everything is new"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_fewer_candidates_give_fewer_picks(count: int) -> None:
    result = ranked([candidate(f"i{n}") for n in range(count)])
    assert len(result) == len(picks(result)) == count


def test_ties_are_broken_by_identity() -> None:
    assert ranked([candidate(name) for name in "cadbe"])["insight_id"].to_list() == list("abcde")


def test_what_is_worth_little_is_not_shown_however_few_there_are() -> None:
    """An honest "only 1 today" turns into five that waste the reader's time."""
    result = ranked([candidate("good"), *(candidate(f"weak{n}", quality=0.2, specificity=0.1) for n in range(6))])
    assert picks(result) == ["good"]
    assert len(result) == 7


def test_relaxed_caps_are_told_in_the_reasons() -> None:
    rows = [candidate(f"i{n}", episode="one", quality=0.9 - n / 100) for n in range(5)]
    result = ranked(rows)
    assert picks(result) == ["i0", "i1", "i2"]
    assert ["usual caps" in reason for reason in result["why"]] == [False, True, True, False, False]
    assert result["outcome"].to_list() == ["picked"] * 3 + ["the day has enough of its episode"] * 2
    assert result["lost_to"].to_list() == [None] * 3 + ["i0"] * 2


def test_the_reasons_name_what_sets_an_insight_apart() -> None:
    """Every insight of every day is "not heard before"."""
    rows = [
        candidate("dense", specificity=1.0),
        candidate("clear", quality=0.95, specificity=0.2),
        candidate("usual1", topic="k"), candidate("usual2", topic="l"), candidate("usual3", topic="m"),
        candidate("known", topic="old"),
        candidate("twice", topic="news"), candidate("again", topic="news", quality=0.5),
    ]  # fmt: skip
    result = ranked(rows, past=[candidate("p", day=days_before(40), topic="old")])
    reasons = {row["insight_id"]: row["why"] for row in result.iter_rows(named=True)}
    assert reasons["dense"] == "the most concrete of the day"
    assert reasons["clear"] == "the strongest passage of the day"
    assert reasons["usual1"] in {"solid, and nothing stands out", "nothing that sets it apart"}
    assert reasons["twice"] == "also on 1 other show"
    assert reasons["again"] == f"says the same as: {words('news', 5)}"
    assert not any("archive" in reason or "newest" in reason for reason in reasons.values())


def test_what_an_insight_lost_against_is_named() -> None:
    rows = [candidate(f"i{n}", quality=0.9 - n / 50) for n in range(7)]
    rows += [candidate("weak", quality=0.1, specificity=0.0), candidate("twin", topic="i1", quality=0.3)]
    result = ranked(rows, past=[candidate("p", day=days_before(30), topic="i6")])
    assert [row_of(result, name)["outcome"] for name in ("i0", "i5", "weak", "twin")] == [
        "picked", "others were better", "below the floor", "said better by another",
    ]  # fmt: skip
    assert [row_of(result, name)["lost_to"] for name in ("i0", "i5", "weak", "twin")] == [None, "i4", None, "i1"]
    assert row_of(result, "i6")["nearest_id"] == "p"


# --- Nothing twice ----------------------------------------------------------------------------------------------------


def test_of_two_that_say_the_same_the_better_is_picked_and_the_other_names_it() -> None:
    result = ranked([candidate("a", topic="x", quality=0.7), candidate("b", topic="x", quality=0.9), candidate("c")])
    assert picks(result) == ["b", "c"]
    assert row_of(result, "a")["duplicate_of"] == "b"
    assert row_of(result, "a")["why"] == f"says the same as: {words('x', 5)}"
    assert row_of(result, "b")["also_on"] == 1
    assert row_of(result, "b")["duplicate_of"] is None


def test_what_was_published_is_not_shown_again() -> None:
    shown = {"day": days_before(3), "rank": 1, "insight_id": "old", "claim": words("x", 5), "body": words("x")}
    result = ranked([candidate("again", topic="x"), candidate("new")], published=[shown])
    assert picks(result) == ["new"]
    assert row_of(result, "again")["duplicate_of"] == "old"


def test_two_repeats_of_what_was_published_both_name_it() -> None:
    shown = {"day": days_before(3), "rank": 1, "insight_id": "old", "claim": words("x", 5), "body": words("x")}
    result = ranked([candidate("a", topic="x"), candidate("b", topic="x")], published=[shown])
    assert result["duplicate_of"].to_list() == ["old", "old"]
    assert picks(result) == []


def test_novelty_falls_with_what_the_archive_holds() -> None:
    some = f"{words('x', 4)} {words('y', 26)}"
    past = [candidate("p", day=days_before(50), topic="x")]
    rows = [candidate("same", topic="x"), candidate("some", claim="", body=some), candidate("new")]
    result = ranked(rows, past=past)
    novelty = {name: row_of(result, name)["novelty"] for name in ("same", "some", "new")}
    assert novelty["same"] < 0.05
    assert novelty["same"] < novelty["some"] < novelty["new"]
    assert novelty["new"] > 0.95
    assert result["insight_id"].to_list() == ["new", "some", "same"]


TOPICS = st.sampled_from("uvwxyz")
PARTS = st.floats(0, 1).map(lambda value: round(value, 6))


@st.composite
def fields(draw: st.DrawFn) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """Candidates with the episodes of three shows, an archive, and what was published; some say the same."""
    count = draw(st.integers(1, 9))
    rows = [
        candidate(
            f"i{n}", claim="", body=f"{words(draw(TOPICS), 15)} {words(draw(TOPICS), 10)}",
            episode=f"e{draw(st.integers(0, 5))}", quality=draw(PARTS), specificity=draw(PARTS),
        )
        for n in range(count)
    ]  # fmt: skip
    episodes = [episode(f"e{n}", "abc"[n % 3]) for n in range(6)]
    past = [candidate(f"p{n}", day=days_before(10 * n + 1), topic=draw(TOPICS)) for n in range(draw(st.integers(0, 3)))]
    published = [
        {"day": days_before(n + 1), "rank": 1, "insight_id": f"q{n}", "claim": words(topic, 5), "body": words(topic)}
        for n, topic in enumerate(draw(st.lists(TOPICS, max_size=1)))
    ]
    return rows, episodes, past, published


@settings(max_examples=15, deadline=None)
@given(fields(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(field: tuple[list[Row], ...], order: random.Random) -> None:
    """The five depend on which feed answered first."""
    straight = ranked(*field, interests=["uovaa uovab", "-vovaa"])
    for rows in field:
        order.shuffle(rows)
    assert ranked(*field, interests=["uovaa uovab", "-vovaa"]).equals(straight)


@settings(max_examples=15, deadline=None)
@given(fields(), st.data())
def test_what_gets_better_never_falls(field: tuple[list[Row], ...], data: st.DataObject) -> None:
    rows = field[0]
    chosen = data.draw(st.sampled_from(rows))
    before = row_of(ranked(*field), chosen["insight_id"])["position"]
    part = data.draw(st.sampled_from(["quality", "specificity"]))
    chosen[part] = data.draw(st.floats(chosen[part], 1))
    assert row_of(ranked(*field), chosen["insight_id"])["position"] <= before


@settings(max_examples=15, deadline=None)
@given(fields(), st.data())
def test_saying_it_once_more_wins_no_place(field: tuple[list[Row], ...], data: st.DataObject) -> None:
    """A show that repeats itself, or an episode that is published twice, gets a second place among the five."""
    rows = field[0]
    before = ranked(*field)
    said = data.draw(st.sampled_from(rows))
    twin = {**said, "insight_id": "z", "episode_id": "e-twin", "quality": data.draw(st.floats(0, said["quality"]))}
    rows.append(twin)
    field[1].append(episode("e-twin", "d"))
    after = ranked(*field)
    assert len(picks(after)) == len(picks(before))
    texts = {row["insight_id"]: row["body"] for row in rows}
    shown = [texts[name] for name in picks(after)]
    assert len(set(shown)) == len(shown)
    assert row_of(after, "z")["duplicate_of"] is not None
    own = ["insight_id", "quality", "specificity", "novelty", "novelty_published", "interest", "worth"]
    others = after.filter(pl.col("insight_id") != "z").select(own).sort("insight_id")
    assert others.equals(before.select(own).sort("insight_id")), "what is not about other shows stays"


def test_no_two_picks_say_the_same() -> None:
    rows = [candidate(f"i{n}", topic="uvwxyz"[n % 6], quality=0.9 - n / 100) for n in range(24)]
    result = ranked(rows)
    topics = {row["insight_id"]: row["body"] for row in rows}
    assert len({topics[name] for name in picks(result)}) == 5
    assert result["duplicate_of"].count() == 18


# --- Interests and weights --------------------------------------------------------------------------------------------


def test_interests_raise_what_speaks_of_them_and_lower_what_speaks_of_the_unwanted() -> None:
    rows = [candidate(name) for name in ("grain", "neutral", "coins")]
    result = ranked(rows, interests=["grainovaa grainovab", "-coinsovaa"])
    assert result["insight_id"].to_list() == ["grain", "neutral", "coins"]
    assert result["interest"].to_list() == [1.0, 0.5, 0.0]
    assert "close to your interest in grainovaa grainovab" in result["why"][0]
    assert "interests" not in result["why"][1]


def test_a_part_of_an_interest_counts_in_part_and_the_nearest_interest_counts() -> None:
    result = ranked([candidate("x")], interests=["xovaa unheardof", "nothing here"])
    assert 0.5 < result["interest"][0] < 1
    assert ranked([candidate("x")], interests=["xovaa unheardof", "xovac"])["interest"][0] == 1.0


def test_wanted_and_unwanted_at_once_is_neutral_and_words_without_sense_are_too() -> None:
    assert ranked([candidate("x")], interests=["xovaa", "-xovab"])["interest"][0] == 0.5
    assert ranked([candidate("x")], interests=["the", "- and"])["interest"][0] == 0.5


def test_an_interest_that_nobody_named_does_not_count() -> None:
    rows = [candidate("a", quality=0.6, specificity=0.4)]
    without, heavy = ranked(rows), ranked(rows, weights=WeightsConfig(interest=99))
    assert without["interest"].to_list() == [None]
    assert without["score"].to_list() == heavy["score"].to_list() == [round(0.55 * 0.6 + 0.15 * 0.4 + 0.3, 6)]


def test_a_weight_of_zero_takes_a_component_out() -> None:
    rows = [candidate("clear", quality=1.0, specificity=0.0), candidate("dense", quality=0.0, specificity=1.0)]
    result = ranked(rows, weights=WeightsConfig(quality=0, specificity=1, novelty=0))
    assert result["insight_id"].to_list() == ["dense", "clear"]
    assert result["score"].to_list() == [1.0, 0.0]


def test_where_no_weight_applies_the_scores_are_zero_and_not_nothing() -> None:
    result = ranked([candidate("b"), candidate("a")], weights=WeightsConfig(quality=0, specificity=0, novelty=0))
    assert result["score"].to_list() == [0.0, 0.0]
    assert result["insight_id"].to_list() == ["a", "b"]
    assert picks(result) == []


# --- What other shows say, what was shown, what came late -------------------------------------------------------------


def test_what_several_shows_reach_at_once_rises() -> None:
    """An idea whose time has come is punished for being said often."""
    past = [candidate("p1", topic="x", day=days_before(3)), candidate("p2", topic="x", day=days_before(1))]
    result = ranked([candidate("spread", topic="x"), candidate("alone")], past=past)
    spread, alone = row_of(result, "spread"), row_of(result, "alone")
    assert (spread["also_on"], spread["corroboration"], spread["novelty"]) == (2, 0.666667, 1.0)
    assert (alone["also_on"], alone["corroboration"]) == (0, 0.0)
    assert spread["score"] > alone["score"]


def test_a_show_that_repeats_itself_corroborates_nothing_and_is_not_new() -> None:
    episodes = [episode(name, "one") for name in ("e-again", "e-p")]
    result = ranked([candidate("again", topic="x")], episodes, past=[candidate("p", topic="x", day=days_before(3))])
    assert (result["also_on"][0], result["novelty"][0] < 0.2) == (0, True)


def test_what_others_said_long_ago_is_known_and_no_corroboration() -> None:
    result = ranked([candidate("again", topic="x")], past=[candidate("p", topic="x", day=days_before(15))])
    assert (result["also_on"][0], result["novelty"][0] < 0.2, result["nearest_id"][0]) == (0, True, "p")


def test_a_repeat_of_what_was_published_falls_however_many_shows_say_it() -> None:
    shown = {"day": days_before(5), "rank": 1, "insight_id": "old", "claim": words("x", 5), "body": words("x")}
    rows = [candidate("a", topic="x"), candidate("b", topic="x"), candidate("new")]
    result = ranked(rows, published=[shown])
    assert result["insight_id"][0] == "new"
    assert row_of(result, "a")["novelty_published"] < 0.2
    assert row_of(result, "a")["published_id"] == "old"
    assert row_of(result, "new")["novelty_published"] > 0.8


def test_where_nothing_was_published_there_is_nothing_to_be_new_against() -> None:
    assert ranked([candidate("a")])["novelty_published"].to_list() == [None]


def test_the_best_supported_of_those_that_say_the_same_is_shown() -> None:
    rows = [graded("a", novelty=3, support=2, topic="x"), graded("b", novelty=2, support=3, topic="x")]
    result = ranked(rows)
    assert picks(result) == ["b"]
    assert row_of(result, "a")["duplicate_of"] == "b"


def test_the_show_s_own_choice_is_a_small_bonus_that_can_be_switched_off() -> None:
    said = "the cheapest battery is the one that you never have to build because the kettle waits for noon"
    rows = [candidate("a", quote=said, quote_start_s=900.0, quote_end_s=915.0), candidate("b"), candidate("c")]
    teaser = [{"day": DAY, "episode_id": "e-a", "seq": 0, "start_s": 5.0, "text": said}]
    result = ranked(rows, segments=teaser)
    assert result["editors_choice"].to_list() == [1.0, None, None]
    assert result["why"][0] == "the show's own teaser has it"
    off = ranked(rows, segments=teaser, weights=WeightsConfig(editors_choice=0))
    assert off["editors_choice"].to_list() == [None] * 3


# --- Odd days ---------------------------------------------------------------------------------------------------------


def test_a_day_of_duplicates_shows_one() -> None:
    assert picks(ranked([candidate(f"i{n}", topic="x") for n in range(9)])) == ["i0"]


def test_a_day_below_the_floor_shows_nothing_and_says_so() -> None:
    result = ranked([candidate(f"i{n}", quality=0.1, specificity=0.0) for n in range(6)])
    assert picks(result) == []
    assert set(result["outcome"]) == {"below the floor"}


def test_a_day_of_one_show_shows_what_its_caps_allow_at_the_most() -> None:
    episodes = [episode(f"e-i{n}", "only") for n in range(8)]
    assert len(picks(ranked([candidate(f"i{n}") for n in range(8)], episodes))) == 4


@pytest.mark.parametrize("broken", [math.nan, None, math.inf])
def test_what_has_no_quality_is_ranked_by_the_rest(broken: float | None) -> None:
    result = ranked([candidate("a", quality=broken, specificity=broken), candidate("b")])
    assert len(result) == 2
    assert result["score"].is_finite().all()


def test_an_insight_whose_episode_nobody_knows_is_ranked_too() -> None:
    result = ranked([candidate("a", speaker=None), candidate("b")], episodes=[episode("e-b", "b")])
    assert sorted(result["insight_id"]) == ["a", "b"]
    assert picks(result) == ["b"], "a place would stay empty that nobody could fill"
    assert row_of(result, "a")["outcome"] == "of an unknown episode"


def test_twenty_thousand_insights_of_a_day_are_ranked_and_the_shortlist_is_held_against_the_archive() -> None:
    order = random.Random(3)
    rows = [candidate(f"i{n}", quality=round(order.random(), 6), episode=f"e{n % 300}") for n in range(20_000)]
    result = ranked(rows, [episode(f"e{n}", f"s{n % 100}") for n in range(300)])
    assert len(result) == 20_000
    assert len(picks(result)) == 5
    assert result["novelty"].count() == SHORTLIST
    assert set(result["outcome"].tail(20_000 - SHORTLIST)) == {"not compared"}


@pytest.mark.parametrize("text", ["", "the and of", "…", "橋", "🙂 🙂"])
def test_texts_that_hold_nothing_to_compare_are_ranked_all_the_same(text: str) -> None:
    rows = [candidate(name, claim=text, body=text, quote=text) for name in ("a", "b")]
    result = ranked(rows, past=[candidate("p", claim=text, body=text, quote=text, day=days_before(1))], interests=["x"])
    assert len(result) == 2
