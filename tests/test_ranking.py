"""The ranking: the order of a day's insights, the few that are shown, the past they are held against, and the seals."""

import datetime as dt
import random
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podcast_assets.config import RankingConfig, WeightsConfig
from podcast_assets.dagster_common import RESEAL_TAG
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.project import Project
from podcast_assets.ranking import score
from podcast_assets.ranking.assets import _preview, build_assets
from podcast_assets.ranking.history import field_of, seal_before
from podcast_assets.ranking.pick import FLOOR, Contender, pick
from podcast_assets.ranking.rank import project_picks, rank
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake

DAY = dt.date(2026, 3, 6)
FLOATS = ["score", "quality", "specificity", "novelty", "interest"]
Row = dict[str, Any]


def days_before(count: int) -> dt.date:
    return DAY - dt.timedelta(days=count)


def frame(table: str, rows: Iterable[Row]) -> pl.DataFrame:
    return pl.DataFrame([{**dict.fromkeys(SCHEMAS[table]), **row} for row in rows], schema=SCHEMAS[table])


def words(topic: str, count: int = 30) -> str:
    """What is said about a topic: no two topics share a word."""
    return " ".join(f"{topic}{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(count))


def candidate(name: str, **values: Any) -> Row:
    """An accepted insight of the episode ``values['episode']`` (by default one of its own), about a topic of its own."""
    topic = values.pop("topic", name)
    return {
        "day": DAY,
        "insight_id": name,
        "episode_id": values.pop("episode", f"episode-{name}"),
        "claim": words(topic, 5),
        "body": words(topic),
        "quote": words(topic),
        "quote_start_s": 61.7,
        "quality": 0.8,
        "specificity": 0.5,
        "status": "accepted",
        **values,
    }


def episode(name: str, show: str, **values: Any) -> Row:
    return {"day": DAY, "episode_id": name, "feed_id": f"feed-{show}", "show": show, "title": f"Title of {name}", **values}


def ranked(
    candidates: Sequence[Row],
    episodes: Sequence[Row] | None = None,
    past: Sequence[Row] = (),
    published: Sequence[Row] = (),
    **ranking: Any,
) -> pl.DataFrame:
    """The ranking of the day; without ``episodes`` each episode is of a show of its own."""
    if episodes is None:
        episodes = [episode(name, f"of {name}") for name in sorted({row["episode_id"] for row in candidates})]
    result = rank(
        DAY,
        frame("insight_candidates", candidates),
        frame("episodes", episodes),
        frame("insight_candidates", past),
        frame("daily_top5", published),
        RankingConfig(**ranking),
    )
    assert result.schema == SCHEMAS["ranked_insights"]
    assert result["position"].to_list() == list(range(1, len(result) + 1))
    assert not any(result[name].is_nan().any() for name in FLOATS)
    for name in FLOATS:
        assert result[name].drop_nulls().is_between(0, 1).all()
    return result


def picks(result: pl.DataFrame) -> list[str]:
    """The picks, by rank."""
    chosen = result.filter(pl.col("picked_rank").is_not_null()).sort("picked_rank")
    assert chosen["picked_rank"].to_list() == list(range(1, len(chosen) + 1))
    return [str(identity) for identity in chosen["insight_id"]]


def row_of(result: pl.DataFrame, identity: str) -> Row:
    return result.row(by_predicate=pl.col("insight_id") == identity, named=True)


# --- The choice -------------------------------------------------------------------------------------------------------


def contenders(*places: str) -> list[Contender]:
    """Contenders, best first, each given as ``show/episode``."""
    return [Contender(f"{i}", f"{place}", place.split("/")[0], 0.9 - i / 100, None) for i, place in enumerate(places)]


@pytest.mark.parametrize(
    ("places", "chosen"),
    [
        # Enough shows: the caps hold, and what is passed over is the third of a show and the second of an episode.
        ("a/1 a/2 a/3 b/1 b/1 c/1 d/1 e/1", {"0": 0, "1": 0, "3": 0, "5": 0, "6": 0}),
        # Too few shows: the caps give way by one, and no further than that is needed.
        ("a/1 a/2 a/3 b/1 b/2", {"0": 0, "1": 0, "2": 1, "3": 0, "4": 0}),
        ("a/1 a/1 a/1 b/1 b/1 b/1", {"0": 0, "1": 1, "2": 2, "3": 0, "4": 1}),
        # All of one show, all of one episode: never more than two above the cap.
        ("a/1 a/2 a/3 a/4 a/5 a/6", {"0": 0, "1": 0, "2": 1, "3": 2}),
        ("a/1 a/1 a/1 a/1 a/1 a/1", {"0": 0, "1": 1, "2": 2}),
        ("a/1", {"0": 0}),
        ("", {}),
    ],
)
def test_caps_hold_and_give_way_in_steps(places: str, chosen: dict[str, int]) -> None:
    found = pick(contenders(*places.split()), RankingConfig())
    assert {choice.insight_id: choice.relaxed for choice in found} == chosen
    assert [choice.insight_id for choice in found] == sorted(chosen), "the picks keep the order of the ranking"


def test_caps_and_the_number_of_picks_are_the_reader_s() -> None:
    field = contenders("a/1", "a/1", "a/1", "b/1", "c/1")
    assert [choice.insight_id for choice in pick(field, RankingConfig(top=3, per_show=3, per_episode=3))] == ["0", "1", "2"]
    assert [choice.insight_id for choice in pick(field, RankingConfig(top=2))] == ["0", "3"]


def test_nothing_under_the_floor_and_nothing_said_twice_is_chosen_to_fill_a_place() -> None:
    field = [
        Contender("good", "1", "a", FLOOR, None),
        Contender("again", "2", "b", 0.9, "good"),
        Contender("weak", "3", "c", FLOOR - 0.001, None),
    ]
    assert [choice.insight_id for choice in pick(field, RankingConfig())] == ["good"]


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
    reasons = result["why"].to_list()
    assert "caps relaxed" not in reasons[0]
    assert "few other shows had as much to say (caps relaxed by 1)" in reasons[1]
    assert "(caps relaxed by 2)" in reasons[2]
    assert "caps relaxed" not in reasons[3]


def test_the_reasons_name_what_the_place_rests_on() -> None:
    result = ranked(
        [
            candidate("all", specificity=0.9, quality=0.95),
            candidate("clear", specificity=0.2, quality=0.9, topic="old"),
            candidate("little", specificity=0.1, quality=0.3, topic="elder"),
        ],
        past=[candidate("p1", day=days_before(1), topic="old"), candidate("p2", day=days_before(1), topic="elder")],
    )
    assert row_of(result, "all")["why"] == "not heard before, clearly put, concrete (numbers, names)"
    assert row_of(result, "clear")["why"] == "clearly put"
    assert row_of(result, "little")["why"] == "the best of a quiet day"


# --- Nothing twice ----------------------------------------------------------------------------------------------------


def test_of_two_that_say_the_same_the_better_is_picked_and_the_other_names_it() -> None:
    result = ranked([candidate("a", topic="x", quality=0.7), candidate("b", topic="x", quality=0.9), candidate("c")])
    assert picks(result) == ["b", "c"]
    assert row_of(result, "a")["duplicate_of"] == "b"
    assert row_of(result, "a")["why"] == "says the same as b"
    assert row_of(result, "b")["duplicate_of"] is None


def test_what_repeats_only_an_insight_that_is_not_shown_either_is_shown() -> None:
    both = f"{words('x', 20)} {words('y', 20)}"
    rows = [
        candidate("a", quality=0.9, claim="", quote=words("x", 20)),
        candidate("b", quality=0.8, claim="", quote=both),
        candidate("c", quality=0.7, claim="", quote=words("y", 20)),
    ]
    result = ranked(rows)
    assert result["duplicate_of"].to_list() == [None, "a", None]
    assert picks(result) == ["a", "c"]


def test_what_was_published_is_not_shown_again() -> None:
    shown = {"day": days_before(3), "rank": 1, "insight_id": "old", "claim": words("x", 5), "quote": words("x")}
    result = ranked([candidate("again", topic="x"), candidate("new")], published=[shown])
    assert picks(result) == ["new"]
    assert row_of(result, "again")["duplicate_of"] == "old"


def test_two_repeats_of_what_was_published_both_name_it() -> None:
    shown = {"day": days_before(3), "rank": 1, "insight_id": "old", "claim": words("x", 5), "quote": words("x")}
    result = ranked([candidate("a", topic="x"), candidate("b", topic="x")], published=[shown])
    assert result["duplicate_of"].to_list() == ["old", "old"]
    assert picks(result) == []


def test_novelty_falls_with_what_the_archive_holds() -> None:
    half = f"{words('x', 15)} {words('y', 15)}"
    past = [candidate("p", day=days_before(5), topic="x")]
    rows = [candidate("same", topic="x"), candidate("half", quote=half), candidate("new")]
    result = ranked(rows, past=past)
    novelty = {name: row_of(result, name)["novelty"] for name in ("same", "half", "new")}
    assert novelty["same"] == 0.0
    assert 0.3 < novelty["half"] < 0.9
    assert novelty["new"] == 1.0
    assert result["insight_id"].to_list() == ["new", "half", "same"]


TOPICS = st.sampled_from("uvwxyz")
PARTS = st.floats(0, 1).map(lambda value: round(value, 6))


@st.composite
def fields(draw: st.DrawFn) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """Candidates with the episodes of three shows, an archive, and what was published; some say the same."""
    count = draw(st.integers(1, 9))
    rows = [
        candidate(
            f"i{n}", claim="", quote=f"{words(draw(TOPICS), 15)} {words(draw(TOPICS), 10)}",
            episode=f"e{draw(st.integers(0, 5))}", quality=draw(PARTS), specificity=draw(PARTS),
        )
        for n in range(count)
    ]  # fmt: skip
    episodes = [episode(f"e{n}", "abc"[n % 3]) for n in range(6)]
    past = [candidate(f"p{n}", day=days_before(n + 1), topic=draw(TOPICS)) for n in range(draw(st.integers(0, 3)))]
    published = [
        {"day": days_before(n + 1), "rank": 1, "insight_id": f"q{n}", "claim": words(topic, 5), "quote": words(topic)}
        for n, topic in enumerate(draw(st.lists(TOPICS, max_size=1)))
    ]
    return rows, episodes, past, published


@settings(max_examples=25, deadline=None)
@given(fields(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(field: tuple[list[Row], ...], order: random.Random) -> None:
    """The five depend on which feed answered first."""
    straight = ranked(*field, interests=["uaa uab", "-vaa"])
    for rows in field:
        order.shuffle(rows)
    assert ranked(*field, interests=["uaa uab", "-vaa"]).equals(straight)


@settings(max_examples=25, deadline=None)
@given(fields(), st.data())
def test_what_gets_better_never_falls(field: tuple[list[Row], ...], data: st.DataObject) -> None:
    rows = field[0]
    chosen = data.draw(st.sampled_from(rows))
    before = row_of(ranked(*field), chosen["insight_id"])["position"]
    part = data.draw(st.sampled_from(["quality", "specificity"]))
    chosen[part] = data.draw(st.floats(chosen[part], 1))
    assert row_of(ranked(*field), chosen["insight_id"])["position"] <= before


@settings(max_examples=25, deadline=None)
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
    assert picks(after) == picks(before)
    assert row_of(after, "z")["duplicate_of"] is not None
    values = after.filter(pl.col("insight_id") != "z").select(*FLOATS, "duplicate_of")
    assert values.equals(before.select(*FLOATS, "duplicate_of")), "the others keep their scores"


def test_no_two_picks_say_the_same() -> None:
    rows = [candidate(f"i{n}", topic="uvwxyz"[n % 6], quality=0.9 - n / 100) for n in range(24)]
    result = ranked(rows)
    topics = {row["insight_id"]: row["quote"] for row in rows}
    assert len({topics[name] for name in picks(result)}) == 5
    assert result["duplicate_of"].count() == 18


# --- Interests and weights --------------------------------------------------------------------------------------------


def test_interests_raise_what_speaks_of_them_and_lower_what_speaks_of_the_unwanted() -> None:
    rows = [candidate(name) for name in ("grain", "neutral", "coins")]
    result = ranked(rows, interests=["grainaa grainab", "-coinsaa"])
    assert result["insight_id"].to_list() == ["grain", "neutral", "coins"]
    assert result["interest"].to_list() == [1.0, 0.5, 0.0]
    assert "close to your interests" in result["why"][0]
    assert "interests" not in result["why"][1]


def test_a_part_of_an_interest_counts_in_part_and_the_nearest_interest_counts() -> None:
    result = ranked([candidate("x")], interests=["xaa unheardof", "nothing here"])
    assert 0.5 < result["interest"][0] < 1
    assert ranked([candidate("x")], interests=["xaa unheardof", "xac"])["interest"][0] == 1.0


def test_wanted_and_unwanted_at_once_is_neutral_and_words_without_sense_are_too() -> None:
    assert ranked([candidate("x")], interests=["xaa", "-xab"])["interest"][0] == 0.5
    assert ranked([candidate("x")], interests=["the", "-"])["interest"][0] == 0.5


def test_an_interest_that_nobody_named_does_not_count() -> None:
    rows = [candidate("a", quality=0.6, specificity=0.4)]
    without, heavy = ranked(rows), ranked(rows, weights=WeightsConfig(interest=99))
    assert without["interest"].to_list() == [None]
    assert without["score"].to_list() == heavy["score"].to_list() == [round(0.55 * 0.6 + 0.15 * 0.4 + 0.3, 6)]


def test_a_weight_of_zero_takes_a_component_out() -> None:
    rows = [candidate("clear", quality=1.0, specificity=0.0), candidate("dense", quality=0.0, specificity=1.0)]
    only = {"quality": 0, "specificity": 1, "novelty": 0, "interest": 0}
    result = ranked(rows, weights=WeightsConfig(**only))
    assert result["insight_id"].to_list() == ["dense", "clear"]
    assert result["score"].to_list() == [1.0, 0.0]


def test_where_no_weight_applies_the_scores_are_zero_and_not_nothing() -> None:
    only = {"quality": 0, "specificity": 0, "novelty": 0, "interest": 1}
    result = ranked([candidate("b"), candidate("a")], weights=WeightsConfig(**only))
    assert result["score"].to_list() == [0.0, 0.0]
    assert result["insight_id"].to_list() == ["a", "b"]
    assert picks(result) == []


@pytest.mark.parametrize("text", ["", "the and of", "…", "橋", "🙂 🙂"])
def test_texts_that_hold_nothing_to_compare_are_ranked_all_the_same(text: str) -> None:
    rows = [candidate(name, claim=text, quote=text) for name in ("a", "b")]
    result = ranked(rows, past=[candidate("p", claim=text, quote=text, day=days_before(1))], interests=["x"])
    assert len(result) == 2


def test_similarities_do_not_depend_on_how_many_are_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive of years is compared in blocks; a wrong seam between two would go unseen."""
    texts = [words(topic * (1 + n % 2), 6 + n) for n, topic in enumerate("uvwxyzuvwxyz")]
    similarity = score.Similarity(texts)
    whole = similarity.closest(texts, texts[::-1]), similarity.alike(texts, 0.3)
    monkeypatch.setattr(score, "BLOCK", 30)
    assert (similarity.closest(texts, texts[::-1]), similarity.alike(texts, 0.3)) == whole
    assert whole[0][0] == (11, 1.0)
    assert similarity.closest(texts[:2], []) == [(-1, 0.0)] * 2


def test_three_thousand_insights_against_an_archive_take_seconds() -> None:
    """A reader of a thousand shows waits for minutes, or the machine runs out of memory."""
    order = random.Random(5)
    vocabulary = [f"{a}{b}{c}" for a in "bcdfghjkl" for b in "aeiou" for c in "mnprstvwz"]

    def rows(count: int, name: str, day: dt.date) -> list[Row]:
        said = [" ".join(order.choices(vocabulary, k=25)) for _ in range(count)]
        return [
            candidate(f"{name}{n}", day=day, claim="", quote=text, episode=f"e{n % 300}", quality=order.random())
            for n, text in enumerate(said)
        ]

    episodes = [episode(f"e{n}", f"s{n % 100}") for n in range(300)]
    field, past = rows(3000, "i", DAY), rows(3000, "p", days_before(1))
    start = time.process_time()
    result = ranked(field, episodes, past)
    assert time.process_time() - start < 40
    assert len(result) == 3000
    assert len(picks(result)) == 5


# --- The past: what competes, against what ----------------------------------------------------------------------------


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def write(lake: Lake, table: str, day: dt.date, *rows: Row) -> None:
    lake.write(table, frame(table, ({**row, "day": day} for row in rows)), day)


def write_day(lake: Lake, day: dt.date, *names: str, five: Sequence[str] | None = ()) -> None:
    """A day that was ranked: its insights, and which of them were shown (None: its five are not written yet)."""
    write(lake, "insight_candidates", day, *(candidate(name) for name in names))
    write(lake, "episodes", day, *(episode(f"episode-{name}", name) for name in names))
    write(lake, "ranked_insights", day, *({"insight_id": name} for name in names))
    if five is not None:
        write(lake, "daily_top5", day, *({"insight_id": name, "rank": n} for n, name in enumerate(five, 1)))


def add_late(lake: Lake, day: dt.date, *names: str) -> None:
    """Insights that a day gets after it was ranked."""
    old = lake.read("insight_candidates", day).to_dicts()
    write(lake, "insight_candidates", day, *old, *(candidate(name) for name in names))
    write(lake, "episodes", day, *lake.read("episodes", day).to_dicts(), *(episode(f"episode-{n}", n) for n in names))


def field(lake: Lake, day: dt.date, *names: str) -> Any:
    own = frame("insight_candidates", (candidate(name, day=day) for name in names))
    return field_of(lake, day, own, frame("episodes", (episode(f"episode-{name}", name, day=day) for name in names)))


def ids(rows: pl.DataFrame) -> list[str]:
    return sorted(str(identity) for identity in rows["insight_id"])


def test_only_days_before_its_own_are_read(lake: Lake) -> None:
    """A backfill of an old day is judged by what came after it."""
    write_day(lake, days_before(2), "old", five=["old"])
    write_day(lake, days_before(-2), "future", five=["future"])
    found = field(lake, DAY, "today")
    assert (ids(found.candidates), ids(found.past), ids(found.published)) == (["today"], ["old"], ["old"])


def test_rejected_insights_neither_compete_nor_make_the_past(lake: Lake) -> None:
    refused = {"status": "rejected", "reject_reason": "a question"}
    write(lake, "insight_candidates", days_before(1), candidate("p", **refused))
    own = frame("insight_candidates", [candidate("a"), candidate("b", **refused)])
    found = field_of(lake, DAY, own, frame("episodes", []))
    assert (ids(found.candidates), ids(found.past)) == (["a"], [])


def test_a_late_insight_of_a_sealed_day_competes_with_its_own_episode(lake: Lake) -> None:
    write_day(lake, days_before(3), "old")
    lake.seal(days_before(3), "test")
    add_late(lake, days_before(3), "late")
    found = field(lake, DAY, "today")
    assert ids(found.candidates) == ["late", "today"]
    assert ids(found.past) == ["old"], "it is not held against itself"
    assert found.episodes["episode_id"].to_list() == ["episode-today", "episode-old", "episode-late"]


def test_a_late_insight_competes_in_the_next_digest_of_a_daily_run(lake: Lake) -> None:
    """Yesterday is sealed by today's five only: waiting for its seal, a late insight would wait for ever."""
    write_day(lake, days_before(2), "old")
    lake.seal(days_before(2), "test")
    write_day(lake, days_before(1), "yesterday")
    add_late(lake, days_before(2), "late")
    assert ids(field(lake, DAY, "today").candidates) == ["late", "today"]


def test_a_late_insight_waits_while_an_older_day_is_still_without_its_five(lake: Lake) -> None:
    write_day(lake, days_before(3), "old")
    lake.seal(days_before(3), "test")
    add_late(lake, days_before(3), "late")
    write_day(lake, days_before(1), "open", five=None)
    assert ids(field(lake, DAY, "today").candidates) == ["today"]
    assert ids(field(lake, days_before(1), "open").candidates) == ["late", "open"]


def test_an_insight_competes_on_one_day_alone(lake: Lake) -> None:
    write_day(lake, days_before(3), "old")
    lake.seal(days_before(3), "test")
    add_late(lake, days_before(3), "late")
    write_day(lake, days_before(1), "own")
    write(lake, "ranked_insights", days_before(1), {"insight_id": "own"}, {"insight_id": "late"})
    lake.seal(days_before(1), "test")
    assert ids(field(lake, DAY, "today").candidates) == ["today"], "not again after the day that took it was sealed"
    assert ids(field(lake, days_before(3), "old", "late").candidates) == ["old"], "nor on its own day, ranked again"


def test_a_day_that_is_ranked_again_keeps_what_it_took(lake: Lake) -> None:
    """What is dropped by a re-run would be free to compete, and to be sent, once more."""
    write_day(lake, days_before(3), "old")
    lake.seal(days_before(3), "test")
    add_late(lake, days_before(3), "late", "later")
    write_day(lake, DAY, "today")
    write(lake, "ranked_insights", DAY, {"insight_id": "today"}, {"insight_id": "late"})
    assert ids(field(lake, DAY, "today").candidates) == ["late", "later", "today"], "an open day takes what is there"
    lake.seal(DAY, "test")
    assert ids(field(lake, DAY, "today").candidates) == ["late", "today"], "a sealed one takes nothing new"


def test_sealing_closes_every_earlier_day_with_its_five_once(lake: Lake) -> None:
    for count in (4, 3, 1):
        write_day(lake, days_before(count), f"d{count}")
    write_day(lake, days_before(2), "no five", five=None)
    write_day(lake, DAY, "today")
    lake.seal(days_before(4), "test")
    assert seal_before(lake, DAY) == [days_before(3), days_before(1)]
    assert lake.sealed_days() == [days_before(4), days_before(3), days_before(1)]
    assert seal_before(lake, DAY) == []


# --- The five as they are shown ---------------------------------------------------------------------------------------


def test_picks_are_shown_in_order_with_the_second_in_the_address() -> None:
    rows = [candidate("a", quality=0.9, quote_start_s=61.99, speaker="Ann"), candidate("b", quote_start_s=0.0)]
    episodes = [episode("episode-a", "Show A"), episode("episode-b", "Show B")]
    shown = project_picks(
        ranked(rows, episodes),
        frame("insight_candidates", rows[::-1]),
        frame("episodes", episodes[::-1]),
        {"episode-a": "https://a.example/a.mp3?x=1"},
    )
    assert shown.schema == SCHEMAS["daily_top5"]
    assert shown.select("rank", "insight_id", "show", "episode_title", "speaker", "audio_url").rows() == [
        (1, "a", "Show A", "Title of episode-a", "Ann", "https://a.example/a.mp3?x=1#t=61"),
        (2, "b", "Show B", "Title of episode-b", None, None),
    ]


class Days:
    """Days that are ranked through Dagster, with the real IO manager."""

    def __init__(self, project: Project) -> None:
        self.project, self.lake = project, project.lake

    def hold(self, day: dt.date, *names: str, **values: Any) -> None:
        """Writes what comes before the ranking: the day's insights (each of a show of its own) and episodes."""
        write(self.lake, "insight_candidates", day, *(candidate(name) for name in names))
        write(self.lake, "episodes", day, *(episode(f"episode-{name}", name, **values) for name in names))

    def run(self, day: dt.date, *, reseal: bool | str = False) -> dg.ExecuteInProcessResult:
        days = dg.DailyPartitionsDefinition(start_date="2026-03-01")
        names = ("insight_candidates", "episodes")
        inputs = [dg.AssetSpec(table, partitions_def=days) for table in names]
        with dg.DagsterInstance.ephemeral() as instance:
            result = dg.materialize(
                [*build_assets(days), *inputs],
                instance=instance,
                partition_key=day.isoformat(),
                resources={"project": self.project, "io_manager": LakeIOManager(self.lake)},
                tags={RESEAL_TAG: str(reseal).lower()} if reseal else {},
            )
        assert result.success
        return result

    def ranked(self, day: dt.date) -> list[str]:
        return ids(self.lake.read("ranked_insights", day))

    def five(self, day: dt.date) -> list[str]:
        return ids(self.lake.read("daily_top5", day))


def metadata(result: dg.ExecuteInProcessResult, table: str) -> dict[str, Any]:
    (event,) = [event for event in result.get_asset_materialization_events() if event.asset_key == dg.AssetKey(table)]
    return {name: value.value for name, value in event.materialization.metadata.items()}


@pytest.fixture
def days(make_project: Callable[..., Project]) -> Days:
    return Days(make_project(ranking={"top": 2}))


def test_a_day_through_dagster(days: Days) -> None:
    days.hold(DAY, "a", "b", "c", feed_url="https://a.example/feed", enclosure_url="https://a.example/a.mp3")
    result = days.run(DAY)
    told, shown = metadata(result, "ranked_insights"), metadata(result, "daily_top5")
    assert (told["competing"], told["picked"], told["shows"], told["archive"], told["late"]) == (3, 2, 3, 0, 0)
    assert (shown["insights"], shown["wanted"], shown["shows"]) == (2, 2, 2)
    assert f"### {DAY}" in shown["preview"]
    assert "01:01" in shown["preview"]
    assert days.lake.read("ranked_insights", DAY).schema == SCHEMAS["ranked_insights"]
    five = days.lake.read("daily_top5", DAY)
    assert five["insight_id"].to_list() == ["a", "b"]
    assert five["audio_url"].to_list() == ["https://a.example/a.mp3#t=61"] * 2
    assert days.lake.sealed_days() == []


def test_what_strangers_say_is_no_markup_in_dagster_s_ui() -> None:
    words = {name: f"![{name}](https://evil.example) <img src=x>" for name in ("claim", "quote", "speaker", "show")}
    row = dict.fromkeys(SCHEMAS["daily_top5"]) | words | {"rank": 1, "quote_start_s": 1.0, "why": "new"}
    shown = _preview(pl.DataFrame([row], schema=SCHEMAS["daily_top5"]), DAY)
    assert not re.search(r"(?<!\\)[\[<]", shown)
    assert all(f"\\[{name}\\]" in shown for name in words)


def test_an_empty_day_has_typed_empty_tables_and_says_so(days: Days) -> None:
    days.hold(DAY)
    result = days.run(DAY)
    for table in ("ranked_insights", "daily_top5"):
        assert days.lake.read(table, DAY).schema == SCHEMAS[table]
        assert days.lake.read(table, DAY).is_empty()
    assert "No insight is shown" in metadata(result, "daily_top5")["preview"]
    assert metadata(result, "ranked_insights")["best_score"] == 0.0


def test_two_runs_of_a_day_write_the_same_bytes(days: Days) -> None:
    days.hold(DAY, "a", "b", "c")
    written = []
    for _ in range(2):
        days.run(DAY)
        written.append([days.lake.path(table, DAY).read_bytes() for table in ("ranked_insights", "daily_top5")])
    assert written[0] == written[1]


def test_the_audio_of_a_local_feed_is_a_file_s_address_and_what_it_may_not_reach_is_none(
    make_project: Callable[..., Project], tmp_path: Path
) -> None:
    project = make_project(ranking={"top": 4})
    folder = tmp_path / "my feed"
    folder.mkdir()
    (folder / "one.mp3").touch()
    (tmp_path / "secret.mp3").touch()
    names = {"a": "one.mp3", "b": "../secret.mp3", "c": "gone.mp3", "d": None}
    write(project.lake, "insight_candidates", DAY, *(candidate(name) for name in names))
    rows = [episode(f"episode-{n}", n, feed_url="my feed/feed.xml", enclosure_url=url) for n, url in names.items()]
    write(project.lake, "episodes", DAY, *rows)
    Days(project).run(DAY)
    addresses = dict(project.lake.read("daily_top5", DAY).select("insight_id", "audio_url").rows())
    assert addresses == {"a": f"{(folder / 'one.mp3').as_uri()}#t=61", "b": None, "c": None, "d": None}
    assert addresses["a"].startswith("file:///")
    assert "%20" in addresses["a"]


def test_the_five_of_a_day_seal_the_days_before_it(days: Days) -> None:
    for count in (3, 2, 0):
        days.hold(days_before(count), f"d{count}")
        days.run(days_before(count))
    assert days.lake.sealed_days() == [days_before(3), days_before(2)]


def test_a_sealed_day_keeps_its_ranking_and_its_five(days: Days) -> None:
    """A backfill rewrites what the reader was sent."""
    days.hold(days_before(1), "a", "b")
    days.run(days_before(1))
    days.hold(DAY, "today")
    days.run(DAY)
    days.hold(days_before(1), "other", "b")
    for tag in (False, "yes"):
        assert metadata(days.run(days_before(1), reseal=tag), "ranked_insights")["sealed"] is True
        assert days.ranked(days_before(1)) == days.five(days_before(1)) == ["a", "b"]
    days.run(days_before(1), reseal=True)
    assert days.ranked(days_before(1)) == days.five(days_before(1)) == ["b", "other"]
    assert days.lake.is_sealed(days_before(1))


def test_an_open_day_is_ranked_anew(days: Days) -> None:
    days.hold(DAY, "a")
    days.run(DAY)
    days.hold(DAY, "a", "b")
    days.run(DAY)
    assert days.ranked(DAY) == days.five(DAY) == ["a", "b"]


@pytest.fixture
def with_late(days: Days) -> Days:
    """Three days, of which the oldest got an insight after it was sealed, and the newest took it."""
    for count, names in ((3, ["first"]), (2, ["second"]), (3, ["first", "late"]), (1, ["third"])):
        days.hold(days_before(count), *names)
        days.run(days_before(count))
    return days


def test_a_late_insight_is_shown_once_in_the_next_digest(with_late: Days) -> None:
    """It is lost, or it is sent twice."""
    days = with_late
    assert days.ranked(days_before(3)) == ["first"], "sealed"
    assert days.five(days_before(1)) == ["late", "third"]
    late = row_of(days.lake.read("ranked_insights", days_before(1)), "late")
    assert (late["insight_day"], late["competed_day"]) == (days_before(3), days_before(1))
    assert metadata(days.run(days_before(1)), "ranked_insights")["late"] == 1
    days.hold(DAY, "fourth")
    days.run(DAY)
    assert days.ranked(DAY) == ["fourth"]


def test_a_reseal_lets_no_insight_compete_twice(with_late: Days) -> None:
    days = with_late
    days.run(days_before(3), reseal=True)
    assert days.ranked(days_before(3)) == ["first"], "what came late has had its day"
    days.hold(DAY, "fourth")
    days.run(DAY)
    days.run(days_before(1), reseal=True)
    assert days.ranked(days_before(1)) == ["late", "third"], "and its day keeps it"
    assert days.ranked(DAY) == ["fourth"]


def test_a_backfill_of_old_days_sees_the_past_as_it_was(days: Days) -> None:
    write(days.lake, "insight_candidates", DAY, candidate("now", topic="x"))
    write(days.lake, "episodes", DAY, episode("episode-now", "n"))
    days.run(DAY)
    write(days.lake, "insight_candidates", days_before(2), candidate("then", topic="x"))
    write(days.lake, "episodes", days_before(2), episode("episode-then", "t"))
    days.run(days_before(2))
    assert row_of(days.lake.read("ranked_insights", days_before(2)), "then")["novelty"] == 1.0
    assert days.five(days_before(2)) == ["then"]


def test_the_ranking_of_a_day_waits_for_that_of_the_day_before_and_no_five_feeds_back() -> None:
    partitions = dg.DailyPartitionsDefinition(start_date="2026-03-01")
    ranking, top = build_assets(partitions)
    mapping = ranking.get_partition_mapping(ranking.key)
    assert mapping
    before = mapping.get_upstream_mapped_partitions_result_for_partitions(
        partitions.subset_with_partition_keys(["2026-03-06"]), partitions, partitions
    )
    assert list(before.partitions_subset.get_partition_keys()) == ["2026-03-05"]
    assert top.key not in ranking.dependency_keys
