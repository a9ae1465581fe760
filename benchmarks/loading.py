"""How long loading the definitions takes, against importing Dagster alone: each of its processes pays this."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import Figure

RUNS = 9
LIMIT = 1.5
SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "podcasts.toml"

DAGSTER = "import dagster"
DEFINITIONS = "from podcast_assets.definitions import defs; defs()"


def run() -> list[Figure]:
    """Measures both in turn, each in a process of its own; the figure is the median of the pairs' ratios."""
    with tempfile.TemporaryDirectory() as data:
        env = os.environ | {"PODCAST_ASSETS_CONFIG": str(SAMPLE), "PODCAST_ASSETS_DATA_DIR": data}
        pairs = [(_seconds(DAGSTER, env), _seconds(DEFINITIONS, env)) for _ in range(RUNS + 1)][1:]  # the first warms up
    dagster, definitions = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(ours / theirs for theirs, ours in pairs)
    line = (
        f"loading: import dagster {dagster:.2f} s, our definitions {definitions:.2f} s: "
        f"{ratio:.2f} times (at most {LIMIT}; medians of {RUNS})"
    )
    return [Figure("loading", line, ratio, LIMIT)]


def _seconds(program: str, env: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], env=env, check=True)
    return time.perf_counter() - started
