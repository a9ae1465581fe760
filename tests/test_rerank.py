"""Other weights: what past days would have been, seen without changing them, and made so by a run that is tagged."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from podcast_assets.cli import cli
from podcast_assets.errors import ConfigError
from podcast_assets.project import Project
from podcast_assets.ranking.rerank import rerank
from podcast_assets.ranking.weights import with_weights
from tests.fields import DAY, LOG, WORDS_ALONE, Days, candidate, days_before, episode, write

DENSE = {"quality": 0.0, "specificity": 1.0}


@pytest.fixture
def days(make_project: Callable[..., Project]) -> Days:
    """Three days; on each, the clear one is the best as configured, the dense one by what it is specific about."""
    days = Days(make_project(embedding=WORDS_ALONE, ranking={"top": 1}))
    for count in (2, 1, 0):
        day = days_before(count)
        rows = [
            candidate(f"clear{count}", quality=1.0, specificity=0.0, topic="uvw"[count]),
            candidate(f"dense{count}", quality=0.3, specificity=1.0, topic="x" if count < 2 else "y"),
        ]
        write(days.lake, "insight_candidates", day, *rows)
        write(days.lake, "episodes", day, *(episode(f"e-{row['insight_id']}", row["insight_id"]) for row in rows))
        days.run(day)
    return days


def everything(folder: Path) -> dict[str, bytes]:
    lake = folder / "lake"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(lake.rglob("*")) if path.is_file()}


def would_be(days: Days, weights: dict[str, float], count: int = 3) -> dict[dt.date, list[str]]:
    ranking = with_weights(days.project.config.ranking, weights)
    asked = [days_before(each) for each in range(count)]
    return {each.day: each.would_be["insight_id"].to_list() for each in rerank(days.project, asked, ranking, LOG)}


def test_under_the_same_weights_every_day_is_as_it_was(days: Days) -> None:
    ranking = days.project.config.ranking
    for each in rerank(days.project, [days_before(count) for count in range(3)], ranking, LOG):
        assert each.was.drop("audio_url").equals(each.would_be.drop("audio_url"))
        assert each.gone == 0


def test_a_look_at_other_weights_changes_nothing(days: Days) -> None:
    """Whoever tries weights out rewrites what was published."""
    before = everything(days.project.data_path)
    assert would_be(days, DENSE)[DAY - dt.timedelta(days=2)] == ["dense2"]
    assert everything(days.project.data_path) == before


def test_what_would_have_been_shown_counts_as_published_on_the_days_after(days: Days) -> None:
    """The same idea wins day after day."""
    assert would_be(days, DENSE) == {days_before(2): ["dense2"], days_before(1): ["dense1"], DAY: []}


def test_a_tagged_run_makes_it_so_and_one_without_the_tag_does_not(days: Days) -> None:
    days.run(days_before(1), weights=DENSE)
    assert days.five(days_before(1)) == ["clear1"], "sealed"
    expected = would_be(days, DENSE)
    for day in sorted(expected):
        days.run(day, weights=DENSE, reseal=True)
    assert {day: days.five(day) for day in expected} == expected


def test_insights_that_are_gone_are_counted_and_not_made_up(days: Days) -> None:
    write(days.lake, "insight_candidates", DAY, candidate("clear0", quality=1.0, specificity=0.0, topic="u"))
    (each,) = rerank(days.project, [DAY], days.project.config.ranking, LOG)
    assert (each.would_be["insight_id"].to_list(), each.gone) == (["clear0"], 1)


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def command(days: Days, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    file = tmp_path / "podcasts.toml"
    file.write_text('start_date = "2026-03-01"\n[embedding]\nmodel = ""\n[ranking]\ntop = 1\n')
    monkeypatch.setenv("PODCAST_ASSETS_CONFIG", str(file))

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["rerank", *arguments])
        if result.exception:
            raise result.exception
        return result.output

    return run


def test_the_command_shows_what_would_change(command: Callable[..., str]) -> None:
    shown = command("--from", "2026-03-04", "--to", "2026-03-06", "--weights", "quality=0,specificity=1")
    assert "2026-03-04: 1 new, 1 gone, 1 instead of 1" in shown
    assert "2026-03-06: nothing would have been shown, instead of 1" in shown
    assert "\n+ 1. " in shown
    assert "\n- 1. " in shown
    assert "Of 3 days 3 would have been another. No day was changed." in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2026-03-04", "--weights", "novlty=1"], "did you mean 'novelty'?"),
        (["--from", "2026-03-04", "--weights", "novelty"], "expected NAME=NUMBER, such as novelty=0.6"),
        (["--from", "2026-03-04", "--weights", "novelty=much"], "expected NAME=NUMBER"),
        (["--from", "soon"], "--from soon: expected a date such as"),
        (["--from", "2026-03-05", "--to", "2026-03-04"], "the first day comes after the last"),
        (["--from", "2025-03-05", "--to", "2025-03-06"], "no day of these was ranked; there are 2026-03-04 to 2026-03-06"),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(
    command: Callable[..., str], arguments: list[str], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        command(*arguments)
    assert message in str(caught.value)
