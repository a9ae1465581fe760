"""Building ``podcasts.duckdb`` from the lake, and putting it in the place of the one before.

Belongs here: what ``lake.<table>`` means in the SQL of ``sql/``, the comments on tables and columns, the swap. Does not
belong here: which columns a table has (``sql/``), reading the result (``query``).

A DuckDB file that any process holds open cannot be written by another. So nothing is ever written to the published
file: a fresh one is built under another name in the same folder and takes its place by one rename. Whoever has the old
one open keeps a consistent snapshot of it, whoever opens it later sees the new one, and nobody waits.
"""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import polars as pl

from podcast_assets.resources import project_file
from podcast_assets.schemas import SCHEMAS
from podcast_assets.storage import Lake, sync
from podcast_assets.warehouse.query import remove_wal

STORAGE_VERSION = "v1.5.0"  # DuckDB 1.5 and everything after it can read the file
VIEWS = frozenset({"segments", "vectors"})  # the bulk is not copied: the view reads the lake's files
MEMORY_LIMIT = "2GB"  # sorting spills to disk beyond it; other steps of the run share the machine
THREADS = min(4, os.cpu_count() or 1)

_STARTED = time.time()
_BUILDING = ".building"
_LAKE_TABLE = re.compile(r"\blake\.(\w+)")
_COLUMN_COMMENT = re.compile(r'^    ("?\w+"?),? -- (.+)$', re.MULTILINE)


def table_files() -> list[Path]:
    """The SQL of each table, by name; the file's name is the table's."""
    return sorted(project_file("sql").glob("*.sql"))


def publish(lake: Lake, target: Path) -> dict[str, int]:
    """Builds the warehouse from the lake as it is now, and puts it at ``target`` in one step.

    Returns:
        How many rows each table has.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(target)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.", suffix=_BUILDING) as folder:
        fresh = Path(folder) / target.name
        counts = _build(lake, fresh)
        fresh.chmod(0o444)  # a shell that would open it for writing, and lock everybody out, is refused
        sync(fresh)
        # A shell that still writes to an older file may have a log at the target's name. It must be gone when the new
        # file appears, or readers meet both; the shell may start another one in between, so it is removed again after.
        remove_wal(target)
        fresh.replace(target)
        remove_wal(target)
        sync(target.parent)
    return counts


def _build(lake: Lake, fresh: Path) -> dict[str, int]:
    """Writes all tables to a new DuckDB file that is complete, checkpointed and closed."""
    folder = fresh.parent
    counts: dict[str, int] = {}
    with duckdb.connect(
        config={"memory_limit": MEMORY_LIMIT, "threads": THREADS, "temp_directory": str(folder / "spill")}
    ) as connection:
        connection.execute(f"attach {_quote(fresh)} as warehouse (storage_version '{STORAGE_VERSION}')")
        connection.execute("use warehouse")
        for file in table_files():
            name, sql = file.stem, file.read_text("utf-8")
            kind = "view" if name in VIEWS and lake.files(name) else "table"
            query = _LAKE_TABLE.sub(lambda match: _relation(connection, lake, match[1], folder), sql)
            connection.execute(f"create {kind} {name} as {query}")
            for statement in _comments(kind, name, sql):
                connection.execute(statement)
            ((counts[name],),) = connection.table(name).aggregate("count(*)").fetchall()
        connection.execute("use memory")
        connection.execute("checkpoint warehouse")
        connection.execute("detach warehouse")
    return counts


def _relation(connection: duckdb.DuckDBPyConnection, lake: Lake, table: str, folder: Path) -> str:
    """What ``lake.<table>`` means: all Parquet files of the table, or a typed relation without rows where it has none.

    The columns are stated rather than taken from the files: what an older version wrote is read with the columns it lacks
    as null.
    """
    empty = folder / f"{table}.parquet"
    pl.DataFrame(schema=SCHEMAS[table]).write_parquet(empty)
    if not (files := lake.files(table)):
        return f"read_parquet({_quote(empty)})"
    names = [_quote(path.resolve()) for path in (files if table in VIEWS else _pinned(files, folder / table))]
    types = connection.execute(f"describe from read_parquet({_quote(empty)})").fetchall()
    columns = [f"'{name}': {{name: '{name}', type: '{kind}', default_value: null}}" for name, kind, *_ in types]
    return f"read_parquet([{', '.join(names)}], hive_partitioning=false, schema=map {{{', '.join(columns)}}})"


def _pinned(files: Iterable[Path], folder: Path) -> Iterator[Path]:
    """Second names, in ``folder``, of files as they are now.

    DuckDB opens a Parquet file once for its metadata and once more a thread for the data. By its first name that may be
    another file by then, since other runs replace partitions at any time.
    """
    folder.mkdir()
    for number, file in enumerate(files):
        name = folder / f"{number}.parquet"
        try:
            name.hardlink_to(file)
        except OSError:  # a file system without links
            shutil.copyfile(file, name)
        yield name


def _comments(kind: str, name: str, sql: str) -> Iterator[str]:
    """The comments of a table's SQL as statements: its first line on the table, that beside a column on the column."""
    yield f"comment on {kind} {name} is {_quote(sql.splitlines()[0].removeprefix('-- '))}"
    for column, comment in _COLUMN_COMMENT.findall(sql):
        yield f"comment on column {name}.{column} is {_quote(comment)}"


def _quote(text: str | Path) -> str:
    """``text`` as a string of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def _remove_leftovers(target: Path) -> None:
    """Removes what builds that were killed have left; one that is younger than this process may still be at work."""
    for folder in target.parent.glob(f".{target.name}.*{_BUILDING}"):
        if folder.stat().st_mtime < _STARTED:
            shutil.rmtree(folder)
