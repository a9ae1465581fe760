"""The configuration: a wrong one is refused in one line that says what is expected; the shipped ones are right."""

import datetime as dt
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydantic
import pytest

from podcast_assets import config
from podcast_assets.config import MEAN, Config
from podcast_assets.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def refuse(tmp_path: Path) -> Callable[[str], str]:
    """Loads a file with the given text, and gives what the error says after the file's name."""

    def load(text: str) -> str:
        file = tmp_path / "podcasts.toml"
        file.write_text(text, "utf-8")
        with pytest.raises(ConfigError) as caught:
            config.load(file)
        message = str(caught.value)
        assert message.startswith(f"{file}: "), "the error does not begin with the file that has to be changed"
        assert "\n" not in message, "the error is more than one line"
        return message.removeprefix(f"{file}: ")

    return load


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('data_dri = "x"', "data_dri: unknown key; did you mean 'data_dir'?"),
        ("[fedes]", "fedes: unknown key; did you mean 'feeds'?"),
        ("[feeds]\nurl = []", "[feeds] url: unknown key; did you mean 'urls'?"),
        ("[ranking]\nweights = { qualty = 1 }", "[ranking] weights.qualty: unknown key; did you mean 'quality'?"),
        ("[ranking.weights]\nnovlty = 1", "[ranking] weights.novlty: unknown key; did you mean 'novelty'?"),
        ('[[delivery.email]]\nsendr = "x"', "[delivery] email.0.sendr: unknown key; did you mean 'sender'?"),
        (
            "[feeds]\nzzz = 1",
            "[feeds] zzz: unknown key; valid keys: urls, opml, backfill_days, poll_concurrency, poll_concurrency_per_host",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_valid_one(refuse: Callable[[str], str], text: str, message: str) -> None:
    assert refuse(text) == message


@pytest.mark.parametrize(
    ("text", "key", "expected", "found"),
    [
        ('[feeds]\nbackfill_days = "7"', "[feeds] backfill_days", "integer", "'7'"),
        ("[feeds]\nbackfill_days = 7.0", "[feeds] backfill_days", "integer", "7.0"),
        ("[ranking]\ntop = true", "[ranking] top", "integer", "True"),
        ('[network]\ntimeout_s = "30"', "[network] timeout_s", "number", "'30'"),
        ("[network]\ntimeout_s = true", "[network] timeout_s", "number", "True"),
        ('[network]\nallow_private_hosts = "yes"', "[network] allow_private_hosts", "boolean", "'yes'"),
        ("data_dir = 3", "data_dir", "string", "3"),
        ("start_date = 2026-01-01", "start_date", "string", "datetime.date(2026, 1, 1)"),
        ('[feeds]\nurls = "https://example.com/feed"', "[feeds] urls", "expected a list", "'https://example.com/feed'"),
        ("[feeds]\nurls = [1]", "[feeds] urls.0", "string", "1"),
        ('[ranking]\ninterests = ["a", 2]', "[ranking] interests.1", "string", "2"),
        ("feeds = 3", "[feeds]", "expected a section", "3"),
        ('ranking = ["top"]', "[ranking]", "expected a section", "['top']"),
        ("[ranking]\nweights = 1", "[ranking] weights", "expected a section", "1"),
        ("[delivery]\nemail = {}", "[delivery] email", "expected a list", "{}"),
        ('[delivery]\nemail = ["me@example.com"]', "[delivery] email.0", "expected a section", "'me@example.com'"),
        ('[transcription]\ndevice = "gpu"', "[transcription] device", "'auto', 'cpu' or 'cuda'", "'gpu'"),
    ],
)
def test_a_value_of_another_type_is_refused_and_never_converted(
    refuse: Callable[[str], str], text: str, key: str, expected: str, found: str
) -> None:
    message = refuse(text)
    assert message.startswith(f"{key}: ")
    assert expected in message
    assert message.endswith(f"(found {found})")


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("[feeds]\nbackfill_days = -1", "[feeds] backfill_days", "greater than or equal to 0"),
        ("[feeds]\npoll_concurrency = 0", "[feeds] poll_concurrency", "greater than or equal to 1"),
        ("[network]\ntimeout_s = 0", "[network] timeout_s", "greater than 0"),
        ("[network]\ntimeout_s = nan", "[network] timeout_s", "finite"),
        ("[network]\ntimeout_s = inf", "[network] timeout_s", "finite"),
        ('[network]\nuser_agent = "a\\nb"', "[network] user_agent", "expected one or more characters of ASCII"),
        ("[ranking]\ntop = 0", "[ranking] top", "greater than or equal to 1"),
        ("[ranking]\nweights = { quality = inf }", "[ranking] weights.quality", "finite"),
        ("[ranking]\nweights = { quality = -1 }", "[ranking] weights.quality", "greater than or equal to 0"),
        (
            "[ranking.weights]\n" + "".join(f"{name} = 0\n" for name in MEAN),
            "[ranking] weights",
            "expected a weight above 0 for at least one of quality",
        ),
        ('[transcription]\nmodel = ""', "[transcription] model", "at least 1 character"),
        ("[transcription]\nmax_audio_hours_per_day = -0.5", "[transcription] max_audio_hours_per_day", "or equal to 0"),
        ('[delivery]\nat = "7:00"', "[delivery] at", "expected HH:MM"),
        ('[delivery]\nat = "24:00"', "[delivery] at", "expected HH:MM"),
        ('start_date = "0001-01-01"', "start_date", "expected 2000-01-01"),
        ("[feeds]\nbackfill_days = 99999999999", "[feeds] backfill_days", "less than or equal to 36500"),
        ('[feeds]\nurls = [""]', "[feeds] urls.0", "empty"),
        ('[feeds]\nurls = ["a", " "]', "[feeds] urls.1", "empty"),
        ('[feeds]\nurls = ["a\\u001b[31m"]', "[feeds] urls.0", "cannot be seen"),
        ('[feeds]\nopml = ["\\u202ea"]', "[feeds] opml.0", "cannot be seen"),
        ('[ranking]\ninterests = [""]', "[ranking] interests.0", "empty"),
        ('[transcription]\nlanguage = "english"', "[transcription] language", "expected a code such as 'en'"),
        ("[[delivery.email]]\nsmtp_port = 70000", "[delivery] email.0.smtp_port", "less than or equal to 65535"),
    ],
)
def test_a_value_out_of_range_is_refused(refuse: Callable[[str], str], text: str, key: str, expected: str) -> None:
    message = refuse(text)
    assert message.startswith(f"{key}: ")
    assert expected in message


@pytest.mark.parametrize(
    "name",
    ["Mars/Olympus", "", "Europe", "europe/berlin", "/etc/passwd", "../UTC", "Europe/Berlin ", "a\\u0000b", "UTC+1"],
)
def test_a_timezone_that_does_not_exist_is_refused(refuse: Callable[[str], str], name: str) -> None:
    message = refuse(f'timezone = "{name}"')
    assert message.startswith("timezone: ")
    assert "expected a name such as 'Europe/Berlin'" in message


@pytest.mark.parametrize("date", ["2026-13-01", "2026-02-30", "yesterday", "", "01.02.2026"])
def test_a_start_date_that_is_no_date_is_refused(refuse: Callable[[str], str], date: str) -> None:
    assert refuse(f'start_date = "{date}"') == f"start_date: {date!r} is no date; expected YYYY-MM-DD"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('data_dir = "~nobody-has-this-name/data"', "data_dir"),
        ('data_dir = "a\\u0000b"', "data_dir"),
        ('[feeds]\nurls = ["~nobody-has-this-name/feed.xml"]', "[feeds] urls.0"),
        ('[feeds]\nopml = ["~nobody-has-this-name/feeds.opml"]', "[feeds] opml.0"),
        ('[transcription]\nmodel = "~nobody-has-this-name/model"', "[transcription] model"),
    ],
)
def test_a_path_that_cannot_exist_is_refused_when_the_file_is_read(
    refuse: Callable[[str], str], text: str, key: str
) -> None:
    """Not hours later, in the middle of a run."""
    message = refuse(text)
    assert message.startswith(f"{key}: ")
    assert "expected" in message


@pytest.mark.parametrize(
    "text",
    ["a = [", "[feeds", 'timezone = "UTC', "x = 1\nx = 2", "x = " + "1" * 5000, "x = " + "[" * 3000],
    ids=["list", "section", "string", "twice", "long number", "deep list"],
)
def test_what_is_not_toml_is_refused_as_such(refuse: Callable[[str], str], text: str) -> None:
    assert refuse(text).startswith("not valid TOML: ")


def test_a_missing_file_is_refused_with_the_way_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"^{tmp_path}/none.toml: no such file; .*{config.CONFIG_VARIABLE}=FILE"):
        config.load(tmp_path / "none.toml")


def test_a_folder_and_a_file_that_is_not_utf8_are_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes('data_dir = "m\xfcll"'.encode("latin-1"))
    for name in ("", "latin.toml"):
        with pytest.raises(ConfigError, match=r"cannot be read \(") as caught:
            config.load(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_a_missing_opml_file_is_refused(refuse: Callable[[str], str], tmp_path: Path) -> None:
    assert refuse('[feeds]\nopml = ["mine.opml"]') == f"[feeds] opml: no such file: {tmp_path / 'mine.opml'}"


def test_a_missing_model_folder_is_refused_but_a_published_models_name_is_not(
    refuse: Callable[[str], str], tmp_path: Path
) -> None:
    assert refuse('[transcription]\nmodel = "./model"') == f"[transcription] model: no such folder: {tmp_path / 'model'}"
    published = config.parse({"transcription": {"model": "Systran/faster-whisper-small"}}, tmp_path / "podcasts.toml")
    assert config.local_model(published) is None


def test_the_samples_model_is_refused_unless_it_is_allowed(refuse: Callable[[str], str], tmp_path: Path) -> None:
    """It invents text for any speech but the sample's."""
    (tmp_path / "micro").mkdir()
    (tmp_path / "micro" / config.SAMPLE_MARKER).touch()
    message = refuse('[transcription]\nmodel = "micro"')
    assert message.startswith("[transcription] model: ")
    assert "'small'" in message
    assert "allow_sample_model = true" in message
    allowed = {"transcription": {"model": "micro", "allow_sample_model": True}}
    assert config.local_model(config.parse(allowed, tmp_path / "podcasts.toml")) == tmp_path / "micro"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('judge_model = "openai/x"', "need a model"),
        ('fallback_models = ["openai/x"]', "need a model"),
        ('api_base = "http://127.0.0.1:1"', "need a model"),
        ('model = "openai/x"\napi_base = "127.0.0.1:1"', "no address of a server"),
        ('model = "openai/x"\napi_base = "https://me:secret@example.org/v1"', "bears a password"),
        ('model = "openai/x"\nusd_per_million_tokens = [1.0]', "expected two prices"),
        ('model = "openai/x"\nusd_per_million_tokens = [1.0, -1.0]', "greater than or equal to 0"),
        ('model = "openai/x"\ntimeout_s = 0', "greater than 0"),
        ('model = "openai/x"\nmax_usd_per_day = -1', "greater than or equal to 0"),
    ],
)
def test_a_language_model_that_cannot_be_asked_as_written_is_refused(
    refuse: Callable[[str], str], line: str, said: str
) -> None:
    message = refuse(f"[extraction]\n{line}")
    assert message.startswith("[extraction]")
    assert said in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('api_base = "http://127.0.0.1:1"', "need a hosted_model"),
        ("usd_per_million_tokens = [0.1]", "need a hosted_model"),
        ('hosted_model = "openai/x"\napi_base = "127.0.0.1:1"', "no address of a server"),
        ('hosted_model = "openai/x"\nusd_per_million_tokens = [1.0, 2.0]', "expected one price"),
        ('hosted_model = "openai/x"\nusd_per_million_tokens = [-1.0]', "greater than or equal to 0"),
        ('hosted_model = "openai/x"\napi_key = "secret"', "expected them in the environment"),
    ],
)
def test_an_embedding_model_that_cannot_be_asked_as_written_is_refused(
    refuse: Callable[[str], str], line: str, said: str
) -> None:
    message = refuse(f"[embedding]\n{line}")
    assert message.startswith("[embedding]")
    assert said in message
    assert "secret" not in message


def test_keys_without_effect_are_named(tmp_path: Path) -> None:
    values = {
        "delivery": {"email": [{"to": ["a@example.com"]}], "apprise": ["json://x"], "markdown_dir": "md", "site_url": "x"},
    }
    named = config.parse(values, tmp_path / "podcasts.toml").without_effect()
    assert sorted(named) == [
        "[delivery] apprise",
        "[delivery] email",
        "[delivery] markdown_dir",
        "[delivery] site_url",
    ]
    assert config.parse({}, tmp_path / "podcasts.toml").without_effect() == []


def test_the_environment_names_the_file_and_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[ranking]\ntop = 3")
    monkeypatch.setenv(config.CONFIG_VARIABLE, str(file))
    loaded = config.load()
    assert (loaded.ranking.top, loaded.file, loaded.data_path) == (3, file, tmp_path / "data")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.CONFIG_VARIABLE, "mine.toml")
    monkeypatch.setenv(config.DATA_DIR_VARIABLE, "elsewhere")
    assert (config.load().file, config.load().data_path) == (file, tmp_path / "elsewhere")


def test_without_the_environment_the_file_is_that_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(config.CONFIG_VARIABLE, "")
    assert config.default_file() == tmp_path / "podcasts.toml"


def test_relative_paths_start_at_the_files_folder_not_at_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "subscriptions.opml").touch()
    file = tmp_path / "conf" / "podcasts.toml"
    file.write_text('data_dir = "../store"\n[feeds]\nopml = ["../subscriptions.opml"]')
    monkeypatch.chdir("/")
    loaded = config.load(file)
    assert loaded.folder == tmp_path / "conf"
    assert loaded.data_path == tmp_path / "store"
    assert loaded.resolve("feeds/a.xml") == tmp_path / "conf/feeds/a.xml"
    assert loaded.resolve("/a.xml") == Path("/a.xml")


def test_a_tilde_is_the_home_folder_in_every_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    loaded = config.parse({"data_dir": "~/store"}, Path("/conf/podcasts.toml"))
    assert loaded.data_path == tmp_path / "store"
    assert loaded.resolve("~/a.xml") == tmp_path / "a.xml"


def test_a_whole_number_is_fine_where_a_fraction_may_stand(tmp_path: Path) -> None:
    loaded = config.parse({"network": {"timeout_s": 5}, "ranking": {"weights": {"novelty": 1}}}, tmp_path / "podcasts.toml")
    assert (loaded.network.timeout_s, loaded.ranking.weights.novelty) == (5.0, 1.0)


def test_days_are_counted_in_the_timezone_from_the_start_date(tmp_path: Path) -> None:
    loaded = config.parse({"timezone": "Pacific/Apia", "start_date": "2026-03-01"}, tmp_path / "podcasts.toml")
    assert (loaded.zone.key, loaded.first_day) == ("Pacific/Apia", dt.date(2026, 3, 1))


def _defaults(model: type[pydantic.BaseModel]) -> dict[str, Any]:
    """Every key of the configuration with its default, in the types of TOML."""

    def plain(value: Any) -> Any:
        if isinstance(value, pydantic.BaseModel):
            return _defaults(type(value))
        return list(value) if isinstance(value, tuple) else value

    return {name: plain(field.default) for name, field in model.model_fields.items()}


def test_the_shipped_file_lists_no_feeds_and_changes_nothing() -> None:
    shipped = config.load(ROOT / "podcasts.toml")
    assert shipped.model_dump() == Config().model_dump()


def test_the_shipped_file_explains_every_key_with_its_default() -> None:
    """A key that is added, renamed or given another default without its line in the file fails here."""
    lines = (ROOT / "podcasts.toml").read_text("utf-8").splitlines()
    bared = [re.sub(r"^# (?=\w+ = )", "", line) for line in lines]
    assert tomllib.loads("\n".join(bared)) == _defaults(Config)


def test_the_shipped_file_names_every_key_of_a_mail_channel() -> None:
    text = (ROOT / "podcasts.toml").read_text("utf-8")
    assert [key for key in config.EmailConfig.model_fields if not re.search(rf"\b{key}\b", text)] == []


def test_the_samples_file_is_right_and_its_feeds_exist() -> None:
    sample = config.load(ROOT / "samples" / "podcasts.toml")
    assert len(sample.feeds.urls) == 4
    assert all(sample.resolve(url).is_file() for url in sample.feeds.urls)
    assert config.local_model(sample) == ROOT / "samples/models/whisper-micro"


def test_a_configuration_cannot_be_changed_after_it_was_read(tmp_path: Path) -> None:
    loaded = config.parse({}, tmp_path / "podcasts.toml")
    with pytest.raises(pydantic.ValidationError):
        loaded.ranking.top = 9  # type: ignore[misc]
