"""Runs and the processes that work on them: every run says which process it is, and a dead one does not block the living.

A process that is killed cannot say so: its run stays STARTED and keeps its place in the pools. So runs bear the host, the
boot and the process as a tag, and before each run, and in a sensor, those whose process is gone are ended.
"""

import multiprocessing
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import dagster as dg

EXECUTOR_VARIABLE = "PODCAST_ASSETS_EXECUTOR"  # in_process (default) or multiprocess

PROCESS_TAG = "podcast_assets/process"  # host, boot, process and its start, by spaces
SAME_START_S = 2.0  # the start of a process is known to a hundredth, but the clock may have been set meanwhile


def identity(pid: int) -> dict[str, str]:
    """The tag that says which process works on a run; the start tells it from a later one with the same number."""
    return {PROCESS_TAG: f"{socket.gethostname()} {_boot_id()} {pid} {psutil.Process(pid).create_time():.2f}"}


def worker_pid() -> int:
    """The process that works on the current run: this one, or its parent where each step has a process of its own."""
    parent = multiprocessing.parent_process()
    if os.environ.get(EXECUTOR_VARIABLE) == "multiprocess" and parent is not None and parent.pid is not None:
        return parent.pid
    return os.getpid()


def is_gone(tags: dict[str, str]) -> bool:
    """Whether the process of this tag is known to have ended; False for other hosts, of which nothing is known."""
    host, *rest = tags.get(PROCESS_TAG, "").split(" ")
    if not rest or host != socket.gethostname():
        return False
    boot_id, pid, started = rest
    if boot_id != _boot_id():
        return True
    try:
        process = psutil.Process(int(pid))
        another = abs(process.create_time() - float(started)) > SAME_START_S
        return bool(another or process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def end_dead_runs(instance: "dg.DagsterInstance") -> list[str]:
    """Ends the runs whose process is gone and frees their places in the pools; gives their ids."""
    import dagster as dg

    ended = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_unfinished())):
        if is_gone(dict(run.tags)) and _is_unfinished(instance, run.run_id):
            instance.report_run_failed(run, f"the process that worked on this run is gone ({run.tags[PROCESS_TAG]})")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            ended.append(run.run_id)
    return ended


def _is_unfinished(instance: "dg.DagsterInstance", run_id: str) -> bool:
    """Whether a run is unfinished now that its process is gone: it may have ended well after the list was made."""
    run = instance.get_run_by_id(run_id)
    return run is not None and run.status in _unfinished()


def _unfinished() -> "list[dg.DagsterRunStatus]":
    import dagster as dg

    return [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


def _boot_id() -> str:
    """What this boot of the machine is called: the kernel's own name for it, else the time of the boot."""
    file = Path("/proc/sys/kernel/random/boot_id")
    return file.read_text().strip() if file.exists() else str(int(psutil.boot_time()))
