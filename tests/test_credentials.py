"""Secrets of private feeds: put into what is asked, and taken out of what comes back, in whatever notation it has them."""

import html
import os
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from podcast_assets import credentials
from podcast_assets.errors import RefusedError

USER, PASSWORD, TOKEN = "ann", "Pa55-Core/@:'\"é", "t0ken-Core/+&=<x y>%"
FEED = "https://${SHOW_USER}:${SHOW_PASSWORD}@example.org/feed?token=${SHOW_TOKEN}"
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent": lambda text: quote(text, safe=""),
    "percent, small letters": lambda text: "".join(
        f"%{byte:02x}" if not 0x30 <= byte <= 0x7A else chr(byte) for byte in text.encode()
    ),
    "percent, slashes kept": quote,
    "percent of all": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "plus": quote_plus,
    "XML": html.escape,
    "XML, quotes kept": lambda text: html.escape(text, quote=False),
    "XML of percent": lambda text: html.escape(quote(text, safe="&'")),
    "XML by number": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "XML by hexadecimal": lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    "XML twice": lambda text: html.escape(html.escape(text)),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
}


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SHOW_USER": USER, "SHOW_PASSWORD": PASSWORD, "SHOW_TOKEN": TOKEN}.items():
        monkeypatch.setenv(name, value)


# --- Addresses.


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (FEED, ["SHOW_USER", "SHOW_PASSWORD", "SHOW_TOKEN"]),
        ("https://example.org/${A}/${A}?${B_2}", ["A", "B_2"]),
        ("https://example.org/$A/${}/${1}/{B}/$${C-D}", []),
        ("", []),
    ],
)
def test_an_address_names_variables(address: str, expected: list[str]) -> None:
    assert credentials.names(address) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://ann:pass@example.org/", True),
        ("https://ann@example.org/", True),
        ("https://ann:${P}@example.org/", True),
        ("HTTPS://:pass@example.org/", True),
        ("https://${U}:${P}@example.org/", False),
        ("https://${U}@example.org/", False),
        ("https://example.org/ann:pass@x", False),
        ("https://example.org?a=b@c", False),
        ("shows/ann@home.xml", False),
    ],
)
def test_a_user_or_a_password_in_clear_is_seen(address: str, expected: bool) -> None:
    assert credentials.is_open(address) is expected


def test_a_request_has_the_values_and_none_but_those_that_the_feed_s_own_address_names() -> None:
    os.environ["OTHER_SECRET"] = "other"
    named = "https://example.org/1.mp3?t=${SHOW_TOKEN}&o=${OTHER_SECRET}&h=${HOME}"
    revealed = credentials.for_request(named, FEED)
    assert "${OTHER_SECRET}&h=${HOME}" in revealed
    parts = urlsplit(revealed)
    assert dict(parse_qsl(parts.query))["t"] == TOKEN
    assert (parts.hostname, parts.username) == ("example.org", USER)
    assert credentials.reveal(named, "https://example.org/feed") == named
    del os.environ["OTHER_SECRET"]


@pytest.mark.parametrize(
    ("address", "with_user"),
    [
        ("https://example.org/1.mp3", True),
        ("HTTPS://EXAMPLE.ORG/1.mp3", True),
        ("http://example.org/1.mp3", False),
        ("https://example.org:8443/1.mp3", False),
        ("https://cdn.example.org/1.mp3", False),
        ("https://example.org.evil.example/1.mp3", False),
        ("https://example.org@evil.example/1.mp3", False),
        ("https://bob@example.org/1.mp3", False),
        ("https://[broken/1.mp3", False),
        ("https://example.org:x/1.mp3", False),
        ("1.mp3", False),
    ],
)
def test_the_user_goes_to_files_of_the_feed_s_own_server_alone(address: str, with_user: bool) -> None:
    assert ("${SHOW_USER}" in credentials.with_user(address, FEED)) is with_user


@pytest.mark.parametrize(("value", "reason"), [(None, "is not set"), ("", "is not set"), ("abc", "fewer than 4 characters")])
def test_a_variable_without_a_usable_value_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None, reason: str) -> None:
    monkeypatch.delenv("SHOW_TOKEN") if value is None else monkeypatch.setenv("SHOW_TOKEN", value)
    with pytest.raises(RefusedError, match=f"the environment variable SHOW_TOKEN .*{reason}"):
        credentials.reveal(FEED, FEED)


# --- Taking the values out again.


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(("name", "value"), [("SHOW_TOKEN", TOKEN), ("SHOW_PASSWORD", PASSWORD)])
def test_a_value_is_taken_out_in_every_notation(form: Callable[[str], str], name: str, value: str) -> None:
    assert credentials.hide(f"<a href='?t={form(value)}'>", FEED) == f"<a href='?t=${{{name}}}'>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_value_is_taken_out_of_a_document_in_any_encoding(encoding: str) -> None:
    hidden = credentials.hide_bytes(f"<a>ü {TOKEN} {html.escape(TOKEN)} ü</a>".encode(encoding), FEED)
    assert hidden.decode(encoding) == "<a>ü ${SHOW_TOKEN} ${SHOW_TOKEN} ü</a>"


def test_what_an_address_becomes_on_its_way_is_hidden() -> None:
    """The library that asks writes an address in its own way, with some letters encoded and some not."""
    seen = str(URL(credentials.reveal(FEED, FEED)))
    assert credentials.hide(seen, FEED) == FEED.replace("${SHOW_USER}", USER)


@given(
    st.text(min_size=4, max_size=12).filter(lambda text: text.isprintable() and "\0" not in text),
    st.sampled_from(list(FORMS)),
)
@example("%25%", "percent twice")
@example("&amp;", "XML twice")
@example("aaaa", "as it is")
def test_no_value_survives_in_any_notation(value: str, form: str) -> None:
    address = "https://example.org/${SOME_SECRET}"
    os.environ["SOME_SECRET"] = value
    try:
        assert credentials.hide(f"\n{FORMS[form](value)}\n", address) == "\n${SOME_SECRET}\n"
    finally:
        del os.environ["SOME_SECRET"]


def test_a_value_that_holds_another_one_is_taken_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHORT_ONE", "abcd")
    monkeypatch.setenv("LONG_ONE", "abcdefgh")
    assert credentials.hide("abcdefgh abcd", "https://e.org/${SHORT_ONE}/${LONG_ONE}") == "${LONG_ONE} ${SHORT_ONE}"


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    data = bytes(range(256)) * 3
    assert credentials.hide_bytes(data, FEED) == data
    assert credentials.hide("a \udcff b", FEED) == "a \udcff b"
    assert credentials.hide(f"{TOKEN} x", "https://example.org/feed") == f"{TOKEN} x"


def test_nothing_is_hidden_of_a_user_who_has_a_password_and_of_a_variable_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A user's name may be any word. And what was archived years ago is read again without the feed's secrets."""
    monkeypatch.delenv("SHOW_TOKEN")
    assert credentials.hide(f"by {USER}: {PASSWORD}", FEED) == f"by {USER}: ${{SHOW_PASSWORD}}"
    assert credentials.hide(f"by {USER}", "https://${SHOW_USER}@example.org/") == f"by {USER}", "too short for a secret"
