"""Sixty days with everything that goes wrong: late arrivals, re-runs, days filled in out of order, other weights."""

import datetime as dt
import random
from collections.abc import Callable

import polars as pl
import pytest

from podcast_assets.project import Project
from podcast_assets.storage import Lake
from tests.fields import WORDS_ALONE, Days, Row, candidate, episode, write

FIRST = dt.date(2026, 1, 5)
COUNT = 60
SHOWS = 12
OTHER_WEIGHTS = {"novelty": 0.6, "quality": 0.3}


class World:
    """What happens to a lake in sixty days: each insight is about an idea, and ideas return."""

    def __init__(self, project: Project, seed: int) -> None:
        self.project, self.lake = project, project.lake
        self.order = random.Random(seed)
        self.waiting: dict[dt.date, list[Row]] = {}
        self.idea: dict[str, str] = {}
        self.held: dict[dt.date, list[Row]] = {}
        self.published: dict[dt.date, list[str]] = {}
        self.weights: dict[str, float] = {}

    def hold(self, day: dt.date, rows: list[Row]) -> None:
        """Adds insights to a day, as a run of the stages before does."""
        self.held.setdefault(day, []).extend(rows)
        write(self.lake, "insight_candidates", day, *self.held[day])
        names = sorted({row["episode_id"] for row in self.held[day]})
        write(self.lake, "episodes", day, *(episode(name, name.split(".")[0]) for name in names))

    def new(self, day: dt.date, count: int) -> list[Row]:
        rows = []
        for _ in range(count):
            name = f"i{len(self.idea)}"
            self.idea[name] = "".join(self.order.choices("bcdfghjklmnp", k=2))
            where = f"s{self.order.randrange(SHOWS)}.{(day - FIRST).days}"
            said = {"topic": self.idea[name], "quality": round(self.order.uniform(0.2, 1.0), 6)}
            rows.append(candidate(name, day=day, episode=where, **said))
        return rows

    def run(self, day: dt.date) -> None:
        """Ranks and publishes a day, as its run does, and notes what became final."""
        Days(self.project).run(day, weights=self.weights)
        for sealed in self.lake.sealed_days():
            five = self.lake.read("daily_top5", sealed)["insight_id"].to_list()
            assert self.published.setdefault(sealed, five) == five, f"the five of {sealed} were changed after the fact"

    def live(self) -> None:
        days = [FIRST + dt.timedelta(days=n) for n in range(COUNT)]
        left_out = {days[n] for n in (9, 10, 23, 40)}  # days off, filled in later and not in their order
        for number, day in enumerate(days):
            self.hold(day, self.new(day, self.order.randrange(0, 12)))
            if number == COUNT // 2:
                self.weights = OTHER_WEIGHTS
            if number % 4 == 1 and number > 4:  # a transcript arrives days after its day
                late = self.order.choice(days[number - 4 : number])
                self.hold(late, self.new(late, 3))
            if day not in left_out:
                self.run(day)
            if number % 7 == 3:
                self.run(self.order.choice([each for each in days[: number + 1] if each not in left_out]))
            if number == 26:
                for missed in (days[23], days[10], days[9]):
                    left_out.discard(missed)
                    self.run(missed)
        self.run(days[40])
        for _ in range(2):  # what came late to the last days waits for two more
            days.append(days[-1] + dt.timedelta(days=1))
            self.hold(days[-1], self.new(days[-1], 2))
            self.run(days[-1])


@pytest.fixture
def world(make_project: Callable[..., Project]) -> World:
    world = World(make_project(embedding=WORDS_ALONE, start_date=FIRST.isoformat()), 1)
    world.live()
    return world


def all_of(lake: Lake, table: str) -> pl.DataFrame:
    return lake.read_days(table, lake.days(table))


@pytest.mark.slow
def test_sixty_days_lose_nothing_repeat_nothing_and_change_nothing_that_was_read(world: World) -> None:
    ranked, five = all_of(world.lake, "ranked_insights"), all_of(world.lake, "daily_top5")
    accepted = {row["insight_id"] for rows in world.held.values() for row in rows}
    competed = ranked["insight_id"].to_list()
    assert len(competed) == len(set(competed)), "an insight competes on one day"
    assert set(competed) == accepted, "and none is forgotten"
    assert (ranked["competed_day"] == ranked["day"]).all()
    late = ranked.filter(pl.col("insight_day") < pl.col("day"))
    assert len(late) > 10, "or this proves nothing"
    ideas = [world.idea[name] for name in five["insight_id"]]
    assert len(ideas) == len(set(ideas)), "no idea is published twice"
    assert len(five) > COUNT
    assert {day: world.lake.read("daily_top5", day)["insight_id"].to_list() for day in world.published} == world.published
