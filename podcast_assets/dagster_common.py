"""What the Dagster faces of the stages share: owners, pools, retry policies, tags. A leaf: it knows no stage.

Each value has its reason beside it, so that nobody has to guess what a tag is for.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence

import dagster as dg

from podcast_assets.text import as_markdown

OWNERS = ["team:podcast-assets"]

# Pools bound what runs at once, within a run and across runs. They have one slot (dagster.yaml: default_limit), but for the
# GPU's, which has as many as [transcription] parallel_shards says.
POLL_POOL = "poll"  # two polls at once would race for the log; `episodes` shares it, so a day waits for a running poll
GPU_POOL = "gpu"  # so many models in the GPU's memory at a time
INSIGHTS_POOL = "insights"  # two runs of a day at once would pay a language model twice for the same questions
RANKING_POOL = "ranking"  # a day is compared and related once: two runs of it at once would pay a model twice
PUBLISH_POOL = "publish"  # an older build of the warehouse must never overwrite a newer one

# Kubernetes, Celery: where a shard of speech recognition is scheduled. Tags of the op, since tags of an asset are metadata.
GPU_TAGS = {
    "dagster-k8s/config": {
        "container_config": {"resources": {"limits": {"nvidia.com/gpu": "1"}}},
        "pod_spec_config": {"node_selector": {"accelerator": "nvidia"}},
    },
    "dagster-celery/queue": "gpu",
}

# Stages that talk to the network: a short outage heals itself; what outlasts it is for the next run.
NETWORK_RETRY = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)

SCRATCH = "scratch"  # the IO manager of what passes between the ops of one graph; the default one is for tables

RESEAL_TAG = "podcast_assets/reseal"  # "true" on a run: rank a sealed day again

LONGEST_TABLE = 50


@contextlib.contextmanager
def no_retry_when_interrupted() -> Iterator[None]:
    """For steps with a retry policy: Dagster would take Ctrl-C, or the end of its process, for a reason to try again."""
    try:
        yield
    except (dg.DagsterExecutionInterruptedError, KeyboardInterrupt) as error:
        raise dg.Failure("interrupted", allow_retries=False) from error


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> dg.MarkdownMetadataValue:
    """The first 50 rows as a table in the UI. The cells hold text from strangers: it shows as it is and is never markup."""
    lines = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    for number, row in enumerate(rows):
        if number == LONGEST_TABLE:
            lines.append("| ... |" + " |" * (len(columns) - 1))
            break
        lines.append("| " + " | ".join("" if cell is None else as_markdown(str(cell)) for cell in row) + " |")
    return dg.MetadataValue.md("\n".join(lines))
