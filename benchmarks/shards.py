"""Speech recognition in two shards side by side against one after the other, each shard in a process of its own.

A whole run of the day by the command line, with Dagster's multiprocess executor; the pool of the GPU has one slot or two, as
configured. What is compared is the time from the start of the first shard to the end of the last, by Dagster's own log,
where a shard starts when its process has. The model is a tiny one that a single core feeds.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

from benchmarks import Figure

ROUNDS = 3
EPISODES, REPEATS, SPEECH_S = 8, 2, 239  # an hour in all: two shards of half an hour are worth a model each
FASTER = 1.6
SAMPLES = Path(__file__).resolve().parent.parent / "samples"
DAY = "2026-03-03"


def run() -> list[Figure]:
    """Measures both in turn, several times; the figure is the median of their ratios."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _feed(folder)
        pairs = [(_span_s(folder, 1), _span_s(folder, 2)) for _ in range(ROUNDS)]
    one_s, two_s = (statistics.median(each) for each in zip(*pairs, strict=True))
    faster = statistics.median(one / two for one, two in pairs)
    line = (
        f"two shards on two cores: {two_s:.0f} s side by side, {one_s:.0f} s one after the other: {faster:.2f} times faster "
        f"(at least {FASTER})"
    )
    return [Figure("two shards", line, faster, FASTER, at_least=True)]


def _feed(folder: Path) -> None:
    """A local feed with episodes of the sample's speech, of which no two are the same."""
    speech = b"".join(path.read_bytes() for path in sorted(SAMPLES.glob("feeds/*/audio/*.mp3")))
    items = []
    for number in range(EPISODES):
        file = folder / f"{number}.mp3"
        file.write_bytes(speech * REPEATS + speech[: 1000 * number])
        items.append(
            f"<item><guid>{number}</guid><title>{number}</title><pubDate>Tue, 03 Mar 2026 0{number}:00:00 GMT</pubDate>"
            f"<itunes:duration>{REPEATS * SPEECH_S}</itunes:duration>"
            f"<enclosure url={quoteattr(file.name)} type='audio/mpeg' length='{file.stat().st_size}'/></item>"
        )
    rss = "<rss version='2.0' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>"
    (folder / "feed.xml").write_text(f"{rss}<channel><title>Show</title>{''.join(items)}</channel></rss>")


def _span_s(folder: Path, parallel: int) -> float:
    """Seconds from the start of the first shard to the end of the last."""
    data, config = folder / "data", folder / "podcasts.toml"
    shutil.rmtree(data, ignore_errors=True)
    config.write_text(
        f"data_dir = {str(data)!r}\n[feeds]\nurls = ['feed.xml']\nbackfill_days = 36500\n"
        f"[transcription]\nmodel = {str(SAMPLES / 'models' / 'whisper-micro')!r}\nallow_sample_model = true\n"
        f"parallel_shards = {parallel}\n"
    )
    # One thread a model: else a single shard would take both cores.
    settings = {"PODCAST_ASSETS_CONFIG": str(config), "PODCAST_ASSETS_EXECUTOR": "multiprocess", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "podcast_assets", "run", "--day", DAY]
    subprocess.run(command, env=os.environ | settings, check=True, capture_output=True)
    import dagster as dg

    starts, ends = [], []
    with dg.DagsterInstance.from_config(str(data / "dagster")) as instance:
        (daily,) = instance.get_runs(filters=dg.RunsFilter(job_name="daily"))
        for step in instance.get_run_step_stats(daily.run_id):
            if "transcribe_shard" in step.step_key and step.start_time and step.end_time:
                starts.append(step.start_time)
                ends.append(step.end_time)
    if len(starts) < 2:  # noqa: PLR2004 - one would be no comparison
        sys.exit(f"expected at least two shards, found {len(starts)}")
    return max(ends) - min(starts)
