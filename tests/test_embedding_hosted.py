"""A hosted embedding model, through litellm and a real server: what is asked and paid, and what trouble costs."""

import datetime as dt
import math
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podcast_assets.cli import cli
from podcast_assets.config import parse
from podcast_assets.embedding import EmbeddingError, open_vectors
from podcast_assets.embedding.hosted import HostedEmbedder, batches
from podcast_assets.errors import ConfigError
from podcast_assets.llm.client import Patience
from podcast_assets.llm.ledger import Ledger
from podcast_assets.llm.models import embedding_model
from podcast_assets.project import Project
from tests.model_peer import Answer, Asked, Given, Peer, TroubleError, embedded, embeddings, served, vector

DAY = dt.date(2026, 3, 6)
HASTY = Patience(tries=4, first_wait_s=0.01, longest_wait_s=0.5, give_up_s=2.0)
TEXTS = [f"Bridge number {number} rots from below." for number in range(200)]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with served() as server:
        yield server


class Desk:
    """A project whose hosted model the peer is."""

    def __init__(self, folder: Path, peer: Peer, model: str = "openai/text-embedding-3-small", **extraction: Any) -> None:
        keys: dict[str, Any] = {"hosted_model": model, "api_base": peer.api_base}
        self.project = Project(parse({"embedding": keys, "extraction": extraction}, folder / "podcasts.toml"))
        self.embedder = HostedEmbedder(self.project, embedding_model(self.project.config.embedding), DAY, HASTY)

    def calls(self) -> list[dict[str, Any]]:
        return Ledger(self.project.ledger_path).calls_of(DAY)

    def outcomes(self) -> list[str]:
        return [call["outcome"] for call in self.calls()]

    def fails(self, *texts: str) -> str:
        with pytest.raises(EmbeddingError) as caught:
            self.embedder.vectors(texts or TEXTS[:3])
        return str(caught.value)


@pytest.fixture
def desk(tmp_path: Path, peer: Peer) -> Desk:
    return Desk(tmp_path, peer)


def unit(text: str) -> np.ndarray[Any, Any]:
    found = np.array(vector(text))
    return np.asarray(found / np.linalg.norm(found))


def first(trouble: TroubleError | Callable[[Asked], Given], times: int = 1) -> Answer:
    """A server that has trouble so many times, and then none."""
    left = [trouble] * times

    def answer(asked: Asked) -> Given:
        if left:
            found = left.pop()
            if isinstance(found, TroubleError):
                raise found
            return found(asked)
        return embedded(asked)

    return answer


# --- What is asked, and what comes back --------------------------------------------------------------------------------


def test_each_text_has_its_own_vector_of_length_1_across_batches(peer: Peer, desk: Desk) -> None:
    """The vectors of one batch would be given to the texts of another."""
    texts = [*TEXTS, TEXTS[7], "", "  \n"]
    found = desk.embedder.vectors(texts)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:200], [unit(text) for text in TEXTS], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert (found[200] == found[7]).all()
    assert (found[201] == found[202]).all(), "what is blank has a vector, too ..."
    assert all(text for asked in peer.asked for text in asked.texts), "... although servers refuse empty texts"
    assert sorted(len(asked.texts) for asked in peer.asked) == [9, 64, 64, 64], "the same text is sent once"


def test_vectors_are_given_by_their_index_in_whatever_order_they_come(peer: Peer, desk: Desk) -> None:
    def answer(asked: Asked) -> Given:
        reply = embeddings(asked, [vector(text) for text in asked.texts])
        return {**reply, "data": reply["data"][::-1]}

    peer.embed = answer
    np.testing.assert_allclose(desk.embedder.vectors(TEXTS[:5]), [unit(text) for text in TEXTS[:5]], atol=1e-6)


def test_without_texts_the_number_of_columns_is_known_all_the_same(peer: Peer, desk: Desk) -> None:
    assert desk.embedder.vectors([]).shape == (0, 8)


def test_batches_are_bounded_in_texts_and_characters() -> None:
    assert [len(found) for found in batches(["x"] * 130)] == [64, 64, 2]
    assert [len(found) for found in batches(["x" * 6_000] * 25)] == [10, 10, 5]
    assert list(batches(["x" * 100_000, "y"])) == [["x" * 100_000], ["y"]]
    assert list(batches([])) == []


def test_what_a_text_is_too_long_for_is_cut(peer: Peer, desk: Desk) -> None:
    desk.embedder.vectors(["word " * 5_000])
    assert len(peer.asked[0].texts[0]) == 6_000


# --- A reply is paid for once ------------------------------------------------------------------------------------------


def test_a_call_is_in_the_ledger_with_its_purpose_tokens_and_price(peer: Peer, desk: Desk) -> None:
    desk.embedder.vectors(TEXTS[:10])
    (call,) = desk.calls()
    assert (call["purpose"], call["model"], call["outcome"]) == ("embed", "openai/text-embedding-3-small", "ok")
    assert call["input_tokens"] == 80
    assert call["usd"] == pytest.approx(80 * 0.02e-6)  # 0.02 dollars for a million tokens
    assert call["usd"] <= call["estimate"]
    assert call["latency_s"] > 0


def test_another_run_pays_nothing_for_the_same_texts(peer: Peer, desk: Desk, tmp_path: Path) -> None:
    before = desk.embedder.vectors(TEXTS)
    after = Desk(tmp_path, peer).embedder.vectors(TEXTS)
    assert len(peer.asked) == len(desk.calls()) == 4
    assert (before == after).all()


@pytest.mark.parametrize("name", ["openai/text-embedding-3-large", "openai/own"])
def test_vectors_of_another_model_are_not_taken_for_those_of_this_one(
    peer: Peer, desk: Desk, tmp_path: Path, name: str
) -> None:
    desk.embedder.vectors(TEXTS[:3])
    other = Desk(tmp_path, peer, name)
    other.embedder.vectors(TEXTS[:3])
    assert other.embedder.name != desk.embedder.name
    assert len(peer.asked) == 2


def _embed(folder: Path, port: int) -> None:
    keys = {"hosted_model": "openai/own", "api_base": f"http://127.0.0.1:{port}/v1"}
    project = Project(parse({"embedding": keys, "extraction": {"concurrency": 1}}, folder / "podcasts.toml"))
    HostedEmbedder(project, embedding_model(project.config.embedding), DAY, HASTY).vectors(TEXTS)


def test_what_a_killed_run_has_paid_for_is_not_asked_again(peer: Peer, tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_embed, args=(tmp_path, peer.port))

    def answer(asked: Asked) -> Given:
        if asked.number == 3:
            process.kill()
        return embedded(asked)

    peer.embed, peer.latency_s = answer, 0.1
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    desk = Desk(tmp_path, peer, "openai/own")
    np.testing.assert_allclose(desk.embedder.vectors(TEXTS), [unit(text) for text in TEXTS], atol=1e-6)
    assert len(peer.asked) == 5, "three before, of which one was lost, and the two that were left"
    assert desk.outcomes() == ["ok", "ok", "interrupted", "ok", "ok"]


# --- Trouble -----------------------------------------------------------------------------------------------------------


def test_a_server_that_says_when_is_asked_then(peer: Peer, desk: Desk) -> None:
    peer.embed = first(TroubleError(429, {"Retry-After": "0.2"}))
    desk.embedder.vectors(TEXTS[:3])
    assert desk.outcomes() == ["rate limited", "ok"]


def test_a_storm_of_errors_passes(peer: Peer, desk: Desk) -> None:
    peer.embed = first(TroubleError(500), times=8)
    np.testing.assert_allclose(desk.embedder.vectors(TEXTS), [unit(text) for text in TEXTS], atol=1e-6)
    assert desk.outcomes().count("ok") == 4
    assert sum(call["usd"] for call in desk.calls() if call["outcome"] != "ok") == 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (lambda rows: rows[1:], "it gave 2 vectors for 3 texts"),
        (lambda rows: [*rows, rows[0]], "it gave 4 vectors for 3 texts"),
        (lambda rows: [], "it gave 0 vectors for 3 texts"),
        (lambda rows: [*rows[1:], [math.nan] * 8], "all zeros or holds what is no number"),
        (lambda rows: [*rows[1:], [math.inf] * 8], "all zeros or holds what is no number"),
        (lambda rows: [*rows[1:], [0.0] * 8], "all zeros or holds what is no number"),
        (lambda rows: [*rows[1:], rows[0][1:]], "not rows of as many numbers each"),
        (lambda rows: [[], [], []], "not rows of as many numbers each"),
    ],
)
def test_what_are_no_vectors_is_an_error_that_says_so_and_is_asked_for_anew(
    peer: Peer, desk: Desk, rows: Callable[[list[Any]], list[Any]], said: str
) -> None:
    """It would lie in the lake, near to everything or to nothing."""
    peer.embed = first(lambda asked: embeddings(asked, rows([vector(text) for text in asked.texts])))
    message = desk.fails()
    assert said in message
    assert message.startswith("[embedding] hosted_model: openai/text-embedding-3-small: ")
    (call,) = desk.calls()
    assert (call["outcome"], call["usd"]) == ("unreadable", call["estimate"]), "it may have to be paid"
    np.testing.assert_allclose(desk.embedder.vectors(TEXTS[:3]), [unit(text) for text in TEXTS[:3]], atol=1e-6)


def test_one_batch_that_fails_throws_away_none_of_the_others(peer: Peer, desk: Desk) -> None:
    """They are under way when it fails, and are paid for."""

    def answer(asked: Asked) -> Given:
        if TEXTS[0] in asked.texts:
            raise TroubleError(400, message="nothing of bridges")
        time.sleep(0.1)
        return embedded(asked)

    peer.embed = answer
    assert "nothing of bridges" in desk.fails(*TEXTS)
    assert sorted(desk.outcomes()) == ["bad request", "ok", "ok", "ok"]


def test_vectors_without_their_places_are_refused(peer: Peer, desk: Desk) -> None:
    def answer(asked: Asked) -> Given:
        reply = embeddings(asked, [vector(text) for text in asked.texts])
        return {**reply, "data": [{**each, "index": 0} for each in reply["data"]]}

    peer.embed = answer
    assert "do not say which text they belong to" in desk.fails()


def test_a_server_whose_model_changes_under_its_name_is_found_out(peer: Peer, desk: Desk) -> None:
    desk.embedder.vectors(TEXTS[:64])
    peer.embed = lambda asked: embeddings(asked, [vector(text, 6) for text in asked.texts])
    assert "vectors of 6 and of 8 numbers" in desk.fails(*TEXTS)


def test_a_key_that_is_refused_is_an_error_at_once(peer: Peer, desk: Desk) -> None:
    peer.embed = first(TroubleError(401, message="no such key"), times=99)
    assert "401" in desk.fails()
    assert len(peer.asked) == 1


def test_a_server_that_is_down_is_an_error_and_nothing_else_takes_its_place(peer: Peer, tmp_path: Path) -> None:
    desk = Desk(tmp_path, peer)
    peer.stop()
    embedder, told = open_vectors(desk.project, DAY)
    assert told == "openai/text-embedding-3-small (prices of litellm's list), asked through litellm"
    assert embedder.name == f"openai/text-embedding-3-small ({peer.api_base})"
    assert not embedder.is_lexical
    assert "Connection error" in desk.fails()
    peer.start_again()
    assert desk.embedder.vectors(TEXTS[:3]).shape == (3, 8)


def test_the_budget_is_that_of_all_models_together(peer: Peer, tmp_path: Path) -> None:
    desk = Desk(tmp_path, peer, max_usd_per_day=0.00003, concurrency=1)
    message = desk.fails(*TEXTS)
    assert "max_usd_per_day = 3e-05 leaves no room" in message
    assert 0 < len(peer.asked) < 4
    Desk(tmp_path, peer).embedder.vectors(TEXTS)
    assert len(peer.asked) == 4, "what was paid before the budget was spent is kept"


# --- Which model it is -------------------------------------------------------------------------------------------------


def of(**keys: Any) -> Any:
    return embedding_model(parse({"embedding": keys}, Path("/podcasts.toml")).embedding)


def test_a_model_that_cannot_be_asked_is_refused_before_anything_is_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match=r"\[embedding\] text-embedding-3-small: the environment has no OPENAI_API_KEY"):
        of(hosted_model="text-embedding-3-small")
    with pytest.raises(ConfigError, match=r"\[embedding\] mine: no provider is known"):
        of(hosted_model="mine")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    with pytest.raises(ConfigError, match=r"set usd_per_million_tokens = \[price\], or \[0\]"):
        of(hosted_model="openai/nobody-knows-this-one")


def test_a_run_says_so_before_it_asks_the_feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an hour of listening, the ranking would fail for a key that was never there."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    file = tmp_path / "podcasts.toml"
    file.write_text('[feeds]\nurls = ["http://127.0.0.1:9/feed"]\n[embedding]\nhosted_model = "text-embedding-3-small"\n')
    monkeypatch.setenv("PODCAST_ASSETS_CONFIG", str(file))
    with pytest.raises(ConfigError, match=r"podcasts.toml: \[embedding\] text-embedding-3-small: .* no OPENAI_API_KEY"):
        cli.main(["run"], standalone_mode=False)
    assert not (tmp_path / "data").exists()


def test_the_price_is_that_of_the_list_or_as_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    listed = of(hosted_model="openai/text-embedding-3-small")
    assert (listed.price, listed.input_usd, listed.output_usd) == ("litellm", pytest.approx(0.02e-6), 0)
    stated = of(hosted_model="openai/nobody-knows-this-one", usd_per_million_tokens=[0.5])
    assert (stated.price, stated.input_usd, stated.output_usd) == ("configured", pytest.approx(0.5e-6), 0)
    own = of(hosted_model="ollama/nomic-embed-text")
    assert (own.price, own.input_usd) == ("own server", 0)
