"""Which language model a name of the configuration means: its provider, its key, its price, how it can be bound to a form.

All of it is litellm's knowledge, read from the list that comes with it. litellm takes five
seconds to import, so nothing here is called where no model is configured.
"""

import dataclasses
import functools
import ipaddress
import os
import urllib.parse
from collections.abc import Sequence
from types import ModuleType
from typing import Literal

from podcast_assets.config.keys import EmbeddingConfig, ExtractionConfig
from podcast_assets.errors import ConfigError

MILLION = 1_000_000
NO_KEY = "none"  # for servers of one's own, whose clients still want some key
OWN_SERVERS = {
    "ollama", "ollama_chat", "hosted_vllm", "vllm", "llamafile", "lm_studio", "xinference", "oobabooga",
    "docker_model_runner",
}  # fmt: skip


# Providers whose models think before they reply, however they are asked; others are not asked to.
THINK_BY_THEMSELVES = {"openai", "azure", "gemini", "vertex_ai"}
FIND_THEIR_OWN_KEYS = {"bedrock", "sagemaker", "vertex_ai"}  # in files and roles that their own libraries know

Section = Literal["extraction", "embedding"]  # of the configuration, for what is wrong there
Price = Literal["litellm", "configured", "own server"]


@functools.cache
def litellm() -> ModuleType:
    """The library, imported so that it fetches no list of prices, sends no telemetry and keeps its advice to itself."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # read while it is imported
    os.environ.setdefault("LITELLM_LOG", "ERROR")
    import litellm as library

    library.telemetry = False
    library.suppress_debug_info = True
    library.DEFAULT_MAX_RETRIES = 0  # type: ignore[attr-defined] # what its embeddings take where none are asked for
    library.drop_params = True  # what a provider cannot take (a temperature, say) is left out, not an error
    library.disable_hf_tokenizer_download = True  # tokens are only counted to estimate a price
    return library


@dataclasses.dataclass(frozen=True)
class Model:
    """A model as it is asked. Prices in US dollars a token; ``price`` says where they come from.

    ``form``: what its provider can bind a reply to, a JSON schema or any JSON object, or nothing.
    """

    name: str
    api_base: str | None
    api_key: str | None
    input_usd: float
    output_usd: float
    price: Price
    form: Literal["schema", "object"] | None
    reasons: bool
    is_ollama: bool

    @property
    def described(self) -> str:
        """Its name, with where its price comes from."""
        prices = {"litellm": "prices of litellm's list", "configured": "prices as configured", "own server": "no price"}
        return f"{self.name} ({prices[self.price]})"


def asked_for(config: ExtractionConfig) -> tuple[list[Model], list[Model]]:
    """Who is asked for insights, and who grades them: the one that is configured first, the others where it fails.

    Raises:
        ConfigError: one of them cannot be asked.
    """
    names = [config.model, *config.fallback_models]
    judges = [config.judge_model or config.model, *config.fallback_models]
    return models_of(config, names), models_of(config, judges)


def models_of(config: ExtractionConfig, names: Sequence[str]) -> list[Model]:
    """The models of these names, in order, without repeats.

    Raises:
        ConfigError: a name without a provider, a key that the environment lacks, a price that nobody knows.
    """
    return [_model(config, name) for name in dict.fromkeys(names)]


def embedding_model(config: EmbeddingConfig) -> Model:
    """The hosted model of ``[embedding]``, which takes texts and gives vectors.

    Raises:
        ConfigError: a name without a provider, a key that the environment lacks, a price that nobody knows.
    """
    name, api_base = config.hosted_model, config.api_base or None
    provider = _provider("embedding", name)
    configured = [*config.usd_per_million_tokens, 0.0] if config.usd_per_million_tokens else []
    input_usd, _, price = _price("embedding", name, provider, _is_own(provider, api_base), configured)
    key = _key("embedding", name, provider, api_base)
    return Model(name, api_base, key, input_usd, 0.0, price, form=None, reasons=False, is_ollama=False)


def _model(config: ExtractionConfig, name: str) -> Model:
    library = litellm()
    provider = _provider("extraction", name)
    # An address is that of the provider of `model`; a judge or a fallback of another provider has its own.
    api_base = config.api_base if config.api_base and provider == _provider("extraction", config.model) else None
    is_own = _is_own(provider, api_base)
    input_usd, output_usd, price = _price("extraction", name, provider, is_own, config.usd_per_million_tokens)
    form: Literal["schema", "object"] | None = "schema"  # what such servers know today; one that does not is asked without
    if not is_own:
        takes = library.get_supported_openai_params(model=name) or []
        form = "schema" if library.supports_response_schema(model=name) else "object" if "response_format" in takes else None
    return Model(
        name=name,
        api_base=api_base,
        api_key=_key("extraction", name, provider, api_base),
        input_usd=input_usd,
        output_usd=output_usd,
        price=price,
        form=form,
        reasons=bool(provider in THINK_BY_THEMSELVES and library.supports_reasoning(model=name)),
        is_ollama=provider in {"ollama", "ollama_chat"},
    )


def _provider(section: Section, name: str) -> str:
    library = litellm()
    try:
        return str(library.get_llm_provider(name)[1])
    except library.exceptions.BadRequestError as error:
        raise ConfigError(
            f"[{section}] {name}: no provider is known for this model; expected provider/model, such as "
            f"openai/{name} for a server that speaks OpenAI's API (with its address as api_base)"
        ) from error


def _key(section: Section, name: str, provider: str, api_base: str | None) -> str | None:
    """The key to send: None lets litellm take it from the environment.

    Raises:
        ConfigError: it is not there, and the provider wants one.
    """
    if provider in FIND_THEIR_OWN_KEYS:
        return None
    known = litellm().validate_environment(model=name, api_base=api_base)
    missing = [] if known["keys_in_environment"] else [key for key in known["missing_keys"] if not os.environ.get(key)]
    if api_base:
        missing = [key for key in missing if not key.endswith("_API_BASE")]
    if not missing:
        return None
    if provider in OWN_SERVERS or (api_base and provider == "openai"):
        return NO_KEY
    raise ConfigError(f"[{section}] {name}: the environment has no {' and no '.join(missing)}; set it and run again")


def _is_own(provider: str, api_base: str | None) -> bool:
    """Whether nobody sends a bill."""
    return provider in OWN_SERVERS or (api_base is not None and _is_near(api_base))


def _is_near(address: str) -> bool:
    """Whether a server is on this machine or in a private network, where nobody sends a bill."""
    name = urllib.parse.urlsplit(address).hostname or ""
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return "." not in name or name.endswith((".local", ".lan", ".internal", ".home.arpa", ".localhost"))


def _price(
    section: Section, name: str, provider: str, is_own: bool, configured: Sequence[float]
) -> tuple[float, float, Price]:
    """US dollars a token of a question and of a reply: by litellm's list, else as configured (for a million, or nothing).

    Raises:
        ConfigError: nobody knows it.
    """
    if provider not in OWN_SERVERS and (listed := _listed(name)):
        return *listed, "litellm"
    if configured:
        input_usd, output_usd = configured
        return input_usd / MILLION, output_usd / MILLION, "configured"
    if is_own:
        return 0.0, 0.0, "own server"
    prices, nothing = ("[input, output]", "[0, 0]") if section == "extraction" else ("[price]", "[0]")
    raise ConfigError(
        f"[{section}] {name}: litellm's list has no price for it, so max_usd_per_day could not be kept; "
        f"set usd_per_million_tokens = {prices}, or {nothing} where nobody sends a bill"
    )


def _listed(name: str) -> tuple[float, float] | None:
    """By litellm's list; the dearer one of two prices of a reply, where thinking has its own."""
    try:
        sent, received = litellm().cost_per_token(model=name, prompt_tokens=1, completion_tokens=1)
    except Exception:  # noqa: BLE001 - its word for a name without a price differs by provider
        return None
    thinking = litellm().model_cost.get(name, {}).get("output_cost_per_reasoning_token") or 0.0
    return (float(sent), max(float(received), float(thinking))) if sent or received else None
