"""``python -m evals.cold_open --corpus DIR --out QUOTES.jsonl``: the ten best quotes of every episode of a corpus.

A line a quote, ``{"episode_id", "rank", "quote"}``. What starts before ``cold_open_end_s`` of ``cold_open.jsonl`` is left
out before anything else; of that file nothing but this second is used, and where it is absent episodes are read whole.
"""

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import click

from evals import corpus
from evals.extractors import EXTRACTORS, extractive
from podcast_assets import config
from podcast_assets.insights.extractive.model import open_meaning

CORES = 2


@click.command(help=__doc__)
@corpus.option
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--extractor", type=click.Choice(list(EXTRACTORS)), default="extractive", show_default=True)
def main(folder: Path, out: Path, extractor: str) -> None:
    """The command."""
    ends, names = corpus.teaser_ends(folder), corpus.episode_ids(folder)
    if not names:
        sys.exit(f"{folder}: no transcripts/*.json there; name the folder of a corpus with --corpus")
    configured = config.load()
    if extractor == "extractive":
        click.echo(f"embeddings: {open_meaning(configured)[1]}")
    with ProcessPoolExecutor(CORES) as pool:
        tasks = [names[start::CORES] for start in range(CORES)]
        parts = pool.map(partial(quotes_of, folder, ends, extractor, configured), tasks)
        quotes = {name: found for part in parts for name, found in part.items()}
    rows = [
        {"episode_id": name, "rank": rank, "quote": quote} for name in names for rank, quote in enumerate(quotes[name], 1)
    ]
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    click.echo(f"{out}: {len(rows)} quotes of {len(names)} episodes")


def quotes_of(
    folder: Path, ends: dict[str, float], extractor: str, configured: config.Config, names: Sequence[str]
) -> dict[str, list[str]]:
    """The quotes of some episodes, best first."""
    choose = EXTRACTORS[extractor]
    if extractor == "extractive" and (embedder := open_meaning(configured)[0]):
        choose = partial(extractive, embed=embedder.vectors)
    return {name: choose(corpus.episode(folder, name, ends.get(name, 0.0)).sentences()) for name in names}


if __name__ == "__main__":
    main()
