"""Real processes for the tests: the command line, Dagster's webserver and daemon, a corpus served on loopback."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "podcasts.toml"
ASSETS = "{ assetNodes { assetKey { path } isPartitioned groupName jobNames } }"
SELECTOR = {"repositoryLocationName": "podcast_assets", "repositoryName": "__repository__"}


def environment(config: Path, data: Path, *, measured: bool = False) -> dict[str, str]:
    """The environment of a process of ours: this configuration, this data folder.

    Coverage is ``measured`` in short processes alone: it doubles the time of long ones, which run what those run.
    """
    env = os.environ | {"PODCAST_ASSETS_CONFIG": str(config), "PODCAST_ASSETS_DATA_DIR": str(data), "COLUMNS": "160"}
    return env if measured else {name: value for name, value in env.items() if not name.startswith("COVERAGE_PROCESS")}


def podcast_assets(
    *arguments: str, config: Path, data: Path, timeout: float = 240, measured: bool = False
) -> subprocess.CompletedProcess[str]:
    """Runs the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "podcast_assets", *arguments],
        env=environment(config, data, measured=measured),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@contextlib.contextmanager
def process(
    command: list[str], env: dict[str, str], log: Path, cwd: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process with all its children, ended when the block is left; what it prints goes to ``log``."""
    with log.open("wb") as out:
        started = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=cwd, start_new_session=True)
        try:
            yield started
        finally:
            for stop in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(started.pid, stop)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    started.wait(timeout=20)
                    break


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, ready: Callable[[], Any], timeout: float = 120, log: Path | None = None) -> Any:
    """Waits until ``ready`` gives something true, and gives it; fails with the end of ``log`` when it takes too long."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if value := ready():
            return value
        time.sleep(0.2)
    tail = log.read_text(errors="replace")[-3000:] if log else ""
    raise AssertionError(f"{what}: not in {timeout:g} s\n{tail}")


def get(url: str) -> bytes | None:
    """The body behind a URL of loopback, or None while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bytes(answer.read())
    except (urllib.error.URLError, OSError):
        return None


@contextlib.contextmanager
def corpus_server(shared: Path, log: Path, *arguments: str) -> Iterator[str]:
    """The test data's server of real episodes; gives its address."""
    port = free_port()
    command = [sys.executable, str(shared / "tools" / "serve_corpus.py"), str(shared / "corpus"), "--port", str(port)]
    with process([*command, *arguments], dict(os.environ), log):
        address = f"http://127.0.0.1:{port}"
        wait_for("the corpus server", lambda: get(f"{address}/stats"), log=log)
        yield address


class Dagster:
    """Dagster's webserver and daemon over a project, and its GraphQL."""

    def __init__(self, address: str, log: Path) -> None:
        self.address = address
        self.log = log

    def ask(self, query: str, **variables: Any) -> Any:
        """The data that a GraphQL query gives."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.address}/graphql", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                result = json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error}: {error.read().decode()}") from error
        assert "errors" not in result, result["errors"]
        return result["data"]

    def runs(self, **filters: Any) -> list[dict[str, Any]]:
        """The runs of the instance, newest first."""
        query = """query Runs($filter: RunsFilter) { runsOrError(filter: $filter) { ... on Runs { results {
            runId status jobName tags { key value } } } } }"""
        found: list[dict[str, Any]] = self.ask(query, filter=filters)["runsOrError"]["results"]
        return found


@contextlib.contextmanager
def dagster(config: Path, data: Path, log: Path) -> Iterator[Dagster]:
    """What ``make dev`` starts: the webserver with the daemon, on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "podcast_assets", "dev", "--port", str(port)]
    with process(command, environment(config, data), log, cwd=ROOT):
        ui = Dagster(f"http://127.0.0.1:{port}", log)
        wait_for("the webserver", lambda: get(f"{ui.address}/server_info"), log=log)
        yield ui
