"""A day by a model that errs, lies, refuses, or cannot be reached: what is good is kept, the rest has its reason.

A real server on loopback and litellm itself. Calls alone (retries, prices) are in ``test_llm``, proofs in their own files.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl
import pytest
import time_machine

from podcast_assets.insights.model.propose import REPLY_TOKENS
from podcast_assets.project import Project
from tests.model_day import Told, calls, check_none_twice, extraction, place, rows_of, run, talk, told
from tests.model_peer import Answer, Asked, Given, Peer, completion, grades, honest, insight, served
from tests.talks import by_sentence

MakeProject = Callable[..., Project]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with served() as server:
        yield server


def good(asked: Asked) -> list[dict[str, Any]]:
    """What an honest model proposes."""
    return list(json.loads(honest(asked))["insights"])


def proposing(change: Callable[[Asked], Any]) -> Answer:
    """A model that grades honestly and proposes these items."""
    return lambda asked: honest(asked) if asked.is_grade else json.dumps({"insights": change(asked)})


def replying(change: Callable[[Asked], Given]) -> Answer:
    """A model that grades honestly and replies this to what else it is asked."""
    return lambda asked: honest(asked) if asked.is_grade else change(asked)


def grading(change: Callable[[Asked], Any]) -> Answer:
    """A model that proposes honestly and gives these grades."""
    return lambda asked: json.dumps({"grades": change(asked)}) if asked.is_grade else honest(asked)


def one_day(make_project: MakeProject, peer: Peer, answer: Answer, *episodes: Told, **keys: Any) -> Any:
    peer.answer = answer
    return run(make_project(extraction=extraction(peer, **keys)), episodes or (told(1),))


def test_an_honest_model_finds_what_is_there(make_project: MakeProject, peer: Peer) -> None:
    day = one_day(make_project, peer, honest, *(told(number) for number in range(5)))
    for number in range(5):
        spoken = " ".join(text for _, text in talk(number))
        rows = rows_of(day, f"e{number:04}", "accepted")
        assert len(rows) == 3, rows_of(day, f"e{number:04}")
        assert all(row["quote"] in spoken and row["speaker"] in {"Mara Lind", "Oskar Brandt"} for row in rows)
        assert all(row["quality"] == pytest.approx(9 / 12) for row in rows)
    assert set(day.usage["outcome"]) == {"ok"}
    assert len(day.usage) == len(peer.asked) == 10


# --- Replies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "least"),
    [
        (lambda asked: f"Of course!\n```json\n{honest(asked)}\n```\nMore?", 3),
        (lambda asked: json.dumps(good(asked)), 3),
        (lambda asked: completion(asked, honest(asked)[: len(honest(asked)) * 3 // 4], "length"), 2),
        (lambda asked: json.dumps({"insights": [7, None, "x", [], {}, {"quote": 3}, *good(asked)]}), 3),
        (lambda asked: json.dumps({"insights": [
            {**item, "speaker": 3, "kind": [], "topics": {"a": 1}, "segments": "all"} for item in good(asked)]}), 3),
        (lambda asked: honest(asked).replace('"trade"', '"\ud800trade", NaN, 1e999, ' + "9" * 4000), 3),
        (lambda asked: '{"insights": [], ' + honest(asked)[1:], 3),
    ],
    ids=["prose", "bare list", "cut off", "wrong types", "lesser wrong types", "odd values", "duplicate keys"],
)  # fmt: skip
def test_what_is_good_in_a_reply_is_kept(make_project: MakeProject, peer: Peer, answer: Answer, least: int) -> None:
    day = one_day(make_project, peer, replying(answer))
    assert len(rows_of(day, "e0001", "accepted")) == least
    assert all(row["reject_reason"] for row in rows_of(day, "e0001", "rejected"))
    assert all(json.dumps(row, default=str).isprintable() for row in rows_of(day, "e0001"))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda _: '{"insights": [{"quote": "The town', "it holds no JSON"),
        (lambda asked: completion(asked, '{"insights": [{"quote": "The', "length"), "it was cut off"),
        (lambda asked: completion(asked, None, refusal="I cannot help with that."), "it is empty"),
        (lambda _: "", "it is empty"),
        (lambda _: "I'm sorry, but I cannot help with that.", "it holds no JSON"),
        (lambda _: '{"error": "none"}', 'it has no list "insights"'),
    ],
    ids=["invalid", "cut off", "refused", "empty", "prose", "other form"],
)
def test_a_reply_of_no_use_is_told_of_and_costs_the_others_nothing(
    make_project: MakeProject, peer: Peer, answer: Answer, reason: str
) -> None:
    day = one_day(
        make_project, peer, lambda asked: answer(asked) if asked.title == "Episode 0001" else honest(asked), told(1), told(2)
    )
    assert rows_of(day, "e0001") == []
    assert len(rows_of(day, "e0002", "accepted")) == 3
    (remark,) = day.found["e0001"].remarks
    assert reason in remark
    mine = day.usage.filter(pl.col("episode_id") == "e0001")
    assert mine["outcome"].to_list() == ["unreadable"] * 2, "asked once more, and not again in this run"
    assert mine["reason"].to_list() == [reason] * 2


@pytest.mark.parametrize(
    "word", ["7" * 5_000, "9," * 2_000, "A." * 2_000, '"' * 2_000, "[" * 2_000, "€" * 2_000, "x@" * 2_000]
)
def test_a_word_without_end_in_a_talk_or_a_reply_costs_no_other_insight(
    make_project: MakeProject, peer: Peer, word: str
) -> None:
    """Digits by the hundred are more than any number, and names for a sponsor's are sought in all of them."""
    (name, said), *rest = talk(1)
    episode = told(1, segments=by_sentence([(name, f"{said} Then {word} came."), *rest]))

    def answer(asked: Asked) -> list[dict[str, Any]]:
        items = good(asked)
        fields: tuple[str, ...] = ("claim", "body", "quote", "speaker", "kind")
        return [*(item | {field: f"{item[field]} {word}"} for item in items for field in fields), *items]

    day = one_day(make_project, peer, proposing(answer), episode, told(2))
    assert len(rows_of(day, "e0001", "accepted")) >= 2
    for row in rows_of(day, "e0001"):
        assert row["extractor"] == "cut" or all(len(value) <= 2_000 for value in row.values() if isinstance(value, str))
    assert len(rows_of(day, "e0002", "accepted")) == 3


@pytest.mark.parametrize("count", [1_000, 3_000])
def test_a_reply_with_a_thousand_insights_keeps_a_dozen(make_project: MakeProject, peer: Peer, count: int) -> None:
    def many(asked: Asked) -> list[dict[str, Any]]:
        made_up = [insight(f"Nobody has ever said the words of number {n} here") for n in range(count)]
        return [*made_up[:500], *good(asked), *made_up[500:]]

    day = one_day(make_project, peer, proposing(many))
    rows = rows_of(day, "e0001")
    assert sum(row["status"] == "accepted" for row in rows) == 3
    assert 900 < len(rows) <= 1_000
    assert all("not in the transcript" in row["reject_reason"] for row in rows if row["status"] != "accepted")


def test_what_is_invented_is_refused_by_name(make_project: MakeProject, peer: Peer) -> None:
    def lies(asked: Asked) -> list[dict[str, Any]]:
        first, second, third = good(asked)
        return [
            first | {"quote": "Every town that ever built a wall against the sea has lost it within a single generation"},
            first | {"body": first["body"].replace("The town", "By 731 and 4,112 the town")},
            second | {"claim": f"Prices in {place(1)} fell because of Napoleon"},
            third | {"body": "The cat sat upon the warm mat and purred while rain fell softly over purple hills " * 3},
            third | {"claim": "Short"},
            third,
        ]

    day = one_day(make_project, peer, proposing(lies))
    assert len(rows_of(day, "e0001", "accepted")) == 1
    reasons = sorted(row["reject_reason"] for row in rows_of(day, "e0001", "rejected"))
    assert len(reasons) == 3, "of proposals with one quote there is one row, the best"
    for word in ("not in the transcript", "731", "Napoleon"):
        assert any(word in reason for reason in reasons), reasons


def test_times_and_identities_of_a_model_are_of_no_account(make_project: MakeProject, peer: Peer) -> None:
    lies = {
        "start_s": 99_999, "quote_start_s": -5, "end_s": "now", "episode_id": "e0002", "insight_id": "0" * 16,
        "day": "1999-01-01", "status": "accepted", "quality": 9, "grade_support": 9, "model": "human", "timing": "exact",
    }  # fmt: skip
    with_lies = one_day(
        make_project, peer, proposing(lambda asked: [item | lies for item in good(asked)]), told(1), told(2)
    ).candidates
    (project,) = (make_project(extraction=extraction(peer), data_dir="honest"),)
    peer.answer = honest
    assert with_lies.equals(run(project, [told(1), told(2)]).candidates)


@pytest.mark.parametrize(
    ("speaks", "given", "kept"),
    [
        (True, "Napoleon Bonaparte", None), (True, "Ina Falk", None), (False, "Napoleon Bonaparte", None),
        (False, "Ina Falk", "Ina Falk"), (False, "Host", None), (False, "SPEAKER_00", None), (False, "ina falk", None),
    ],
    ids=["other than the transcript's", "of the notes, beside the transcript's", "of nowhere", "of the notes",
         "a part", "a number", "in small letters"],
)  # fmt: skip
def test_a_speaker_is_who_the_transcript_or_else_the_notes_know(
    make_project: MakeProject, peer: Peer, speaks: bool, given: str, kept: str | None
) -> None:
    said = [(name if speaks else None, text) for name, text in talk(1)]
    episode = told(1, segments=by_sentence(said), notes="With Ina Falk, who dug the harbour.")
    day = one_day(make_project, peer, proposing(lambda asked: [item | {"speaker": given} for item in good(asked)]), episode)
    speakers = {row["speaker"] for row in rows_of(day, "e0001", "accepted")}
    assert speakers == ({"Mara Lind", "Oskar Brandt"} if speaks else {kept})


# --- The second look -----------------------------------------------------------------------------------------------


def test_filler_and_what_is_not_borne_out_are_rejected_with_the_reason(make_project: MakeProject, peer: Peer) -> None:
    def strict(asked: Asked) -> Sequence[dict[str, Any]]:
        return [grades(n, filler="harbour" in claim, support=1 if "shared" in claim else 3) for n, claim in asked.claims]

    day = one_day(make_project, peer, grading(strict))
    assert len(rows_of(day, "e0001", "accepted")) == 1
    assert sorted(row["reject_reason"] for row in rows_of(day, "e0001", "rejected")) == [
        "filler, says the judge",
        "what was said does not bear it out (support 1 of 3)",
    ]


@pytest.mark.parametrize(
    "judge",
    [
        lambda _: "I would rather not.",
        lambda asked: json.dumps({"grades": [grades(n) for n, _ in asked.claims[1:]]}),
        lambda asked: json.dumps({"grades": [grades(n, support=7) for n, _ in asked.claims]}),
        lambda asked: json.dumps({"grades": "3"}),
        lambda asked: completion(asked, None, refusal="No."),
    ],
    ids=["prose", "one is missing", "out of range", "no list", "refused"],
)
def test_without_grades_nothing_is_accepted(make_project: MakeProject, peer: Peer, judge: Answer) -> None:
    day = one_day(make_project, peer, lambda asked: judge(asked) if asked.is_grade else honest(asked))
    rows = rows_of(day, "e0001")
    assert len(rows) == 3
    assert all(row["reject_reason"].startswith("not graded: ") for row in rows)
    assert [row["quality"] for row in rows] == [None] * 3


def test_the_judge_is_another_model_and_sees_one_episode_in_an_order_of_its_own(
    make_project: MakeProject, peer: Peer
) -> None:
    episodes = [told(number) for number in range(12)]
    one_day(make_project, peer, honest, *episodes, judge_model="openai/gpt-4o")
    looks = [asked for asked in peer.asked if asked.is_grade]
    assert len(looks) == 12
    assert {asked.body["model"] for asked in looks} == {"gpt-4o"}
    assert {asked.body["model"] for asked in peer.asked if not asked.is_grade} == {"gpt-4o-mini"}
    orders = set()
    for asked in looks:
        (number,) = (number for number in range(12) if place(number) in asked.user)
        firsts = [text for _, text in talk(number) if len(text.split()) > 30]
        places = [next(i for i, text in enumerate(firsts) if claim in text) for _, claim in asked.claims]
        assert sorted(places) == [0, 1, 2]
        orders.add(tuple(places))
    assert len(orders) > 1, "always in the order of the talk"
    first = [asked.user for asked in looks]
    one_day(make_project, peer, honest, *episodes, judge_model="openai/gpt-4o")
    assert len(peer.asked) == 24, "the same questions in a second run"
    again = make_project(extraction=extraction(peer, judge_model="openai/gpt-4o"), data_dir="again")
    run(again, episodes)
    assert sorted(asked.user for asked in peer.asked[24:] if asked.is_grade) == sorted(first)


def test_a_fallback_proposes_and_grades_where_the_first_model_does_not(make_project: MakeProject, peer: Peer) -> None:
    def answer(asked: Asked) -> str:
        return "No." if asked.body["model"] == "gpt-4o-mini" else honest(asked)

    day = one_day(make_project, peer, answer, fallback_models=["openai/gpt-4o"])
    assert [row["model"] for row in rows_of(day, "e0001", "accepted")] == ["openai/gpt-4o"] * 3
    assert day.found["e0001"].remarks == ()


# --- The budget ----------------------------------------------------------------------------------------------------


def test_no_day_costs_more_than_it_may_and_the_next_one_finishes(make_project: MakeProject, peer: Peer) -> None:
    def dear(asked: Asked) -> Given:
        """A reply that takes all that it may."""
        found = completion(asked, honest(asked))
        most = asked.body["max_tokens"]
        found["usage"] = {"prompt_tokens": 0, "completion_tokens": most, "total_tokens": most}
        return found

    peer.answer, peer.latency_s = dear, 0.02
    price = 100.0  # dollars a million tokens; of replies alone, so that the estimate is exact
    episodes = [told(number) for number in range(12)]
    call_usd = REPLY_TOKENS * price / 1e6
    budget = 5.5 * call_usd
    keys = {"usd_per_million_tokens": [0.0, price], "max_usd_per_day": budget, "concurrency": 8}
    project = make_project(extraction=extraction(peer, **keys) | {"model": "openai/own"})
    spent: list[float] = []
    for date in range(7, 27):
        with time_machine.travel(f"2026-03-{date:02}T03:20:00+00:00"):
            for _ in range(2):
                day = run(project, episodes)
        today = sum(call["usd"] for call in calls(project) if call["spent_on"] == f"2026-03-{date:02}")
        assert today <= budget + 1e-9
        spent.append(today)
        waiting = day.usage.filter(pl.col("outcome") == "deferred")
        assert set(waiting["episode_id"]).isdisjoint(day.candidates["episode_id"]), "no half of an episode"
        if waiting.is_empty():
            break
        assert all("max_usd_per_day" in reason for reason in waiting["reason"])
    assert len(spent) > 2
    assert min(spent[:-1]) > budget - call_usd, "room was left that a call would have fitted into"
    check_none_twice(project)
    assert len(peer.asked) == 24
    peer.answer = honest
    undisturbed = run(make_project(extraction=extraction(peer), data_dir="undisturbed"), episodes)
    assert day.candidates.drop("model").equals(undisturbed.candidates.drop("model"))
