"""The command line with a language model, as a person runs it: a real process, a real server, the sample's shows."""

from pathlib import Path

import pytest

from tests.model_peer import Asked, TroubleError, honest, served
from tests.processes import ROOT, podcast_assets
from tests.test_sample import rows

TABLES = ("insights", "llm_usage", "ranked_insights", "daily_top5", "related_insights")


def configured(folder: Path, *lines: str) -> Path:
    """The sample's configuration with a model, in a place of its own."""
    text = (ROOT / "samples" / "podcasts.toml").read_text("utf-8")
    for name in ("feeds/", "models/"):
        text = text.replace(f'"{name}', f'"{ROOT}/samples/{name}')
    file = folder / "podcasts.toml"
    file.write_text(text + "\n[extraction]\n" + "\n".join(lines) + "\n", "utf-8")
    return file


@pytest.mark.slow
def test_a_day_by_a_model_says_what_it_cost_and_costs_nothing_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served() as peer:
        lines = ('model = "openai/gpt-4o-mini"', f'api_base = "{peer.api_base}"', "[embedding]", 'model = ""')
        config = configured(tmp_path, *lines)
        first = podcast_assets("run", "--day", "2026-03-06", config=config, data=data)
        assert first.returncode == 0, first.stderr
        asked = len(peer.asked)
        assert f"{asked} calls of language models so far" in first.stdout
        assert "Insights are compared by words alone: [embedding] model: none is named" in first.stdout
        assert "Top 5 of Friday" in first.stdout
        before = {table: rows(data, f"select * from {table} order by all") for table in TABLES}
        again = podcast_assets("run", "--day", "2026-03-06", config=config, data=data)
        assert again.returncode == 0, again.stderr
        assert len(peer.asked) == asked
    assert {table: rows(data, f"select * from {table} order by all") for table in TABLES} == before
    five = before["daily_top5"]
    assert len(five) == 5
    found = {row["insight_id"]: row for row in before["insights"]}
    assert all(found[row["insight_id"]]["model"] == "openai/gpt-4o-mini" for row in five)
    assert {row["purpose"] for row in before["llm_usage"]} == {"extract", "grade", "compare", "relate"}
    assert any(row["comparison"] is not None for row in before["ranked_insights"])
    cut = [row for row in before["insights"] if row["extractor"] == "cut"]
    assert any(row["reject_reason"].startswith("sponsor read: ") for row in cut)


@pytest.mark.slow
def test_days_that_waited_for_a_model_say_why_and_have_their_own_five_once_it_answers(tmp_path: Path) -> None:
    """A wrong key on the first run would cost all days but the last one their five, for good."""
    data, refusing = tmp_path / "data", [True]

    def answer(asked: Asked) -> str:
        if refusing:
            raise TroubleError(401, message="the key is not known")
        return honest(asked)

    with served(answer) as peer:
        config = configured(tmp_path, 'model = "openai/gpt-4o-mini"', f'api_base = "{peer.api_base}"')
        refused = podcast_assets("run", config=config, data=data)
        assert refused.returncode == 0, refused.stderr
        assert "3 episodes wait for a model: openai/gpt-4o-mini: 401: the key is not known" in refused.stdout
        assert "check the key in the environment" in refused.stdout
        assert "Nothing to show for that day yet: 6 episodes of 6 could not be read." in refused.stdout
        assert rows(data, "select * from daily_top5") == []
        assert len(rows(data, "select * from llm_usage where outcome = 'deferred'")) == 15
        refusing.clear()
        assert podcast_assets("run", config=config, data=data).returncode == 0
    shown = {row["day"].isoformat(): row["n"] for row in rows(data, "select day, count(*) n from daily_top5 group by day")}
    assert shown == dict.fromkeys([f"2026-03-0{day}" for day in range(2, 7)], 5)


def test_a_model_that_cannot_be_asked_ends_with_2_before_anything_is_fetched(tmp_path: Path) -> None:
    config = configured(tmp_path, 'model = "nobody-knows-it"')
    done = podcast_assets("run", config=config, data=tmp_path / "data", measured=True)
    assert done.returncode == 2
    assert "expected provider/model" in done.stderr
    assert not (tmp_path / "data" / "lake").exists()
