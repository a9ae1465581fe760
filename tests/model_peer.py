"""A language model's server on loopback: it speaks OpenAI's API, and replies what a function makes of the question.

A real HTTP server; litellm asks it as it would ask any other. ``honest`` reads the numbered lines that it is sent and
proposes insights from them, as a good model would, ``embedded`` gives texts vectors; tests put other answers in their place.
"""

import asyncio
import contextlib
import hashlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import aiohttp.web

from podcast_assets.llm.models import litellm

LINE = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
SPEAKER = re.compile(r"^([A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,2}): ")


class Asked:
    """A question as it arrived. ``number`` counts from 1."""

    def __init__(self, number: int, body: dict[str, Any]) -> None:
        self.number, self.body = number, body
        self.texts: list[str] = body.get("input", [])  # whose vectors are asked for
        self.system, self.user = (message["content"] for message in body.get("messages", [{"content": ""}] * 2))

    @property
    def is_grade(self) -> bool:
        """Whether claims are to be graded."""
        return "You grade" in self.system

    @property
    def lines(self) -> list[tuple[int, str]]:
        """The numbered lines of the talk, without the names of speakers."""
        return [(int(number), SPEAKER.sub("", text)) for number, text in LINE.findall(self.user)]

    @property
    def title(self) -> str:
        """The episode's title."""
        found = re.search(r"^Title: (.*)$", self.user, re.MULTILINE)
        return found[1] if found else ""

    @property
    def claims(self) -> list[tuple[int, str]]:
        """The numbered claims to be graded."""
        return [(int(number), claim) for number, claim in re.findall(r"^(\d+)\. Claim: (.*)$", self.user, re.MULTILINE)]


class TroubleError(Exception):
    """An answer that is no reply: a status with its headers, or none at all (0: the connection breaks)."""

    def __init__(self, status: int, headers: dict[str, str] | None = None, message: str = "trouble") -> None:
        super().__init__(message)
        self.status, self.headers, self.message = status, headers or {}, message


Given = str | dict[str, Any] | aiohttp.web.StreamResponse  # the text of a reply, all of one, any other answer of HTTP
Answer = Callable[[Asked], Given]


def insight(quote: str, numbers: Sequence[int] = (), **fields: Any) -> dict[str, Any]:
    """An honest insight about a passage: what it says about it holds its own words."""
    words = quote.split()
    while len(words) < 32:
        words = [*words, *quote.split()]
    body = " ".join(words[:45])
    return {
        "quote": quote,
        "segments": list(numbers),
        "claim": " ".join(quote.split()[:8]).rstrip(".,;:"),
        "body": body[:1].upper() + body[1:],
        "speaker": None,
        "kind": "fact",
        "topics": ["trade"],
        **fields,
    }


def honest(asked: Asked) -> str:
    """What a good model replies."""
    if asked.is_grade:
        return json.dumps({"grades": [grades(number) for number, _ in asked.claims]})
    if asked.system.startswith("You order insights"):
        return json.dumps({"order": [number for number, _ in asked.claims]})
    if asked.system.startswith("You tell which insights"):
        return json.dumps({"pairs": [{"n": number, "relation": "neither"} for number, _ in asked.claims]})
    long = [(number, text) for number, text in asked.lines if len(text.split()) >= 32]
    return json.dumps(
        {"insights": [insight(" ".join(text.split()[:40]), [number]) for number, text in long[: wanted(asked)]]}
    )


def wanted(asked: Asked) -> int:
    """How many insights are asked for at most."""
    found = re.search(r"at most (\d+) items", asked.system)
    assert found
    return int(found[1])


def grades(number: int, **fields: Any) -> dict[str, Any]:
    """Good grades."""
    return {"n": number, "novelty": 2, "specificity": 2, "support": 3, "use": 2, "filler": False, **fields}


class Peer:
    """The server. ``asked`` holds all questions in the order they came; ``most_at_once`` how many were open together."""

    def __init__(self, answer: Answer = honest, latency_s: float = 0.0) -> None:
        self.answer, self.latency_s = answer, latency_s
        self.embed: Answer = embedded
        self.asked: list[Asked] = []
        self.replied = 0
        self.most_at_once = self._open = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runner, self.port = self._wait(self._start(0))

    @property
    def api_base(self) -> str:
        """For ``[extraction] api_base``."""
        return f"http://127.0.0.1:{self.port}/v1"

    def stop(self) -> None:
        """Closes all connections, and the port."""
        self._wait(self._runner.cleanup())

    def start_again(self) -> None:
        """Listens on the same port again."""
        self._runner, _ = self._wait(self._start(self.port))

    def close(self) -> None:
        """The end of it."""
        with contextlib.suppress(RuntimeError):
            self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(timeout=30)

    async def _start(self, port: int) -> tuple[aiohttp.web.AppRunner, int]:
        app = aiohttp.web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1/chat/completions", self._reply)
        app.router.add_post("/v1/embeddings", self._reply)
        runner = aiohttp.web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = aiohttp.web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        return runner, port or runner.addresses[0][1]

    async def _reply(self, request: aiohttp.web.Request) -> aiohttp.web.StreamResponse:
        asked = Asked(len(self.asked) + 1, await request.json())
        self.asked.append(asked)
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            await asyncio.sleep(self.latency_s)
            found = self.embed(asked) if asked.texts else self.answer(asked)
        except TroubleError as trouble:
            if not trouble.status:
                assert request.transport is not None
                request.transport.abort()
                return aiohttp.web.Response()
            error = {"error": {"message": trouble.message, "type": "error", "code": trouble.status}}
            return aiohttp.web.json_response(error, status=trouble.status, headers=trouble.headers)
        finally:
            self._open -= 1
        self.replied += 1
        if isinstance(found, aiohttp.web.StreamResponse):
            return found
        return aiohttp.web.json_response(found if isinstance(found, dict) else completion(asked, found))


def roughly(text: str) -> int:
    """How many tokens a text has, more or less."""
    return len(text.split()) * 4 // 3


def exactly(text: str) -> int:
    """How many tokens a text has for a model of OpenAI's."""
    return int(litellm().token_counter(model="gpt-4o-mini", text=text))


def completion(
    asked: Asked,
    text: str | None,
    finish_reason: str = "stop",
    count: Callable[[str], int] = roughly,
    **message: Any,
) -> dict[str, Any]:
    """A reply in the form of the API."""
    sent, received = (count(part) for part in (asked.system + asked.user, text or ""))
    return {
        "id": f"chatcmpl-{asked.number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.body["model"],
        "choices": [
            {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": text, **message}}
        ],
        "usage": {"prompt_tokens": sent, "completion_tokens": received, "total_tokens": sent + received},
    }


def vector(text: str, size: int = 8) -> list[float]:
    """A vector that only this text has; its length is not 1."""
    return [byte - 127.5 for byte in hashlib.sha256(text.encode()).digest()[:size]]


def embedded(asked: Asked) -> Given:
    """What a good model replies to texts."""
    return embeddings(asked, [vector(text) for text in asked.texts])


def embeddings(asked: Asked, vectors: Sequence[Any]) -> dict[str, Any]:
    """The reply to texts in the form of the API."""
    sent = sum(map(roughly, asked.texts))
    return {
        "object": "list",
        "model": asked.body["model"],
        "data": [{"object": "embedding", "index": index, "embedding": each} for index, each in enumerate(vectors)],
        "usage": {"prompt_tokens": sent, "total_tokens": sent},
    }


@contextlib.contextmanager
def served(answer: Answer = honest, latency_s: float = 0.0) -> Iterator[Peer]:
    """A server while the block lasts."""
    peer = Peer(answer, latency_s)
    try:
        yield peer
    finally:
        peer.close()


if __name__ == "__main__":  # a process of its own, for what measures time: prints its address, and ends with its input
    exactly("")
    with served(lambda asked: completion(asked, honest(asked), count=exactly), latency_s=float(sys.argv[1])) as server:
        print(server.api_base, flush=True)
        sys.stdin.read()
