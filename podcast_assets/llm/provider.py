"""One call of a language model through litellm, and what its errors mean for us."""

import asyncio
import contextlib
import dataclasses
import re
import time
from collections.abc import Awaitable
from typing import Any, Final

from podcast_assets.llm.ledger import Usage
from podcast_assets.llm.models import Model, litellm
from podcast_assets.text import one_line

LONGEST_REASON = 200
THINKING = 6_000  # tokens that a model which reasons first may take beyond its reply, with little effort
SCHEMA_TOKENS = 300  # of a form that is sent along
SPARE = 1.3  # what another tokenizer may make of a text, against the one that we count with
OLLAMA_CONTEXT = 16_384  # tokens; Ollama's own default cuts a question off without a word
DIGITS: Final = 8
NAMES: Final = re.compile(r"^(?:litellm\.)?(?:\w+(?:Error|Exception): )*(?:\w+(?:Exception|Error) - )?")  # of classes
MOST_TOKENS: Final = 10**9  # that a server's word is taken for
DOWN: Final = "unreachable"
ONE_TRY: Final = {"max_retries": 0, "num_retries": 0}  # each try is a call of its own, in the ledger
NOT_ALLOWED: Final = (401, 402, 403, 404)  # statuses that only the user can do something about


@dataclasses.dataclass(frozen=True)
class Reply:
    """What came back. ``finish_reason``: ``stop``, ``length`` where it was cut off, or a word of the provider."""

    text: str
    finish_reason: str
    usage: Usage


class CallError(Exception):
    """A call that brought no reply.

    ``outcome`` is one word or two for the ledger. ``passes``: the same call may succeed soon. ``blames``: the fault is the
    question's (too long, refused by a filter), so that asking it again is no use. ``retry_after_s``: what the server said.
    ``may_cost``: it broke off after the question was sent, and nobody knows whether it is paid for.
    """

    def __init__(
        self,
        outcome: str,
        reason: str,
        *,
        passes: bool = False,
        blames: bool = False,
        may_cost: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.outcome, self.reason = outcome, reason
        self.passes, self.blames, self.may_cost, self.retry_after_s = passes, blames, may_cost, retry_after_s


def most_tokens(model: Model, reply_tokens: int) -> int:
    """The tokens that a reply may have, with those that the model spends on reasoning."""
    return reply_tokens + (THINKING if model.reasons else 0)


def estimate_usd(model: Model, system: str, user: str, reply_tokens: int) -> float:
    """What a call costs at most: all of the question, and the longest reply that is allowed; tokens are counted amply."""
    if not (model.input_usd or model.output_usd):
        return 0.0
    tokens = litellm().token_counter(model=model.name, messages=_messages(system, user))
    sent = SPARE * float(tokens) + SCHEMA_TOKENS
    return round(sent * model.input_usd + most_tokens(model, reply_tokens) * model.output_usd, DIGITS)


async def complete(
    model: Model, system: str, user: str, schema: dict[str, Any] | None, reply_tokens: int, timeout_s: float
) -> Reply:
    """Asks once.

    Raises:
        CallError: says why no reply came.
    """
    asked = litellm().acompletion(
        model=model.name,
        messages=_messages(system, user),
        api_base=model.api_base,
        api_key=model.api_key,
        max_tokens=most_tokens(model, reply_tokens),
        timeout=timeout_s,
        **ONE_TRY,
        **_form(model, schema),
        **({"reasoning_effort": "low"} if model.reasons else {"temperature": 0}),  # no provider takes both
        **({"num_ctx": OLLAMA_CONTEXT} if model.is_ollama else {}),
    )
    response, latency_s = await answered(asked, timeout_s)
    choice = response.choices[0] if response.choices else None  # a reply without any has been paid for, too
    content = choice.message.content if choice else ""
    text = content if isinstance(content, str) else ""
    return Reply(
        text=text,
        finish_reason=str(choice.finish_reason or "") if choice else "",
        usage=_usage(model, response, _messages(system, user), text, latency_s),
    )


async def answered(asked: Awaitable[Any], timeout_s: float) -> tuple[Any, float]:
    """What litellm gives for a call, and the seconds that it took.

    Raises:
        CallError: says why nothing came.
    """
    began = time.monotonic()
    try:
        async with asyncio.timeout(timeout_s):  # of all of it: litellm's own starts anew with every byte that comes
            response = await asked
    except TimeoutError as error:
        raise CallError("timeout", f"no whole reply in {timeout_s:g} s", passes=True, may_cost=True) from error
    except Exception as error:
        raise _understood(error) from error
    return response, round(time.monotonic() - began, 3)


async def close() -> None:
    """Closes the connections of this event loop; litellm keeps them for the next call and never lets go of them."""
    kept = litellm().in_memory_llm_clients_cache
    for client in list(kept.cache_dict.values()):
        closing = getattr(client, "aclose", None) or getattr(client, "close", None)
        with contextlib.suppress(Exception):  # of another loop that is gone, say
            found = closing() if closing else None
            if asyncio.iscoroutine(found):
                await found
    kept.flush_cache()


def _messages(system: str, user: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def _form(model: Model, schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None or model.form is None:
        return {}
    if model.form == "object":
        return {"response_format": {"type": "json_object"}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": schema}}}


def _usage(model: Model, response: Any, messages: list[dict[str, str]], text: str, latency_s: float) -> Usage:
    """What a server says that it took, but never less than nothing; where it says nothing, what we count."""
    found = getattr(response, "usage", None)
    details = getattr(found, "prompt_tokens_details", None)
    sent, received = (tokens(found, name) for name in ("prompt_tokens", "completion_tokens"))
    says = sent + received > 0
    if not says:
        count = litellm().token_counter
        sent, received = int(count(model=model.name, messages=messages)), int(count(model=model.name, text=text))
    usd = sent * model.input_usd + received * model.output_usd
    if model.price == "litellm" and says:
        with contextlib.suppress(Exception):  # whatever it cannot reckon is not worth a reply that was paid for
            usd = float(litellm().completion_cost(completion_response=response, model=model.name))
    return Usage(sent, received, tokens(details, "cached_tokens"), max(0.0, round(usd, DIGITS)), latency_s)


def tokens(found: Any, name: str) -> int:
    """A server's word for how many tokens it took; 0 where it says nothing."""
    return min(max(0, int(getattr(found, name, 0) or 0)), MOST_TOKENS)


def _understood(error: Exception) -> CallError:
    """The error in our words. litellm gives each provider's errors the types of OpenAI's."""
    kinds = litellm().exceptions
    reason = one_line(NAMES.sub("", str(error)), LONGEST_REASON)
    understood: list[tuple[Any, str, dict[str, bool]]] = [  # the first that fits
        (kinds.Timeout, "timeout", {"passes": True}),
        (kinds.RateLimitError, "rate limited", {"passes": True}),
        (kinds.ContextWindowExceededError, "too long", {"blames": True}),
        (kinds.ContentPolicyViolationError, "refused", {"blames": True}),
        ((kinds.BadRequestError, kinds.UnprocessableEntityError), "bad request", {}),
        (Exception, "unavailable", {"passes": True}),
    ]
    if (status := getattr(error, "status_code", None)) in NOT_ALLOWED:  # some of which have no type of their own
        reason = f"{status}: {reason}"
        understood.insert(0, (Exception, "not allowed", {}))
    outcome, meaning = next((outcome, meaning) for kind, outcome, meaning in understood if isinstance(error, kind))
    if outcome == "unavailable" and _is_down(error):
        outcome = DOWN
    may_cost = outcome == "timeout" or (outcome == "unavailable" and _headers(error) is None)
    return CallError(outcome, reason, retry_after_s=_retry_after_s(error), may_cost=may_cost, **meaning)


def _retry_after_s(error: Exception) -> float | None:
    """Seconds, as ``Retry-After`` gives them; the other form, a date, no provider of models uses."""
    for headers in (getattr(getattr(error, "response", None), "headers", None), _headers(error)):
        with contextlib.suppress(ValueError):
            return max(0.0, float((headers or {}).get("retry-after", "")))
    return None


def _headers(error: Exception) -> Any:
    """Of the server's answer, where there was one; litellm makes up answers for what had none."""
    return getattr(error, "litellm_response_headers", None)


def _is_down(error: BaseException | None) -> bool:
    """Whether nobody was there to take the call."""
    import aiohttp
    import httpx

    while error is not None:
        if isinstance(error, httpx.ConnectError | aiohttp.ClientConnectorError):
            return True
        error = error.__cause__ or error.__context__
    return False
