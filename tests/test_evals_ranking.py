"""The measuring of the ranking: metrics are right, the planted corpora are what they say, nothing of it is luck."""

import datetime as dt
import itertools
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evals.models import with_model
from evals.ranking.days import FIRST, GOOD, SHOWS, STRONG, WITHIN, Planted, Said, candidates, episodes, planted
from evals.ranking.judge import judged
from evals.ranking.methods import METHODS, TOP, score_only, told
from evals.ranking.metrics import alpha_ndcg, dcg, ndcg, recall
from evals.ranking.product import picks_of
from evals.ranking.texts import Text, cases, fillers, tellings, written
from evals.ranking.topics import DISTRACTORS, topics
from evals.related import read, related
from podcast_assets import config
from podcast_assets.embedding import LexicalEmbedder, open_vectors
from podcast_assets.errors import PodcastAssetsError
from podcast_assets.project import Project
from tests.conftest import ROOT

# --- Metrics, by hand -------------------------------------------------------------------------------------------------


def test_ndcg_is_that_of_the_formula() -> None:
    assert dcg([3, 2]) == pytest.approx(3 + 2 / 1.5849625)
    assert ndcg([0, 3], [3, 2, 0], 2) == pytest.approx(1.8927893 / 4.2618595)
    assert ndcg([3, 2, 0], [0, 2, 3], 2) == 1
    assert ndcg([], [1], 5) == 0
    assert ndcg([0], [0, 0], 5) is None, "a day without anything of worth says nothing of a method"
    assert ndcg([0, 0, 3], [3], 2) == 0, "what stands below k counts"


def test_alpha_ndcg_halves_what_is_said_again() -> None:
    worth, pool = {"a": 3.0, "b": 2.0, "c": 1.0}, ["a", "a", "b", "c"]
    # 3 + 1.5 / 1.585 + 2 / 2, where the best is a, b and the second a: 3 + 2 / 1.585 + 1.5 / 2
    assert alpha_ndcg(["a", "a", "b"], pool, worth, (), 3) == pytest.approx(4.9463946 / 5.0118595)
    assert alpha_ndcg(["a", "b", "a"], pool, worth, (), 3) == 1
    assert alpha_ndcg(["a", "a", "b"], pool, worth, (), 1) == 1


def test_what_the_reader_knows_gains_nothing_in_the_ideal_list_neither() -> None:
    worth, pool = {"a": 3.0, "b": 2.0, "c": 1.0}, ["a", "a", "b", "c"]
    # 2 / 2, where the best is b, c: 2 + 1 / 1.585
    assert alpha_ndcg(["a", "a", "b"], pool, worth, {"a"}, 3) == pytest.approx(1 / 2.6309298)
    assert alpha_ndcg(["a"], ["a"], worth, {"a"}, 3) is None


def test_the_ideal_list_takes_an_idea_no_more_often_than_it_was_said() -> None:
    assert alpha_ndcg(["a", "c"], ["a", "c"], {"a": 3.0, "c": 0.5}, (), 2) == 1


def test_recall_counts_each_once_and_the_first_k_alone() -> None:
    assert recall(["x", "a", "a", "b"], {"a", "b", "c"}, 3) == pytest.approx(1 / 3)
    assert recall([], {"a"}, 10) == 0
    assert recall(["a", "x"], {"a", "b", "c"}, 2) == 0.5, "two of three are all that two places can hold"


def said(day: int, idea: str, show: int = 1) -> Said:
    text = Text("topic", idea, 1, 1, f"claim of {idea}", f"body of {idea}")
    return Said(text, FIRST + dt.timedelta(days=day), show, 0, 0.5, 0.5)


def test_a_sequence_is_judged_by_what_the_method_itself_has_published() -> None:
    """A repeat is one of a pick within 30 days before, not of what other methods picked, nor of what was merely said."""
    days = [[said(0, "a"), said(0, "a", 2), said(0, "b")], [said(20, "a"), said(20, "c")], [said(31, "a"), said(31, "c")]]
    world = Planted(days, {"a": 3, "b": 1, "c": 1})
    again = judged(world, [[days[0][0], days[0][1]], [days[1][0]], [days[2][0]]])
    assert again.repeats == 0.5, "on day 20 of day 0, on day 31 of day 20"
    assert [(one.day, known.day) for one, known in again.missed] == [
        (days[1][0].day, days[0][1].day),
        (days[2][0].day, days[1][0].day),
    ]
    assert again.twins == 0.25
    assert again.picks == pytest.approx(4 / 3)
    once = judged(world, [[days[0][2]], [days[1][1]], [days[2][0]]])
    assert (once.repeats, once.twins) == (0, 0)
    late = judged(world, [[days[0][0]], [], [days[2][0]]])
    assert late.repeats == 0, "31 days after"
    first = dcg([3]) / dcg([3, 1.5, 1])
    assert late.alpha_ndcg == pytest.approx((first + 0 + dcg([3]) / dcg([3, 1])) / 3)


# --- The corpora ------------------------------------------------------------------------------------------------------


def test_the_texts_read_as_insights_do_and_none_is_there_twice() -> None:
    texts = [*written(), *fillers()]
    assert len({text.claim for text in written()}) == len({text.body for text in written()}) == len(written()) == 1080
    assert len({text.words for text in texts}) == len(texts) == 1080 + 2400
    for text in texts:
        assert 3 <= len(text.claim.split()) <= 13
        assert 30 <= len(text.body.split()) <= 65, text.body
        assert not {"{", "}", "|"} & {*text.words}


def test_every_idea_has_its_tellings_and_cases_and_halves_share_no_topic() -> None:
    """A threshold that was tuned on one half could not be checked on the other."""
    assert set(Counter(text.idea for text in tellings()).values()) == {3}
    assert set(Counter(text.idea for text in cases()).values()) == {4}
    assert set(Counter(text.topic for text in written()).values()) == {18}
    assert {text.case for text in tellings()} == {text.telling for text in cases()} == {1}
    halves = [{text.topic for text in written("dev")}, {text.topic for text in written("held-out")}]
    assert [len(half) for half in halves] == [30, 30]
    assert not halves[0] & halves[1]
    assert not {text.topic for text in fillers()} & (halves[0] | halves[1])


def test_fillers_of_a_day_share_neither_subject_nor_claim() -> None:
    """LexRank and every measure of likeness would take them for one big topic."""
    for start in range(0, len(fillers()), 7):
        day = fillers()[start : start + 38]
        assert len({text.topic for text in day}) == len({text.idea.split(": ")[1] for text in day}) == len(day)


def test_hardly_any_two_fillers_are_near_copies() -> None:
    """Every measure would be right to take them for the same, and the planted days would blame it."""
    bodies = [{*text.body.lower().split()} for text in fillers()[:300]]
    shared = [len(one & other) / len(one | other) for one, other in itertools.combinations(bodies, 2)]
    assert sum(share > 0.4 for share in shared) < len(shared) / 200


@pytest.mark.parametrize("texts", [tellings(), cases()], ids=["tellings", "cases"])
def test_a_planted_sequence_has_duplicates_repeats_within_thirty_days_and_a_strong_show(texts: tuple[Text, ...]) -> None:
    world = planted(texts, 60)
    assert all(25 <= len(day) <= 60 for day in world.days)
    assert len({one.insight_id for day in world.days for one in day}) == sum(map(len, world.days))
    heard: dict[str, list[Said]] = {}
    for one in (one for day in world.days for one in day):
        heard.setdefault(one.text.idea, []).append(one)
    ideas = [heard[idea] for idea in {text.idea for text in texts}]
    assert len(ideas) == 180, "each turns up"
    assert all((each[-1].day - each[0].day).days <= WITHIN for each in ideas)
    assert sum(each[1].day == each[0].day for each in ideas if len(each) > 1) > 60, "said at once by several"
    assert sum(each[-1].day > each[0].day for each in ideas) > 80, "said again later"
    assert all(len({one.text.words for one in each}) == len(each) for each in heard.values()), "never in the same words"
    shows = Counter(one.show for each in ideas for one in each if world.worth[one.text.idea] >= GOOD)
    (strongest, most), (_, next_most) = shows.most_common(2)
    assert strongest == STRONG
    assert most > 1.5 * next_most


def test_quality_follows_worth_with_noise() -> None:
    world = planted(tellings(), 60)
    by_worth: dict[int, list[float]] = {}
    for one in (one for day in world.days for one in day):
        by_worth.setdefault(world.worth[one.text.idea], []).append(one.quality)
    means = [sum(by_worth[worth]) / len(by_worth[worth]) for worth in range(4)]
    assert means == sorted(means)
    assert max(by_worth[1]) > means[2], "a score alone finds the best ones for sure"


def test_the_frames_are_those_that_the_product_takes() -> None:
    day = planted(tellings("dev"), 3).days[1]
    frame, heard = candidates(day), episodes(day)
    assert len(frame) == len(day)
    assert set(frame["episode_id"]) == set(heard["episode_id"])
    assert heard["feed_id"].n_unique() <= SHOWS
    assert not any("worth" in column for column in frame.columns)
    assert frame["topics"].null_count() == len(frame), "the topic is what is to be found out"


def test_related_sets_have_a_thousand_distractors_for_each_text() -> None:
    found = topics("dev")
    assert len(found.same_idea) == 450
    assert len(found.same_case) == 180
    for place, others in found.same_topic.items():
        assert len(found.archive) - 1 - len(others) == DISTRACTORS
        assert {found.archive[other].topic for other in others} == {found.archive[place].topic}
        assert place not in others
        assert len(found.same_idea[place]) == 4
        assert found.same_case.get(place, set()) <= found.same_idea[place] <= others


def test_corpora_are_the_same_in_every_process() -> None:
    """Figures of two runs could not be compared."""
    code = (
        "from evals.ranking import days, texts, topics;"
        "from podcast_assets.hashing import sha256;"
        "print(sha256(repr((days.planted(texts.tellings(), 60), topics.topics().archive))))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


# --- Methods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_picks_five_of_the_day_whatever_their_order(name: str) -> None:
    day = planted(tellings("dev"), 2).days[0]
    picked = METHODS[name](day)
    assert len({one.insight_id for one in picked}) == TOP
    assert METHODS[name](day) == picked
    assert {*picked} <= {*day}


def test_to_repeat_costs_score_only_what_it_gains_nothing_for() -> None:
    world = planted(tellings("dev"), 30, seed=2)
    found = judged(world, [score_only(day) for day in world.days])
    assert found.repeats > 0.1
    assert found.twins > 0.05
    assert found.alpha_ndcg < found.ndcg


def test_who_is_told_what_repeats_repeats_nothing() -> None:
    """The table would show less to gain than there is, or more."""
    world = planted(tellings("dev"), 30, seed=2)
    found = judged(world, told(world.days))
    assert (found.repeats, found.twins, found.picks) == (0, 0, 5)


def test_the_product_picks_on_planted_days(tmp_path: Path) -> None:
    """By words alone, over a lake of its own: it repeats less than grades do, and a second run gives the same."""
    world = planted(tellings("dev"), 6, seed=2)
    configured = config.parse({"embedding": {"model": ""}}, tmp_path / "podcasts.toml")
    picks = picks_of(world, configured)
    assert picks == picks_of(world, configured)
    assert all(0 < len(day) <= TOP for day in picks)
    assert {one.insight_id for day in picks for one in day} <= {one.insight_id for day in world.days for one in day}
    assert judged(world, picks).repeats < judged(world, [score_only(day) for day in world.days]).repeats
    assert not (tmp_path / "data").exists(), "it wrote to the user's own data"


# --- Related insights of a file ---------------------------------------------------------------------------------------

TEXTS = {
    "heat-1": "Heat pumps fail in old houses because radiators are too small, not because winters are cold.",
    "heat-2": "In an old building the heat pump is blamed, although the small radiators are what keeps rooms cold.",
    "chess-1": "Chess masters recognise patterns; they do not calculate further ahead than amateurs.",
    "heat-3": "Larger radiators let a heat pump warm an old house even in a cold winter.",
    "chess-2": "A chess master sees familiar patterns where amateurs calculate move after move.",
}


def related_of(folder: Path, lines: str | bytes, *options: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command on a file, by words alone."""
    file = folder / "texts.jsonl"
    file.write_bytes(lines.encode() if isinstance(lines, str) else lines)
    (folder / "podcasts.toml").write_text('[embedding]\nmodel = ""\n')
    environment = {**os.environ, config.CONFIG_VARIABLE: str(folder / "podcasts.toml"), "PODCAST_ASSETS_SHARED": str(folder)}
    command = [sys.executable, "-m", "evals.related", str(file), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)


def jsonl(texts: Mapping[Any, str]) -> str:
    return "".join(json.dumps({"id": name, "text": text, "more": 1}) + "\n" for name, text in texts.items())


def test_related_texts_of_a_file_come_in_its_order_best_first(tmp_path: Path) -> None:
    texts = {**TEXTS, "blank": "  ", "half": "\ud800"}
    done = related_of(tmp_path, "\n" + jsonl(texts), "--k", "2")
    assert done.returncode == 0, done.stderr
    assert "vectors: by words alone" in done.stderr
    found = {row["id"]: row["related"] for row in map(json.loads, done.stdout.splitlines())}
    assert list(found) == list(texts)
    assert {*found["heat-1"]} == {"heat-2", "heat-3"}
    assert found["chess-2"][0] == "chess-1"
    assert found["blank"] == []
    assert all("blank" not in others and name not in others for name, others in found.items())
    again = related([*read(tmp_path / "texts.jsonl").values()], LexicalEmbedder(), 2)
    assert [[list(texts)[place] for place in others] for others in again] == [*found.values()]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('{"id": 1, "text": "a"}\nnot json\n', "line 2: no JSON"),
        ("[" * 100_000 + "\n", "line 1: no JSON"),
        (b'{"id": 1, "text": "\xff"}\n', "line 1: no JSON"),
        ('{"id": 1}\n', 'line 1: expected an object with the keys "id" and "text"'),
        ("[1, 2]\n", 'line 1: expected an object with the keys "id" and "text"'),
        ('{"id": null, "text": "a"}\n', 'line 1: expected a text or a whole number as "id"'),
        ('{"id": 1, "text": 5}\n', "and a text as"),
        ('{"id": "x", "text": "a"}\n\n{"id": "x", "text": "b"}\n', 'line 3: the id "x" is there twice'),
        ("\n \n", "no text there"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_that_names_the_line(
    lines: str | bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_bytes(lines.encode() if isinstance(lines, str) else lines)
    with pytest.raises(PodcastAssetsError, match=re.escape(message)):
        read(file)


def test_an_error_is_one_line_on_stderr_and_nothing_on_stdout(tmp_path: Path) -> None:
    done = related_of(tmp_path, '{"id": 1}\n')
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("evals.related: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("texts", [["only one"], ["", " "], ["same words here"] * 3, [""] + ["some of the words"] * 300])
def test_few_blank_or_equal_texts_have_the_others_that_there_are(texts: list[str]) -> None:
    found = related(texts, LexicalEmbedder(), 10)
    filled = [place for place, text in enumerate(texts) if text.strip()]
    assert found == [
        [other for other in filled if other != place][:10] if text.strip() else [] for place, text in enumerate(texts)
    ]


def test_more_may_be_asked_for_than_the_product_takes() -> None:
    """Otherwise --k 300 would quietly give 256."""
    assert len(related([f"word{number} and more" for number in range(400)], LexicalEmbedder(), 300)[0]) == 300


def test_a_missing_model_is_replaced_by_that_beside_the_test_data_and_it_is_said(shared: Path, tmp_path: Path) -> None:
    configured = config.parse({"embedding": {"path": str(tmp_path / "nothing")}}, tmp_path / "podcasts.toml")
    chosen, which = with_model(configured)
    assert which.startswith(f"the model in {shared}")
    assert "nothing is no folder of a model" in which
    assert not open_vectors(Project(chosen))[0].is_lexical
    assert with_model(chosen)[0] is chosen
