"""Answers of a model's server that are no replies, or lie about what they took, and replies that were kept and damaged."""

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp.web
import pytest

from podcast_assets.errors import PodcastAssetsError
from podcast_assets.llm.client import DeferredError, Patience, UnusableError
from tests.model_peer import Answer, Asked, Peer, TroubleError, completion, served
from tests.test_llm import NOW, Desk, models, question

BRIEF = Patience(tries=2, first_wait_s=0.001, longest_wait_s=0.01)
REPLY = '{"a": 1}'


@pytest.fixture
def peer() -> Iterator[Peer]:
    with served() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, budget=math.inf)


def with_part(**parts: Any) -> Answer:
    return lambda asked: completion(asked, REPLY) | parts


def with_choice(**parts: Any) -> Answer:
    return lambda asked: completion(asked, REPLY) | {"choices": [{"index": 0, "finish_reason": "stop", **parts}]}


def with_usage(sent: Any, received: Any, **more: Any) -> Answer:
    return with_part(usage={"prompt_tokens": sent, "completion_tokens": received, "total_tokens": 1, **more})


def raw(text: str | bytes, kind: str = "application/json", status: int = 200) -> Answer:
    body = text.encode() if isinstance(text, str) else text
    return lambda _: aiohttp.web.Response(body=body, content_type=kind, status=status)


NO_REPLIES: dict[str, Answer] = {
    "choices empty": with_part(choices=[]),
    "choices null": with_part(choices=None),
    "choices no list": with_part(choices={"a": 1}),
    "choices of text": with_part(choices=["a"]),
    "no message": with_choice(),
    "message null": with_choice(message=None),
    "content a number": with_choice(message={"role": "assistant", "content": 5}),
    "content a list": with_choice(message={"role": "assistant", "content": [{"type": "text", "text": REPLY}]}),
    "refusal": lambda asked: completion(asked, None, refusal="I will not."),
    "tool call": with_choice(
        finish_reason="tool_calls",
        message={"role": "assistant", "content": None, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "remove", "arguments": '{"path": "/"}'}}]},
    ),
    "filtered": lambda asked: completion(asked, "", finish_reason="content_filter"),
    "usage no numbers": with_usage("many", "more"),
    "usage text": with_part(usage="many"),
    "html": raw("<!doctype html><title>Sign in</title>", "text/html"),
    "nothing": raw(""),
    "no content": raw("", status=204),
    "list": raw("[]"),
    "null": raw("null"),
    "cut off": raw('{"id": "x", "choi'),
    "no text": raw(b"\xff\xfe{\x00a"),
    "events": raw("data: {}\n\n", "text/event-stream"),
    "an error with status 200": raw('{"error": {"message": "overloaded", "code": 503}}'),
    "elsewhere": lambda _: aiohttp.web.Response(status=302, headers={"Location": "/v1/elsewhere"}),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("answer", NO_REPLIES.values(), ids=NO_REPLIES)
def test_what_is_no_reply_is_an_outcome_with_a_reason_and_no_crash(peer: Peer, desk: Desk, answer: Answer) -> None:
    peer.answer = answer
    (error,) = desk.ask(models(peer), question(), patience=BRIEF)
    assert isinstance(error, DeferredError | UnusableError)
    calls = desk.ledger.calls_of(question().day)
    assert 1 <= len(calls) == len(peer.asked) <= 2
    assert all(call["reason"] and call["outcome"] not in {"ok", "interrupted"} for call in calls)


@pytest.mark.parametrize(
    "answer",
    [
        with_part(usage=None), with_usage(None, None), with_usage(0, 0), with_usage(-1_000_000, -1_000_000),
        with_usage(10**30, 1), with_usage(10, 1, prompt_tokens_details={"cached_tokens": 10**30}),
    ],
    ids=["none", "null", "nothing", "negative", "huge", "huge cache"],
)  # fmt: skip
def test_a_server_that_does_not_say_what_it_took_spends_the_budget_all_the_same(
    peer: Peer, desk: Desk, answer: Answer
) -> None:
    """Else its calls cost nothing, or give dollars back, and the day's budget is no bound."""
    peer.answer = answer
    ((value, _),) = desk.ask(models(peer), question())
    assert value == json.loads(REPLY)
    (call,) = desk.ledger.calls_of(question().day)
    assert call["usd"] > 0
    assert call["input_tokens"] > 0
    assert desk.ledger.spent(NOW.date()) == call["usd"]


def test_half_a_surrogate_pair_is_kept_like_any_other_text(peer: Peer, desk: Desk) -> None:
    peer.answer = lambda _: '{"a": "\ud800 and on"}'
    ((value, _),) = desk.ask(models(peer), question())
    ((again, _),) = desk.ask(models(peer), question())
    assert value == again == {"a": "\ud800 and on"}
    assert len(peer.asked) == 1


def test_a_reply_that_drips_is_cut_off_in_time(peer: Peer, desk: Desk) -> None:
    """A byte now and then keeps a connection alive for ever."""

    async def drops() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" "
            await asyncio.sleep(0.1)

    peer.answer = lambda _: aiohttp.web.Response(body=drops(), content_type="application/json")
    desk.timeout_s = 0.5
    began = time.monotonic()
    (error,) = desk.ask(models(peer), question(), patience=Patience(tries=1))
    assert isinstance(error, DeferredError)
    assert time.monotonic() - began < 5
    (call,) = desk.ledger.calls_of(question().day)
    assert (call["outcome"], call["usd"]) == ("timeout", call["estimate"])


@pytest.mark.parametrize(
    "kept",
    [b"", b"\x00\xff", b"[]", b"3", b'{"text": "x"}', b'{"text": "{}", "finish_reason": "stop", "usage": {"cost": 1}}'],
)
def test_a_kept_reply_that_is_damaged_or_of_another_form_is_asked_for_anew(peer: Peer, desk: Desk, kept: bytes) -> None:
    peer.answer = lambda _: REPLY
    desk.ask(models(peer), question())
    (path,) = (path for path in desk.cache.root.glob("*/*") if path.is_file())
    path.write_bytes(kept)
    ((value, _),) = desk.ask(models(peer), question())
    assert value == json.loads(REPLY)
    assert len(peer.asked) == 2


def test_a_server_that_asks_for_more_and_more_rest_gets_all_of_it(peer: Peer, desk: Desk) -> None:
    """Who waits already must hear of it when another call is told to wait longer."""
    moments: list[float] = []

    def answer(_: Asked) -> str:
        moments.append(time.monotonic())
        if len(moments) <= 2:
            raise TroubleError(429, {"Retry-After": "0.1" if len(moments) == 1 else "0.4"})
        return REPLY

    peer.answer, desk.concurrency = answer, 2
    first, second, *rest = desk.ask(models(peer), *(question(str(number)) for number in range(4)))
    assert first[0] == second[0] == json.loads(REPLY)
    assert len(rest) == 2
    assert moments[2] - moments[1] >= 0.4


def test_a_form_that_is_refused_at_the_last_try_is_an_outcome_too(peer: Peer, desk: Desk) -> None:
    def answer(asked: Asked) -> str:
        raise TroubleError(400 if asked.number == BRIEF.tries else 503)

    peer.answer = answer
    (asked_model,) = models(peer)
    assert asked_model.form == "schema"
    (error,) = desk.ask([asked_model], question(), patience=BRIEF)
    assert isinstance(error, DeferredError | UnusableError)


@pytest.mark.parametrize("damage", [b"no database" * 1_000, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_ledger_is_named(peer: Peer, desk: Desk, damage: bytes) -> None:
    desk.ledger.path.write_bytes(damage)
    (error,) = desk.ask(models(peer), question())
    assert isinstance(error, PodcastAssetsError)
    assert str(desk.ledger.path) in str(error)
    assert "restore it" in str(error)
    assert not peer.asked, "nothing is paid that cannot be written down"
