"""What the README tells people to type has to work."""

import re
from pathlib import Path

import duckdb
import pytest

from podcast_assets.storage import Lake
from podcast_assets.warehouse.build import publish
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
QUERIES = [query for block in BLOCKS for query in block.split(";") if query.strip()]


def test_there_are_three_sql_examples() -> None:
    assert len(QUERIES) == 3


@pytest.mark.parametrize("query", QUERIES)
def test_each_sql_example_runs_on_a_published_file(query: str, tmp_path: Path) -> None:
    target = tmp_path / "podcasts.duckdb"
    publish(Lake(tmp_path / "lake"), target)
    with duckdb.connect(target, read_only=True) as connection:
        assert connection.execute(query).fetchall() == []


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)", README))))
def test_each_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
