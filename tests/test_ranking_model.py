"""A day's ranking where a language model is configured: compared, related, accounted for, and as good as ever without it."""

import json
from collections.abc import Callable, Iterator

import polars as pl
import pytest

from podcast_assets.project import Project
from podcast_assets.ranking.judging.prompts import COMPARE, RELATE
from podcast_assets.ranking.rerank import rerank
from tests.fields import DAY, LOG, WORDS_ALONE, Days, candidate, days_before, episode, metadata, row_of, words, write
from tests.model_day import extraction
from tests.model_peer import Asked, Peer, TroubleError, served

TOPICS = "bcdfghjklm"


def answer(asked: Asked) -> str:
    """Prefers the insights with the later letter, whatever else they have; what is related contradicts."""
    if COMPARE.text[:40] in asked.system:
        letters = [claim[0] for _, claim in asked.claims]
        return json.dumps({"order": [letters.index(letter) + 1 for letter in sorted(letters, reverse=True)]})
    assert RELATE.text[:40] in asked.system
    return json.dumps({"pairs": [{"n": number, "relation": "contradicts"} for number, _ in asked.claims]})


@pytest.fixture
def peer() -> Iterator[Peer]:
    with served(answer) as peer:
        yield peer


@pytest.fixture
def days(make_project: Callable[..., Project], peer: Peer) -> Days:
    """A day of ten equals, each of a show and a topic of its own, and an older one that is about the last topic."""
    days = Days(make_project(embedding=WORDS_ALONE, extraction=extraction(peer)))
    old, rows = (
        candidate("old", topic="m", day=days_before(40), quality=0.1),
        [candidate(name, topic=name) for name in TOPICS],
    )
    for day, held in ((days_before(40), [old]), (DAY, rows)):
        write(days.lake, "insight_candidates", day, *held)
        write(days.lake, "episodes", day, *(episode(row["episode_id"], row["insight_id"]) for row in held))
    days.run(days_before(40))
    return days


def test_the_model_s_preference_counts_and_is_paid_for_once(days: Days, peer: Peer) -> None:
    told = metadata(days.run(DAY), "ranked_insights")
    ranked = days.lake.read("ranked_insights", DAY)
    assert ranked["comparison"].is_between(0, 1).all()
    places = ranked["insight_id"].to_list()
    assert places[0] == "l", "the archive knows what m says"
    assert set(places[:4]) < set("lkjhgf")
    assert set(places[-3:]) < set("bcdfm")
    assert " compared in " in told["compared"]
    asked = len(peer.asked)
    days.run(DAY)
    assert len(peer.asked) == asked, "a second run pays nothing"
    assert days.lake.read("ranked_insights", DAY).equals(ranked)
    usage = days.lake.read("ranking_usage", DAY)
    assert set(usage["purpose"]) == {COMPARE.purpose, RELATE.purpose}
    assert len(usage) == asked


def test_contradictions_are_told_apart(days: Days) -> None:
    told = metadata(days.run(DAY), "related_insights")
    edge = row_of(days.lake.read("related_insights", DAY).filter(pl.col("related_id") == "old"), "m")
    assert edge["relation"] == "contradicts"
    assert told["contradict"] > 0


def test_where_the_model_fails_the_plain_ranking_stands(days: Days, peer: Peer) -> None:
    """A server that is down leaves the reader without a digest."""

    def refuse(asked: Asked) -> str:
        raise TroubleError(401)

    peer.answer = refuse
    result = days.run(DAY)
    ranked = days.lake.read("ranked_insights", DAY)
    assert ranked["comparison"].null_count() == len(ranked)
    assert len(days.five(DAY)) == 5
    assert "0 compared" in metadata(result, "ranked_insights")["compared"]
    assert days.lake.read("related_insights", DAY)["relation"].null_count() > 0


def test_a_look_at_other_weights_takes_the_comparisons_that_were_paid_for(days: Days, peer: Peer) -> None:
    days.run(DAY)
    asked = len(peer.asked)
    (each,) = rerank(days.project, [DAY], days.project.config.ranking, LOG)
    assert each.was["insight_id"].to_list() == each.would_be["insight_id"].to_list()
    assert len(peer.asked) == asked


def test_what_is_shown_to_the_model_is_what_the_insight_says(days: Days, peer: Peer) -> None:
    days.run(DAY)
    shown = "\n".join(asked.user for asked in peer.asked)
    assert words("b", 5) in shown
    assert "e-b" not in shown
