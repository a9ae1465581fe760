"""What the commands print: tables for people, plain lines where nobody looks."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from podcast_assets.clock import as_clock


def console() -> Console:
    """The terminal. Text from feeds is never read as markup."""
    return Console(markup=False, emoji=False, highlight=False)


def notes() -> Console:
    """The place for what is no result: stderr."""
    return Console(stderr=True, markup=False, emoji=False, highlight=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, wide: str = "") -> Table:
    """A table of plain texts; the column named ``wide`` takes the room there is."""
    shown = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        shown.add_column(column, ratio=1 if column == wide else None, overflow="fold")
    for row in rows:
        shown.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return shown


def indented(text: str, by: int) -> Padding:
    """A plain text of which every line starts ``by`` columns from the left."""
    return Padding(Text(text), (0, 0, 0, by))


def insights(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """The day's five: rank, claim, speaker, show, time."""
    return table(
        title,
        ("#", "claim", "speaker", "show", "time"),
        ((row["rank"], row["claim"], row["speaker"] or "-", row["show"], as_clock(row["quote_start_s"])) for row in rows),
        wide="claim",
    )
