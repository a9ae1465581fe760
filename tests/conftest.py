"""What the tests share: projects in a temporary folder, a real web server on loopback, the optional folder of test data."""

import http.server
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

from podcast_assets import config
from podcast_assets.project import Project
from tests.listening import MICRO
from tests.sounds import write_wav

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("PODCAST_ASSETS_SHARED", ROOT.parent / "shared"))

# The same examples in every run: what fails here fails everywhere, and no change is stopped by another one's luck.
hypothesis.settings.register_profile("same", derandomize=True)
hypothesis.settings.load_profile("same")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real test data that is no part of the project; without it the test is skipped."""
    if not SHARED.is_dir():
        pytest.skip(f"no test data at {SHARED} (PODCAST_ASSETS_SHARED names the folder)")
    return SHARED


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: what is started last, and takes minutes, would keep one process busy alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's own installation."""
    for name in (config.CONFIG_VARIABLE, config.DATA_DIR_VARIABLE, "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[..., Project]:
    """Gives a project whose configuration file would lie in ``tmp_path``; sections are passed as dictionaries."""

    def make(**values: Any) -> Project:
        values = {"network": {"allow_private_hosts": True, "timeout_s": 5}, **values}
        return Project(config.parse(values, tmp_path / "podcasts.toml"))

    return make


class Web:
    """A web server on loopback.

    ``pages`` maps a path to a body, to (status, headers, body), or to a function of the request.

    ``asked`` lists every (path, headers) that was requested, in order.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.asked.append((self.path, dict(self.headers)))
                page = web.pages.get(self.path, (404, {}, b"not here"))
                if callable(page):
                    page = page(self)
                    if page is None:  # the function has answered by itself
                        return
                status, headers, body = page if isinstance(page, tuple) else (200, {}, page)
                body = body.encode() if isinstance(body, str) else body
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Keeps the test's output quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked == path for asked, _ in self.asked)

    def stop(self) -> None:
        """Ends the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server on loopback."""
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def micro_project(make_project: Callable[..., Project]) -> Project:
    """A project with the sample's tiny model."""
    return make_project(transcription={"model": str(MICRO), "allow_sample_model": True})


@pytest.fixture(scope="module")
def micro() -> Any:
    """The sample's tiny model, open."""
    from faster_whisper import WhisperModel

    return WhisperModel(str(MICRO), device="cpu")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A hub that nobody answers for, and an empty cache of models."""
    from huggingface_hub import constants

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def silence(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "silence.wav", np.zeros(16_000 * 5))
