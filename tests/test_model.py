"""The speech model: found, fetched, opened, or waited for; and the keys of what it heard."""

import http.server
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from podcast_assets.errors import ConfigError
from podcast_assets.hashing import sha256
from podcast_assets.keys import content_key, model_identity, model_name
from podcast_assets.project import Project
from podcast_assets.transcripts import model
from podcast_assets.transcripts.shard import recognise_shard
from tests.listening import LOG, MICRO, MakeProject, work
from tests.sounds import SPEECH


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"compute_type": "int3"}, "compute_type 'int3'"),
        ({"language": "eng"}, "did you mean 'en'?"),
        ({"language": "kli"}, "it knows "),
    ],
)
def test_settings_that_the_model_cannot_meet_make_episodes_wait(
    make_project: MakeProject, settings: dict[str, str], reason: str
) -> None:
    project = make_project(transcription={"model": str(MICRO), "allow_sample_model": True, **settings})
    report = recognise_shard(project, [work("e1", SPEECH)], LOG)
    assert report.device is None
    assert report.outcomes[0].status == "deferred"
    assert reason in (report.outcomes[0].reason or "")
    assert "[transcription]" in (report.outcomes[0].reason or "")


def test_a_damaged_model_is_named(make_project: MakeProject, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MICRO, folder)
    (folder / "model.bin").write_bytes(b"not a model")
    project = make_project(transcription={"model": "model", "allow_sample_model": True})
    with pytest.raises(model.ModelUnavailableError, match="the model 'model' cannot be opened"):
        model.open_model(project.config)


@pytest.mark.parametrize(("name", "hint"), [("smal", "did you mean 'small'"), ("xyzzy", "published ones: tiny.en, ")])
def test_a_name_that_no_model_has_is_answered_without_a_request(name: str, hint: str) -> None:
    with pytest.raises(model.ModelUnavailableError, match=hint):
        model.find_published(name)


@pytest.mark.usefixtures("offline")
def test_a_hub_that_accepts_and_never_answers_stalls_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(model, "HUB_ANSWERS_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        started = time.monotonic()
        with pytest.raises(model.ModelUnavailableError, match="timed out"):
            model.find_published("small")
    assert time.monotonic() - started < 10


@pytest.mark.usefixtures("offline")
def test_a_user_who_wants_no_request_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(model.ModelUnavailableError, match="could not be fetched"):
        model.find_published("small")


class Hub(http.server.BaseHTTPRequestHandler):
    """As much of a hub of models as serves one: its description, its list of files, its files."""

    COMMIT = "0123456789abcdef0123456789abcdef01234567"
    FILES = ("config.json", "model.bin", "tokenizer.json", "vocabulary.json", "preprocessor_config.json")

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = self.path.split("?")[0]
        headers: dict[str, str] = {}
        if path == "/":
            self.send_error(404)  # an answer all the same
            return
        if path.startswith("/api/models/org/micro/tree/"):
            files = [
                {"type": "file", "path": name, "size": (MICRO / name).stat().st_size, "oid": sha256(name)[:40]}
                for name in self.FILES
            ]
            body = json.dumps(files).encode()
        elif path.startswith("/api/models/org/micro"):
            description = {"id": "org/micro", "sha": self.COMMIT, "siblings": [{"rfilename": name} for name in self.FILES]}
            body = json.dumps(description).encode()
        else:
            name = path.rpartition("/")[2]
            body, headers = (MICRO / name).read_bytes(), {"ETag": f'"{sha256(name)}"', "X-Repo-Commit": self.COMMIT}
        self.send_response(200)
        for header, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(header, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the test's output quiet."""


def test_a_published_model_is_fetched_once_and_found_without_the_network_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    code = "from podcast_assets.transcripts.model import find_published; print(find_published('org/micro'))"
    command = [sys.executable, "-c", code]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    finally:
        server.shutdown()
        server.server_close()
    assert (Path(found) / "model.bin").read_bytes() == (MICRO / "model.bin").read_bytes()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == found


# --- Keys.


def test_the_key_changes_with_what_changes_the_text_and_with_nothing_else(
    make_project: MakeProject, micro_project: Project, tmp_path: Path
) -> None:
    def key(**settings: Any) -> str:
        return content_key("aa", make_project(transcription=settings).config)

    assert key(model="small") == key(model="small", device="cpu", keep_audio_days=9)
    variants = [
        key(model="small"),
        key(model="base"),
        key(model="small", language="en"),
        key(model="small", compute_type="int8"),
        content_key("bb", make_project(transcription={"model": "small"}).config),
        content_key("aa", micro_project.config),
    ]
    assert len(set(variants)) == len(variants)
    shutil.copytree(MICRO, tmp_path / "copy")
    copy = make_project(transcription={"model": "copy", "allow_sample_model": True})
    assert content_key("aa", copy.config) == variants[-1], "the same model at another place"
    assert model_name(copy.config) == "copy"
    (tmp_path / "copy" / "config.json").write_text("{}")
    assert content_key("aa", copy.config) != variants[-1], "another model at the same place"


def test_a_folder_without_a_model_is_an_error_of_the_configuration(make_project: MakeProject, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "config.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"\[transcription\] model: .*folder has no model.bin, tokenizer.json"):
        model_identity(make_project(transcription={"model": "folder"}).config)
