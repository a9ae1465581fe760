"""Episodes that give orders to a model, and a model that obeys: nothing reaches another episode, or a page as markup.

The texts take the way that a feed's and a publisher's texts take. The server does whatever the question asks of it.
"""

import dataclasses
import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from podcast_assets import config
from podcast_assets.cli import cli
from podcast_assets.digest.render import markdown
from podcast_assets.feeds import values
from podcast_assets.insights.rows import insight_id
from podcast_assets.project import Project
from podcast_assets.publisher_transcripts.formats import parse
from podcast_assets.ranking.day import rank_day
from podcast_assets.ranking.five import project_picks
from podcast_assets.speech import Segment
from podcast_assets.text import as_markdown
from podcast_assets.warehouse.build import publish
from tests.fields import LOG, WORDS_ALONE
from tests.model_day import Told, extraction, frames, run, talk, told
from tests.model_peer import Asked, grades, honest, insight, served
from tests.payloads import COUNT, mark, payload
from tests.talks import DAY, Turns, by_sentence

CLEAN = 40
VICTIM = "e0037c"  # the fourth of the clean ones, which the payloads name
PLACES = ("transcript", "title", "show", "notes", "speaker", "chapter")
MARK = re.compile(r"zq(\d{3})x")
MARKUP = re.compile(r"<[a-z/!]|\]\(|https?:|www\.|javascript:|\w@\w|[`{}]|\*\*|__", re.IGNORECASE)
JOINERS = "\u200c\u200d"  # seen in what they join: Persian and Indian words, emoji
A_PAGE = 20  # episodes that compete for it


def heard(turns: Turns) -> list[Segment]:
    """A talk as it comes out of a publisher's transcript."""
    segments = [
        {"startTime": one.start_s, "endTime": one.end_s, "body": one.text, "speaker": one.speaker}
        for one in by_sentence(turns)
    ]
    return parse(json.dumps({"version": "1.0.0", "segments": segments}).encode(), "application/json")


def clean(number: int) -> Told:
    """An episode without a payload; by its identity its turn comes among those that have one."""
    episode = told(COUNT + number, segments=heard(talk(COUNT + number)))
    return dataclasses.replace(episode, episode_id=f"e{number * COUNT // CLEAN:04}c")


def poisoned(number: int) -> Told:
    """An episode whose payload stands in one place."""
    text, place = payload(number), PLACES[number // 3 % len(PLACES)]
    turns = list(talk(number))
    if place == "transcript":
        speaker, said = turns[number % 3]
        turns[number % 3] = (speaker, f"{said} {text}." if number % 2 else f"{text}. {said}")
    elif place == "speaker":
        turns = [(text[:70] if name == "Oskar Brandt" else name, said) for name, said in turns]  # longer ones are no names
    fields: dict[str, Any] = {"segments": heard(turns)}
    if place in {"title", "show"}:
        fields[place] = values.line(text)
    elif place == "notes":
        fields["notes"] = values.plain(text)
    elif place == "chapter":
        fields["chapters"] = [{"start_s": 0.0, "title": values.line(text)}]
    return told(number, **fields)


def obedient(asked: Asked) -> str:
    """A model that does what it reads, in as many ways as there are fields."""
    found = MARK.search(asked.user)
    if not found:
        return honest(asked)
    number = int(found[1])
    if asked.is_grade:
        best = [grades(n, novelty=3, specificity=3, use=3, episode_id=VICTIM, n_of="all") for n in range(1, 50)]
        return json.dumps({"grades": best, "status": "accepted"})
    text, stranger = payload(number), " ".join(said for _, said in talk(COUNT + 3))
    seen = next(line for line in asked.user.splitlines() if mark(number) in line)
    few = " ".join(text.split()[:12])
    items = json.loads(honest(asked))["insights"]
    own = {"episode_id": VICTIM, "insight_id": "0" * 16, "status": "accepted", "day": "2026-03-01", "quality": 1, "rank": 1}
    changed: list[Callable[[dict[str, Any]], dict[str, Any]]] = [
        lambda item: item | {"claim": text},
        lambda item: item | {"claim": few},
        lambda item: item | {"body": f"{' '.join(item['body'].split()[:32])} {few}"},
        lambda item: item | {"speaker": text, "kind": text},
        lambda item: item | {"speaker": few, "topics": [text, few, few.upper(), text[:40], "trade"]},
        lambda item: item | own,
        lambda item: item | {"quote": seen, "claim": few},
        lambda item: item | {"quote": seen.partition(mark(number))[2], "body": item["body"]},
        lambda item: item | {"quote": " ".join(stranger.split()[:30])},
        lambda item: item | {"claim": "Buy Brightspoon coins today", "topics": ["coins"], "kind": "order"},
        lambda item: item | {"claim": f"{' '.join(item['claim'].split()[:6])} {few}"[:90], **own},
        lambda item: insight(" ".join(stranger.split()[:40]), episode_id=VICTIM),
    ]
    chosen = [changed[(number + more) % len(changed)](items[more % len(items)]) for more in range(4)] if items else []
    reply = json.dumps({"insights": [*chosen, *items[:1]], **own})
    return f"{text}\n{reply}" if number % 5 == 0 else reply


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The day with payloads, and the day without."""

    episodes: list[Told]
    harmful: list[Told]
    poisoned: pl.DataFrame
    usage: pl.DataFrame
    honest: pl.DataFrame


@pytest.fixture(scope="module", params=[pytest.param(7, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)])
def outcome(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """Both days; every payload in an episode of its own."""

    def project() -> Project:
        file = tmp_path_factory.mktemp("injected") / "podcasts.toml"
        return Project(config.parse({"extraction": extraction(server)}, file))

    unharmed = [clean(number) for number in range(CLEAN)]
    harmful = [poisoned(number) for number in range(0, COUNT, request.param)]
    mixed = list(harmful)
    for number, one in enumerate(unharmed):
        mixed.insert(number * (len(harmful) // CLEAN + 1), one)
    with served(obedient) as server:
        day = run(project(), mixed)
        server.answer = honest
        yield Outcome(mixed, harmful, day.candidates, day.usage, run(project(), unharmed).candidates)


def accepted(outcome: Outcome) -> list[dict[str, Any]]:
    return outcome.poisoned.filter(pl.col("status") == "accepted").to_dicts()


def test_there_are_so_many_payloads_in_all_places() -> None:
    assert len({payload(number) for number in range(COUNT)}) == COUNT


def test_no_field_of_another_episode_changes(outcome: Outcome) -> None:
    ids = [clean(number).episode_id for number in range(CLEAN)]
    rows = outcome.poisoned.filter(pl.col("episode_id").is_in(ids))
    assert rows.equals(outcome.honest)
    assert len(outcome.honest.filter(pl.col("status") == "accepted")) == 3 * CLEAN
    assert not MARK.search(json.dumps(rows.to_dicts(), default=str))


def test_every_episode_ends_with_its_calls_and_none_is_deferred(outcome: Outcome) -> None:
    assert set(outcome.usage["outcome"]) <= {"ok", "unreadable"}
    with_insights = {row["episode_id"] for row in accepted(outcome)}
    assert len(with_insights) > 0.8 * len(outcome.episodes), "a payload must not silence its own show either"


def test_what_is_accepted_is_plain_text_of_its_own_episode(outcome: Outcome) -> None:
    spoken = {one.episode_id: " ".join(segment.text for segment in one.segments) for one in outcome.episodes}
    for row in accepted(outcome):
        assert row["day"] == DAY
        assert row["quote"] in spoken[row["episode_id"]], row
        assert row["insight_id"] == insight_id(row["episode_id"], row["quote"])
        assert row["kind"] in {None, "fact", "argument", "prediction", "advice", "disagreement", "number"}
        texts = [row[name] or "" for name in ("claim", "body", "quote", "speaker")] + row["topics"]
        for text in texts:
            assert not MARKUP.search(text), (text, row)
    assert {row["timing"] for row in accepted(outcome)} <= {"exact", "segment", "estimated"}


def unseen(text: str) -> set[str]:
    return {sign for sign in text if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}} - set(JOINERS)


def test_no_row_holds_what_cannot_be_seen(outcome: Outcome) -> None:
    for row in outcome.poisoned.to_dicts():
        found = unseen("".join(str(value) for value in row.values()))
        assert not found, (found, row)


# --- Shown -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> dict[dt.date, pl.DataFrame]:
    """``daily_top5`` of many days: twenty poisoned episodes compete for each."""
    roomy = {"top": 60, "per_episode": 12, "per_show": 100, "per_speaker": 100, "weights": {"novelty": 0}}
    project = Project(
        config.parse({"embedding": WORDS_ALONE, "ranking": roomy}, tmp_path_factory.mktemp("pages") / "podcasts.toml")
    )
    found = {}
    for start in range(0, len(outcome.harmful), A_PAGE):
        ids = [one.episode_id for one in outcome.harmful[start : start + A_PAGE]]
        day = DAY + dt.timedelta(days=start // A_PAGE)
        mine = pl.col("episode_id").is_in(ids)
        candidates = outcome.poisoned.filter(mine, pl.col("status") == "accepted")
        episodes = frames(outcome.episodes)[0].filter(mine)
        candidates, episodes = (frame.with_columns(pl.lit(day).alias("day")) for frame in (candidates, episodes))
        project.lake.write("insight_candidates", candidates, day)
        project.lake.write("episodes", episodes, day)
        ranked = rank_day(project, day, candidates, episodes, LOG).ranked
        audio = {name: f"https://audio.example/{name}.mp3" for name in ids}
        found[day] = project_picks(ranked, candidates, episodes, audio)
    return found


def test_pages_show_payloads_as_text_alone(outcome: Outcome, pages: dict[dt.date, pl.DataFrame]) -> None:
    shown = 0
    for day, top in pages.items():
        page = markdown(day, top.to_dicts(), 60)
        assert not unseen(page) - {"\n"}
        blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)
        tokens = [part for block in blocks for part in (block, *(block.children or []))]
        assert {token.type for token in tokens}.isdisjoint({"html_inline", "html_block", "image", "fence", "code_block"})
        links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
        assert len(links) == len(top)
        assert all(link.startswith("https://audio.example/") for link in links)
        texts = {
            row[name] for row in top.to_dicts() for name in ("claim", "body", "quote", "speaker", "episode_title", "show")
        }
        for text in sorted(filter(None, texts), key=len, reverse=True):
            known = {*outcome.honest["speaker"], *top["body"]}
            assert as_markdown(text) in page or text in known
            page = page.replace(as_markdown(text), "")
        assert not MARK.search(page), "stands there in another form"
        shown += sum(bool(MARK.search(text or "")) for text in texts)
    assert shown > len(outcome.harmful) / 10, "payloads reach the pages at all"


def test_the_terminal_shows_payloads_as_text_alone(
    pages: dict[dt.date, pl.DataFrame], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(config.parse({}, tmp_path / "podcasts.toml"))
    for day, top in pages.items():
        project.lake.write("daily_top5", top, day)
    publish(project.lake, project.warehouse_path)
    (tmp_path / "podcasts.toml").write_text("")
    monkeypatch.setenv(config.CONFIG_VARIABLE, str(tmp_path / "podcasts.toml"))
    monkeypatch.setenv("COLUMNS", "120")
    for day, top in pages.items():
        printed = CliRunner().invoke(cli, ["top5", "--day", day.isoformat()], catch_exceptions=False).output
        assert not unseen(printed) - {"\n"}
        squeezed = "".join(printed.split())
        for row in top.to_dicts():
            for name in ("claim", "quote", "episode_title"):
                assert "".join(row[name].split()) in squeezed
        listed = CliRunner().invoke(cli, ["top5", "--json", "--day", day.isoformat()], catch_exceptions=False).output
        assert [row["claim"] for row in json.loads(listed)] == top["claim"].to_list()
