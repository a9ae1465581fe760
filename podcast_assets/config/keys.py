"""Every key that a user can set: its section, type, default, and what else a value must be.

Does not belong here: secrets, which come from the environment and nowhere else.
"""

import datetime as dt
import os
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import pydantic
from pydantic import Field

from podcast_assets import __version__, credentials
from podcast_assets.sources import host
from podcast_assets.text import one_line

DATA_DIR_VARIABLE = "PODCAST_ASSETS_DATA_DIR"
EARLIEST_DAY = dt.date(2000, 1, 1)
SCHEMES = {"http", "https", "feed", "itpc", "pcast", "podcast"}  # the last four: as apps write addresses
LONGEST_VALUE = 100  # characters of a wrong value that an error shows
MEAN = ("quality", "originality", "support", "use", "specificity", "novelty")  # of which a score is the mean


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("empty; expected a text, or leave it out")
    return value


def _interest(value: str) -> str:
    value = re.sub(r"^[-\u2212\u2013]\s*", "-", value.strip())  # a minus sign, however it is written
    if not re.search(r"\w", value):
        raise ValueError(f"{shown(value)} names nothing; expected words, with a minus sign before what is not wanted")
    return value


def _path(value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"{shown(value)} holds characters that cannot be seen; expected an address or a path without them")
    try:
        Path(value).expanduser()
    except RuntimeError as error:
        raise ValueError(f"{shown(value)} cannot be a path: no such home folder; expected another one") from error
    return value


def _address(value: str) -> str:
    scheme = re.match(r"([a-z][a-z0-9+.-]*):/", value.strip(), re.IGNORECASE)
    if scheme and scheme[1].lower() not in SCHEMES:
        raise ValueError(f"{shown(value)} is no address of a feed; expected one that starts with https:// or http://")
    return value


def _without_password(value: str) -> str:
    if credentials.is_open(value):
        raise ValueError(f"an address of {host(value)} bears a password; {credentials.ADVICE}")
    return value


def shown(value: object) -> str:
    """A value as errors show it."""
    return one_line(repr(value), LONGEST_VALUE)


Positive = Annotated[int, Field(ge=1)]
Days = Annotated[int, Field(ge=0, le=36_500)]
Filled = Annotated[str, pydantic.AfterValidator(_filled)]
Price = Annotated[float, Field(ge=0)]
Weight = Annotated[float, Field(ge=0, le=1000)]
PathText = Annotated[Filled, pydantic.AfterValidator(_path)]


class Section(pydantic.BaseModel):
    """A section of the file: unknown keys are errors, and no value is converted."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class FeedsConfig(Section):
    """``[feeds]``: what to follow. Paths of ``urls`` and ``opml`` start at the configuration file's folder."""

    urls: tuple[Annotated[PathText, pydantic.AfterValidator(_address), pydantic.AfterValidator(_without_password)], ...] = (
        Field((), strict=False)
    )
    opml: tuple[PathText, ...] = Field((), strict=False)
    backfill_days: Days = 7
    poll_concurrency: Positive = 64
    poll_concurrency_per_host: Positive = 8


class NetworkConfig(Section):
    """``[network]``: what requests may reach, and how much they may bring."""

    allow_private_hosts: bool = False
    timeout_s: float = Field(30.0, gt=0)
    max_feed_mb: Positive = 32
    max_audio_mb: Positive = 1024
    user_agent: str = f"podcast-assets/{__version__}"

    @pydantic.field_validator("user_agent")
    @classmethod
    def _fit_for_a_header(cls, value: str) -> str:
        if not re.fullmatch(r"[\x20-\x7e]+", value):
            raise ValueError(f"{shown(value)} is no user agent; expected one or more characters of ASCII")
        return value


class TranscriptionConfig(Section):
    """``[transcription]``: where transcripts come from; ``model`` is a Whisper model's name or a local folder."""

    prefer_publisher: bool = True
    model: PathText = Field("small", min_length=1)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    compute_type: str = "auto"
    language: str = ""
    max_audio_hours_per_day: float = Field(0.0, ge=0)
    keep_audio_days: Days = 2
    max_audio_gb: float = Field(20.0, gt=0)
    parallel_shards: Positive = 1
    allow_sample_model: bool = False

    @pydantic.field_validator("language")
    @classmethod
    def _code(cls, value: str) -> str:
        if not re.fullmatch(r"([a-z]{2,3})?", value):
            raise ValueError(f"{shown(value)} is no language; expected a code such as 'en', or \"\" to have it found")
        return value


class HostedSection(Section):
    """A section that names models which are asked through litellm. Prices are US dollars."""

    api_base: str = ""
    usd_per_million_tokens: tuple[Price, ...] = Field((), strict=False)

    @pydantic.model_validator(mode="before")
    @classmethod
    def _no_keys(cls, values: object) -> object:
        if isinstance(values, dict) and "api_key" in values:
            raise ValueError("keys are not written here; expected them in the environment, such as OPENAI_API_KEY")
        return values

    @pydantic.field_validator("api_base")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^\s/]+", value):
            raise ValueError(f"{shown(value)} is no address of a server; expected one such as 'http://127.0.0.1:11434'")
        return _without_password(value)


class ExtractionConfig(HostedSection):
    """``[extraction]``: how insights are found; with an empty ``model`` by the built-in extractive method."""

    model: str = ""
    fallback_models: tuple[Filled, ...] = Field((), strict=False)
    judge_model: str = ""
    concurrency: Positive = 8
    timeout_s: float = Field(120.0, gt=0)
    max_usd_per_day: float = Field(5.0, ge=0)

    @pydantic.field_validator("usd_per_million_tokens")
    @classmethod
    def _a_pair(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(value) not in {0, 2}:
            raise ValueError("expected two prices in US dollars, [input, output], or [] to take those of litellm's list")
        return value

    @pydantic.model_validator(mode="after")
    def _needs_a_model(self) -> "ExtractionConfig":
        if not self.model and (self.judge_model or self.fallback_models or self.api_base or self.usd_per_million_tokens):
            raise ValueError(
                "judge_model, fallback_models, api_base and usd_per_million_tokens need a model; expected its name there"
            )
        return self


class EmbeddingConfig(HostedSection):
    """``[embedding]``: the sentence-embedding model, by name or as a local folder; or a hosted one."""

    model: str = "sentence-transformers/all-MiniLM-L6-v2"
    path: str = ""
    hosted_model: str = ""

    @pydantic.field_validator("usd_per_million_tokens")
    @classmethod
    def _one(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if len(value) > 1:
            raise ValueError("expected one price in US dollars, [price], or [] to take that of litellm's list")
        return value

    @pydantic.model_validator(mode="after")
    def _needs_a_model(self) -> "EmbeddingConfig":
        if not self.hosted_model and (self.api_base or self.usd_per_million_tokens):
            raise ValueError("api_base and usd_per_million_tokens need a hosted_model; expected its name there")
        return self


class WeightsConfig(Section):
    """``[ranking] weights``: how much each component of the score counts (docs/ranking.md has the formulas).

    The first six make a mean, so that only their ratios matter; the others add to it or take from it, up to their weight.
    """

    quality: Weight = 0.55
    originality: Weight = 0.20
    support: Weight = 0.10
    use: Weight = 0.25
    specificity: Weight = 0.15
    novelty: Weight = 0.30
    interest: Weight = 0.30
    corroboration: Weight = 0.10
    comparison: Weight = 0.20
    editors_choice: Weight = 0.03
    novelty_published: Weight = 0.30
    freshness: Weight = 0.10

    @pydantic.model_validator(mode="after")
    def _some_weight(self) -> "WeightsConfig":
        if not any(getattr(self, name) for name in MEAN):
            raise ValueError(f"expected a weight above 0 for at least one of {', '.join(MEAN)}")
        return self


class RankingConfig(Section):
    """``[ranking]``: how many insights a day has, and how they are chosen."""

    top: Positive = 5
    per_show: Positive = 2
    per_episode: Positive = 1
    per_speaker: Positive = 1
    interests: tuple[Annotated[Filled, pydantic.AfterValidator(_interest)], ...] = Field((), strict=False)
    weights: WeightsConfig = WeightsConfig()


class EmailConfig(Section):
    """``[[delivery.email]]``: one mail channel."""

    to: tuple[str, ...] = Field((), strict=False)
    sender: str = ""
    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"


class DeliveryConfig(Section):
    """``[delivery]``: when and where the digest goes."""

    at: str = "07:00"
    site_url: str = ""
    email: tuple[EmailConfig, ...] = Field((), strict=False)
    apprise: tuple[str, ...] = Field((), strict=False)
    markdown_dir: str = ""

    @pydantic.field_validator("at")
    @classmethod
    def _time_of_day(cls, value: str) -> str:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError(f"{shown(value)} is no time of day; expected HH:MM, such as '07:00'")
        return value


class Config(Section):
    """All of ``podcasts.toml``, with ``folder`` (absolute), the place where its relative paths start."""

    data_dir: PathText = "data"
    timezone: str = "UTC"
    start_date: str = "2026-01-01"
    feeds: FeedsConfig = FeedsConfig()
    network: NetworkConfig = NetworkConfig()
    transcription: TranscriptionConfig = TranscriptionConfig()
    extraction: ExtractionConfig = ExtractionConfig()
    embedding: EmbeddingConfig = EmbeddingConfig()
    ranking: RankingConfig = RankingConfig()
    delivery: DeliveryConfig = DeliveryConfig()

    _file: Path = pydantic.PrivateAttr(default=Path("podcasts.toml"))

    @pydantic.field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:  # ZoneInfo answers a folder's name with an OSError
            raise ValueError(f"{shown(value)} is no IANA timezone; expected a name such as 'Europe/Berlin'") from error
        return value

    @pydantic.field_validator("start_date")
    @classmethod
    def _iso_date(cls, value: str) -> str:
        try:
            day = dt.date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"{shown(value)} is no date; expected YYYY-MM-DD") from error
        if day < EARLIEST_DAY:  # a partition a day from there on
            raise ValueError(f"{value!r} is too early; expected {EARLIEST_DAY}, when there were no podcasts yet, or later")
        return day.isoformat()

    @property
    def file(self) -> Path:
        """The configuration file, absolute."""
        return self._file

    @property
    def folder(self) -> Path:
        """The folder of the configuration file: where its relative paths start."""
        return self._file.parent

    @cached_property
    def zone(self) -> ZoneInfo:
        """The timezone that days are counted in."""
        return ZoneInfo(self.timezone)

    @property
    def first_day(self) -> dt.date:
        """The first day partition."""
        return dt.date.fromisoformat(self.start_date)

    @cached_property
    def data_path(self) -> Path:
        """Where everything that the pipeline writes lies: the environment's word, then the file's; absolute."""
        override = os.environ.get(DATA_DIR_VARIABLE)
        return Path(override).absolute() if override else self.resolve(self.data_dir)

    def resolve(self, path: str) -> Path:
        """A path as the user wrote it (``~`` allowed), from the configuration file's folder."""
        return Path(os.path.realpath(self.folder / Path(path).expanduser()))  # unlike resolve(), never an error

    def without_effect(self) -> list[str]:
        """The keys that are set although this version does nothing with them: said aloud, never passed over."""
        unused = {"delivery": self.delivery}
        return [
            f"[{section}] {name}"
            for section, keys in unused.items()
            for name, field in type(keys).model_fields.items()
            if getattr(keys, name) != field.default
        ]
