"""Asking language models, through litellm and a real server: what is paid, how often, and what trouble costs."""

import asyncio
import datetime as dt
import json
import multiprocessing
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podcast_assets.config.keys import ExtractionConfig
from podcast_assets.errors import ConfigError
from podcast_assets.llm.client import Client, DeferredError, Patience, Question, UnreadableError, UnusableError
from podcast_assets.llm.ledger import Call, Ledger, Usage
from podcast_assets.llm.models import Model, asked_for, models_of
from podcast_assets.llm.provider import Reply, close
from podcast_assets.storage import Cache
from tests.model_peer import Answer, Asked, Given, Peer, TroubleError, completion, served

DAY = dt.date(2026, 3, 6)
NOW = dt.datetime(2026, 3, 7, 3, 20, tzinfo=dt.UTC)
HASTY = Patience(tries=4, first_wait_s=0.01, longest_wait_s=0.5, give_up_s=2.0)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with served() as server:
        yield server


def models(peer: Peer, *names: str, **keys: Any) -> list[Model]:
    names = names or ("openai/gpt-4o-mini",)
    return models_of(ExtractionConfig(model=names[0], api_base=peer.api_base, **keys), names)


def question(text: str = "What is new?", episode: str = "e1", **fields: Any) -> Question:
    return Question(DAY, episode, "extract", "extract-1", "Reply in JSON.", text, None, 100, **fields)


def whole(reply: Reply) -> Any:
    try:
        return json.loads(reply.text)
    except ValueError as error:
        raise UnreadableError("it holds no JSON") from error


class Desk:
    """A ledger, a cache, and what is asked with them."""

    def __init__(self, folder: Path, *, budget: float = 5.0, concurrency: int = 4, timeout_s: float = 5.0) -> None:
        self.ledger = Ledger(folder / "ledger.sqlite")
        self.cache = Cache(folder, "replies")
        self.budget, self.concurrency, self.timeout_s = budget, concurrency, timeout_s

    def ask(self, asked: list[Model], *questions: Question, patience: Patience = HASTY) -> list[Any]:
        """What each question brings, or its error."""

        async def work() -> list[Any]:
            client = Client(
                self.ledger, self.cache, concurrency=self.concurrency, budget_usd=self.budget,
                timeout_s=self.timeout_s, now=lambda: NOW, patience=patience,
            )  # fmt: skip
            try:
                return list(await asyncio.gather(*(client.ask(q, asked, whole) for q in questions), return_exceptions=True))
            finally:
                await close()

        return asyncio.run(work())

    def outcomes(self) -> list[str]:
        return [call["outcome"] for call in self.ledger.calls_of(DAY)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def always(text: str) -> Answer:
    return lambda _: text


def then(*answers: Answer | str | TroubleError) -> Answer:
    """One answer after the other; the last one over and over."""
    left = list(answers)

    def answer(asked: Asked) -> Given:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, TroubleError):
            raise found
        return found if isinstance(found, str) else found(asked)

    return answer


# --- A reply is paid for once ------------------------------------------------------------------------------------------


def test_a_reply_comes_with_its_tokens_and_its_price(peer: Peer, desk: Desk) -> None:
    peer.answer = lambda asked: completion(asked, '{"a": 1}') | {
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
                  "prompt_tokens_details": {"cached_tokens": 400}}
    }  # fmt: skip
    ((value, model),) = desk.ask(models(peer), question())
    assert (value, model.name) == ({"a": 1}, "openai/gpt-4o-mini")
    (call,) = desk.ledger.calls_of(DAY)
    assert (call["input_tokens"], call["output_tokens"], call["cached_tokens"]) == (1000, 100, 400)
    # gpt-4o-mini: 0.15 dollars for a million tokens, half of that where they are cached, 0.60 for those of the reply
    assert call["usd"] == pytest.approx(600 * 0.15e-6 + 400 * 0.075e-6 + 100 * 0.6e-6)
    assert (call["outcome"], call["purpose"], call["episode_id"]) == ("ok", "extract", "e1")
    assert call["latency_s"] > 0


def test_the_same_question_is_never_paid_for_twice(peer: Peer, desk: Desk) -> None:
    peer.answer = always('{"a": 1}')
    first = desk.ask(models(peer), question(), question("Another"))
    again = desk.ask(models(peer), question(), question("Another"))
    assert [value for value, _ in first] == [value for value, _ in again]
    assert len(peer.asked) == 2
    assert desk.outcomes() == ["ok", "ok"], "a kept reply is no call"


@pytest.mark.parametrize("change", ["model", "text", "version"])
def test_what_a_reply_depends_on_asks_anew(peer: Peer, desk: Desk, change: str) -> None:
    """A new prompt served with an old reply, or one model's words under another's name."""
    peer.answer = always("{}")
    desk.ask(models(peer), question())
    if change == "model":
        desk.ask(models(peer, "openai/gpt-4o"), question())
    elif change == "text":
        desk.ask(models(peer), question("Something else"))
    else:
        desk.ask(models(peer), Question(DAY, "e1", "extract", "extract-2", "Reply in JSON.", "What is new?", None, 100))
    assert len(peer.asked) == 2


def test_an_unreadable_reply_is_asked_for_once_more_and_told_why(peer: Peer, desk: Desk) -> None:
    peer.answer = then("Sorry, no.", '{"a": 2}')
    ((value, _),) = desk.ask(models(peer), question())
    assert value == {"a": 2}
    assert "it holds no JSON" in peer.asked[1].user
    assert desk.outcomes() == ["unreadable", "ok"]
    desk.ask(models(peer), question())
    assert len(peer.asked) == 2, "both replies are kept"


def test_replies_that_stay_unreadable_are_final_and_are_not_paid_for_again(peer: Peer, desk: Desk) -> None:
    peer.answer = always("I cannot help with that.")
    for _ in range(2):
        (error,) = desk.ask(models(peer), question())
        assert isinstance(error, UnusableError)
        assert "it holds no JSON" in str(error)
    assert len(peer.asked) == 2


def test_a_fallback_takes_over_and_is_not_forgotten(peer: Peer, desk: Desk) -> None:
    def answer(asked: Asked) -> str:
        if asked.body["model"] == "gpt-4o-mini":
            raise TroubleError(503)
        return '{"from": "the other"}'

    peer.answer = answer
    both = models(peer, "openai/gpt-4o-mini", "openai/gpt-4o")
    ((value, model),) = desk.ask(both, question())
    assert (value, model.name) == ({"from": "the other"}, "openai/gpt-4o")
    asked = len(peer.asked)
    desk.ask(both, question())
    assert len(peer.asked) == asked, "the kept reply of the fallback counts before the first model is tried again"


# --- Trouble -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503, 0, 408])
def test_trouble_that_passes_is_waited_for(peer: Peer, desk: Desk, status: int) -> None:
    trouble = TroubleError(status)
    peer.answer = then(trouble, '{"a": 3}')
    ((value, _),) = desk.ask(models(peer), question())
    assert value == {"a": 3}
    assert len(desk.outcomes()) == 2
    assert desk.outcomes()[-1] == "ok"
    assert (desk.ledger.calls_of(DAY)[0]["usd"] > 0) == (status in {0, 408}), "what broke off may have to be paid"


def test_a_server_that_says_when_is_left_alone_until_then(peer: Peer, desk: Desk) -> None:
    moments: list[float] = []

    def answer(_: Asked) -> str:
        moments.append(asyncio.get_running_loop().time())
        if len(moments) == 1:
            raise TroubleError(429, {"Retry-After": "0.4"})
        return "{}"

    peer.answer = answer
    desk.concurrency = 1
    assert len(desk.ask(models(peer), question(), question("Another"))) == 2
    assert moments[1] - moments[0] >= 0.4, "and not by other questions either"


def test_a_server_that_wants_too_long_a_rest_is_left_to_another_run(peer: Peer, desk: Desk) -> None:
    peer.answer = then(TroubleError(429, {"Retry-After": "3600"}))
    first, second = desk.ask(models(peer), question(), question("Another"))
    assert isinstance(first, DeferredError)
    assert isinstance(second, DeferredError)
    assert "3600 s" in str(second) or "3600 s" in str(first)


def test_a_server_that_answers_nobody_is_given_up(peer: Peer, desk: Desk) -> None:
    """Else each of a day's questions would wait for its own tries, one after the other."""
    peer.answer = then(TroubleError(503))
    desk.concurrency = 2
    questions = [question(str(number)) for number in range(40)]
    patience = Patience(tries=5, first_wait_s=0.05, longest_wait_s=0.1, give_up_s=0.2)
    found = desk.ask(models(peer), *questions, patience=patience)
    assert all(isinstance(error, DeferredError) for error in found)
    assert len(peer.asked) < 5 * 40 / 2


def test_a_reply_that_does_not_come_in_time_may_have_to_be_paid(peer: Peer, desk: Desk) -> None:
    peer.latency_s, desk.timeout_s = 1.0, 0.3
    (error,) = desk.ask(models(peer), question(), patience=Patience(tries=1))
    assert isinstance(error, DeferredError)
    (call,) = desk.ledger.calls_of(DAY)
    assert call["outcome"] == "timeout"
    assert call["usd"] == call["estimate"] > 0


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_only_the_user_can_mend_is_tried_once_and_left_to_another_run(peer: Peer, desk: Desk, status: int) -> None:
    peer.answer = then(TroubleError(status, message="no such key"))
    found = desk.ask(models(peer), *(question(str(number)) for number in range(8)))
    assert all(isinstance(error, DeferredError) and "no such key" in str(error) for error in found)
    assert len(peer.asked) <= desk.concurrency + 2, "the third refusal in a row is enough"


def test_a_server_that_knows_no_form_is_asked_without_one(peer: Peer, desk: Desk) -> None:
    def answer(asked: Asked) -> str:
        if "response_format" in asked.body:
            raise TroubleError(400, message="response_format is not supported")
        return "{}"

    peer.answer = answer
    ask = Question(DAY, "e1", "extract", "extract-1", "Reply in JSON.", "?", {"type": "object"}, 100)
    ((value, _),) = desk.ask(models(peer), ask)
    assert value == {}


# --- The budget --------------------------------------------------------------------------------------------------------


def test_the_budget_of_a_day_is_kept_and_the_rest_deferred(peer: Peer, desk: Desk) -> None:
    peer.answer = always("{}")
    desk.budget, desk.concurrency = 0.0006, 16
    found = desk.ask(
        models(peer, "openai/own", usd_per_million_tokens=(1.0, 1.0)), *(question(str(number)) for number in range(40))
    )
    done = [value for value in found if isinstance(value, tuple)]
    deferred = [error for error in found if isinstance(error, DeferredError)]
    assert len(done) + len(deferred) == 40
    assert done
    assert deferred
    assert "max_usd_per_day = 0.0006 leaves no room" in str(deferred[0])
    calls = desk.ledger.calls_of(DAY)
    assert sum(call["usd"] for call in calls) <= 0.0006
    assert 0.0006 - sum(call["usd"] for call in calls) < calls[0]["estimate"], "what is left would not pay for another"
    assert len(calls) == len(done), "what is deferred is no call"


def test_a_free_model_needs_no_budget(peer: Peer, desk: Desk) -> None:
    peer.answer, desk.budget = always("{}"), 0.0
    ((value, model),) = desk.ask(models(peer, "openai/my-own"), question())
    assert value == {}
    assert model.price == "own server"


def test_another_day_has_its_own_budget(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    call = Call("k", DAY, "e", "extract", "m", "v", 0.6)
    assert ledger.reserve(call, NOW, 1.0) is not None
    assert ledger.reserve(call, NOW, 1.0) is None
    assert ledger.reserve(call, NOW + dt.timedelta(days=1), 1.0) is not None


def test_a_call_that_costs_less_than_feared_leaves_room_for_others(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    number = ledger.reserve(Call("k", DAY, "e", "extract", "m", "v", 0.6), NOW, 1.0)
    assert number is not None
    ledger.settle(number, Usage(usd=0.1), "ok")
    assert ledger.spent(NOW.date()) == pytest.approx(0.1)
    assert ledger.reserve(Call("l", DAY, "e", "extract", "m", "v", 0.6), NOW, 1.0) is not None


def _reserve_many(path: Path, wanted: int) -> int:
    ledger = Ledger(path)
    calls = [Call(f"{os.getpid()}-{n}", DAY, "e", "extract", "m", "v", 0.01) for n in range(wanted)]
    return sum(ledger.reserve(call, NOW, 0.505) is not None for call in calls)


def test_two_runs_at_once_share_one_budget(tmp_path: Path) -> None:
    """A backfill beside the schedule would spend it twice."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        entered = pool.starmap(_reserve_many, [(tmp_path / "ledger.sqlite", 40)] * 2)
    assert sum(entered) == 50


# --- Killed ------------------------------------------------------------------------------------------------------------


def test_a_call_whose_process_died_counts_with_its_estimate(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.reserve(Call("k", DAY, "e", "extract", "m", "v", 0.6), NOW, 1.0)
    (call,) = ledger.calls_of(DAY)
    assert (call["outcome"], call["usd"]) == ("interrupted", 0.6)
    assert ledger.spent(NOW.date()) == 0.6


def test_a_reply_that_was_kept_before_its_process_died_settles_its_call(peer: Peer, desk: Desk) -> None:
    peer.answer = always('{"a": 1}')
    desk.ask(models(peer), question())
    with sqlite3.connect(desk.ledger.path) as connection:
        connection.execute("update calls set usd = null, outcome = null, latency_s = null")
    assert desk.outcomes() == ["interrupted"]
    desk.ask(models(peer), question())
    assert desk.outcomes() == ["ok"]
    assert len(peer.asked) == 1


def test_a_call_that_brought_nothing_stays_so_when_its_question_is_answered_later(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    call = Call("k", DAY, "e", "extract", "m", "v", 0.25)
    numbers = [ledger.reserve(call, NOW, 1.0) for _ in range(2)]
    ledger.settle(numbers[1] or 0, Usage(usd=0.1), "ok")
    ledger.settle_open("k", Usage(usd=0.1), "ok")
    assert [(call["outcome"], call["usd"]) for call in ledger.calls_of(DAY)] == [("interrupted", 0.25), ("ok", 0.1)]


def test_so_many_calls_are_open_at_once_as_are_allowed(peer: Peer, desk: Desk) -> None:
    peer.answer, peer.latency_s = always("{}"), 0.2
    desk.ask(models(peer), *(question(str(number)) for number in range(20)))
    assert peer.most_at_once == 4


# --- Models ------------------------------------------------------------------------------------------------------------


def refused(monkeypatch: pytest.MonkeyPatch, **keys: Any) -> str:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError) as caught:
        asked_for(ExtractionConfig(**keys))
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "address", "price"),
    [
        ("openai/own", "http://127.0.0.1:8000/v1", "own server"),
        ("openai/own", "http://gpu-box:8000/v1", "own server"),
        ("openai/own", "http://192.168.1.4:8000/v1", "own server"),
        ("openai/deepseek-chat", "http://127.0.0.1:8000/v1", "own server"),
        ("openai/gpt-4o-mini", "http://127.0.0.1:8000/v1", "litellm"),
    ],
)
def test_a_server_nearby_costs_nothing_unless_its_model_is_listed(name: str, address: str, price: str) -> None:
    ((model,), _) = asked_for(ExtractionConfig(model=name, api_base=address))
    assert model.price == price


def test_a_server_of_others_has_a_price_or_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that counts nothing is none."""
    monkeypatch.setenv("AZURE_API_KEY", "x")
    monkeypatch.setenv("AZURE_API_VERSION", "2024-10-21")
    for name, address in (("openai/some/model", "https://models.example.com/v1"), ("azure/mine", "https://x.azure.example")):
        with pytest.raises(ConfigError, match="usd_per_million_tokens"):
            asked_for(ExtractionConfig(model=name, api_base=address))
        config = ExtractionConfig(model=name, api_base=address, usd_per_million_tokens=(1.0, 2.0))
        ((model,), _) = asked_for(config)
        assert (model.price, model.output_usd) == ("configured", 2e-6)
    assert model.api_key is None, "the environment has it, and it is not replaced"


def test_prices_as_configured_are_for_what_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """[0, 0], meant for one's own server, would make a hosted fallback free."""
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    config = ExtractionConfig(
        model="hosted_vllm/own", api_base="http://127.0.0.1:1", fallback_models=("gpt-4o-mini",),
        usd_per_million_tokens=(0.0, 0.0),
    )  # fmt: skip
    (own, fallback), _ = asked_for(config)
    assert (own.output_usd, fallback.price) == (0.0, "litellm")
    assert fallback.output_usd > 0


@pytest.mark.parametrize(
    "name", ["openai/own", "openai/deepseek-chat", "hosted_vllm/x", "lm_studio/x", "openai/gpt-4o-mini", "openai/gpt-5-mini"]
)
def test_a_reply_is_kept_whatever_its_model_is_called(peer: Peer, desk: Desk, name: str) -> None:
    """A price that cannot be reckoned would throw away what was paid for, and ask for it again."""
    peer.answer = always("{}")
    for _ in range(2):
        ((value, _),) = desk.ask(models(peer, name), question())
        assert value == {}
    assert len(peer.asked) == 1
    assert ("temperature" in peer.asked[0].body) != ("reasoning_effort" in peer.asked[0].body)


def test_two_who_ask_the_same_at_once_pay_once(peer: Peer, desk: Desk) -> None:
    peer.answer, peer.latency_s = always("{}"), 0.1
    assert len(desk.ask(models(peer), question(), question())) == 2
    assert len(peer.asked) == 1


def test_a_question_that_times_out_twice_is_left_alone(peer: Peer, desk: Desk) -> None:
    """Each may have to be paid."""
    peer.latency_s, desk.timeout_s = 1.0, 0.2
    (error,) = desk.ask(models(peer), question())
    assert isinstance(error, DeferredError)
    assert desk.outcomes() == ["timeout", "timeout"]


def test_a_spent_budget_is_no_reason_to_ask_somebody_else(peer: Peer, desk: Desk) -> None:
    desk.budget = 0.0
    (error,) = desk.ask(models(peer, "openai/gpt-4o-mini", "openai/own"), question())
    assert isinstance(error, DeferredError)
    assert not peer.asked


def test_one_question_that_is_refused_costs_the_others_nothing(peer: Peer, desk: Desk) -> None:
    """A filter that answers 403 to one transcript would put off the whole day."""

    def answer(asked: Asked) -> str:
        if "forbidden" in asked.user:
            raise TroubleError(403)
        return "{}"

    peer.answer, desk.concurrency = answer, 1
    first, *others = desk.ask(models(peer), question("forbidden"), *(question(str(number)) for number in range(4)))
    assert isinstance(first, DeferredError)
    assert all(isinstance(each, tuple) for each in others)


def test_an_account_that_is_empty_defers_and_does_not_blame_the_questions(peer: Peer, desk: Desk) -> None:
    """Some providers say it as a bad request; the episode would be taken for one without insights."""
    peer.answer = then(TroubleError(400, message="Your credit balance is too low"))
    found = desk.ask(models(peer), *(question(str(number)) for number in range(9)))
    assert all(isinstance(error, DeferredError) and "credit balance" in str(error) for error in found)
    assert len(peer.asked) < 9


def test_a_model_that_cannot_be_asked_is_refused_before_anything_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no OPENAI_API_KEY" in refused(monkeypatch, model="gpt-4o-mini")
    assert "no ANTHROPIC_API_KEY" in refused(monkeypatch, model="anthropic/claude-sonnet-4-5")
    assert "expected provider/model" in refused(monkeypatch, model="my-model")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with pytest.raises(ConfigError, match="usd_per_million_tokens"):
        asked_for(ExtractionConfig(model="openai/nobody-knows-this-one"))


def test_an_address_belongs_to_the_models_of_its_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
    config = ExtractionConfig(
        model="openai/own", api_base="http://127.0.0.1:1/v1", judge_model="anthropic/claude-sonnet-4-5"
    )
    (model,), (judge,) = asked_for(config)
    assert (model.api_base, model.api_key, model.price) == ("http://127.0.0.1:1/v1", "none", "own server")
    assert (judge.api_base, judge.price, judge.form) == (None, "litellm", "schema")


@pytest.mark.parametrize("name", ["ollama/llama3", "hosted_vllm/x", "llamafile/x", "lm_studio/x"])
def test_servers_of_ones_own_need_no_key_and_no_price(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    ((model,), _) = asked_for(ExtractionConfig(model=name, api_base="http://127.0.0.1:1"))
    assert (model.input_usd, model.output_usd) == (0.0, 0.0)
