"""The digest: the day's five as Markdown that shows what strangers said and wrote exactly, and obeys none of it."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import dagster as dg
import polars as pl
import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from podcast_assets.digest.assets import build_assets
from podcast_assets.digest.render import address, markdown
from podcast_assets.io_manager import LakeIOManager
from podcast_assets.project import Project
from podcast_assets.schemas import SCHEMAS
from podcast_assets.text import UNSEEN, as_markdown, one_line

DAY = dt.date(2026, 3, 6)
FIELDS = ("claim", "quote", "speaker", "episode_title", "show", "why")


def insight(rank: int = 1, **values: Any) -> dict[str, Any]:
    return {
        "day": DAY,
        "rank": rank,
        "insight_id": f"i{rank}",
        "episode_id": f"e{rank}",
        "show": f"Show {rank}",
        "episode_title": f"Episode {rank}",
        "claim": f"Claim {rank}",
        "body": f"Body {rank}.",
        "quote": f"Quote {rank}.",
        "quote_start_s": 61.7 * rank,
        "speaker": f"Speaker {rank}",
        "audio_url": f"https://audio.example/{rank}.mp3#t={int(61.7 * rank)}",
        "score": 0.9,
        "why": "clearly put",
        **values,
    }


def digest(*insights: dict[str, Any], wanted: int = 5) -> tuple[dict[str, Any], str]:
    """The front matter, read by a YAML parser, and the Markdown below it."""
    text = markdown(DAY, insights, wanted)
    opening, front, body = text.split("---\n", 2)
    assert opening == ""
    return yaml.safe_load(front), body


def tokens(text: str) -> list[Token]:
    """What a real Markdown parser reads: blocks, and what is inside them."""
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [part for block in blocks for part in (block, *(block.children or []))]


def shown(text: str) -> str:
    """The text that a reader of the rendered page sees, on one line."""
    said = [part.content if part.type in {"text", "code_inline", "html_inline"} else " " for part in inline(text)]
    return " ".join("".join(said).split())


def inline(text: str) -> list[Token]:
    return [part for part in tokens(text) if part.type != "inline"]


def links(text: str) -> list[str]:
    return [str(part.attrs["href"]) for part in tokens(text) if part.type == "link_open"]


def as_seen(text: str) -> str:
    """What should be seen of a stranger's text: all of it, on one line, less what cannot be seen."""
    return one_line(text)


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_of_a_full_day() -> None:
    front, body = digest(*(insight(n) for n in range(1, 6)))
    assert front == {"date": DAY, "insights": 5}
    assert "# Friday, 6 March 2026" in body
    assert "Five insights from 5 shows." in body
    headings = re.findall(r"^## (.+)$", body, flags=re.MULTILINE)
    assert headings == [f"{n}. Claim {n}" for n in range(1, 6)]
    assert links(body) == [f"https://audio.example/{n}.mp3#t={int(61.7 * n)}" for n in range(1, 6)]
    for part in ("Quote 3.", "Speaker 3 in Episode 3 (Show 3), listen from 03:05", "Why: clearly put"):
        assert part in shown(body)


def test_each_part_of_an_insight_is_a_block_of_its_own() -> None:
    """The reasons run on in the line of the link."""
    _, body = digest(insight())
    blocks = [part.type for part in MarkdownIt("commonmark").parse(body) if part.type.endswith("_open")]
    entry = ["heading_open", "paragraph_open", "blockquote_open", "paragraph_open", "paragraph_open", "paragraph_open"]
    assert blocks == ["heading_open", "paragraph_open", *entry]
    assert "\n\n\n\n" not in body


@pytest.mark.parametrize(
    ("count", "wanted", "line"),
    [
        (0, 5, "No insight is shown for that day."),
        (1, 5, "One insight: the rest was too weak, known already, or too much of one show."),
        (3, 5, "Three insights: the rest was too weak, known already, or too much of one show."),
        (3, 3, "Three insights from 3 shows."),
        (1, 1, "One insight from 1 show."),
        (7, 7, "7 insights from 7 shows."),
    ],
)
def test_fewer_than_wanted_is_said_plainly(count: int, wanted: int, line: str) -> None:
    front, body = digest(*(insight(n) for n in range(1, count + 1)), wanted=wanted)
    assert front["insights"] == count
    assert line in body
    assert body.count("\n## ") == count


def test_shows_are_counted_once_each() -> None:
    _, body = digest(*(insight(n, show="Same" if n < 5 else "same") for n in range(1, 6)))
    assert "Five insights from 2 shows." in body


def test_without_a_speaker_or_audio_the_line_still_reads_well() -> None:
    _, body = digest(insight(speaker=None, audio_url=None, quote_start_s=3725.0))
    assert "*Episode 1* (Show 1),\nat 1:02:05\n" in body
    assert links(body) == []
    _, body = digest(insight(speaker="\x00 ", episode_title="\u202e"))
    assert "untitled (Show 1)" in shown(body)
    assert "**" not in body


# --- Text from strangers ----------------------------------------------------------------------------------------------

HOSTILE = [
    "[click](https://evil.example)",
    "![pixel](https://evil.example/pixel.png)",
    "[click][1]\n\n[1]: https://evil.example",
    "<https://evil.example>",
    "https://evil.example and http://evil.example/a_(b)",
    "www.evil.example",
    "WWW.evil.example HTTPS://EVIL.example",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!-- hidden --> shown",
    "&lt;b&gt; &amp; &copy; &#x41;",
    "# heading",
    "text\n# heading\n## 1. another",
    "text\n===\nmore\n---\nend",
    "- item\n- item",
    "1. item",
    "12) item",
    "+ item",
    "* item",
    "> quote\n> more",
    "`code` and ``more`` and ```\nfence\n```",
    "~~~\nfence\n~~~",
    "*emphasis* __strong__ ~~gone~~ snake_case_word",
    "    indented code",
    "\tindented code",
    "| a | b |\n| --- | --- |\n| c | d |",
    "line  \nbreak\\\nbreak",
    "back\\slash \\* \\",
    "{{ template }} {% raw %} ${x} $math$",
    "==highlight== %%comment%% ^block [[wiki]] #tag",
    "---\ntitle: other\n---",
    "\u202egnp.exe\u202c \u2066isolate\u2069 \u200fmark",
    "nul \x00 bell \x07 escape \x1b[31m next\x85line \u2028 separator",
    "🙂 👩‍👩‍👧 naïve Ärger 船 ﷽",
    "“quotes” 'single' \"double\"",
    "*", "_", "`", "<", ">", "\\", "[", "]", "(", ")", "=", "-", ":", "&", "#1", "1.", "a:b", ": definition",
    "long " * 2000,
]  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:30]))
def test_a_stranger_s_text_is_shown_as_it_is_and_becomes_nothing_else(field: str, text: str) -> None:
    """A title becomes a link, an image that tells who reads, a heading, a script."""
    front, body = digest(insight(1, **{field: text}), insight(2))
    assert front == {"date": DAY, "insights": 2}
    expected = {**insight(1), field: text}
    seen = shown(body)
    for name in FIELDS:
        assert as_seen(expected[name]) in seen
    plain = digest(insight(1), insight(2))[1]
    assert [part.type for part in tokens(body) if part.nesting] == [part.type for part in tokens(plain) if part.nesting]
    assert not {part.type for part in tokens(body)} & {"html_inline", "html_block", "image", "code_inline", "fence"}
    assert links(body) == links(plain)
    assert not UNSEEN.search(body.replace("\n", ""))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text(st.sampled_from("*_`[]()<>#+-.!|~&\\=:1 \nawh/t@ps"), max_size=40))
def test_any_text_is_shown_literally(text: str) -> None:
    line = as_markdown(text)
    assert "\n" not in line
    body = f"## 1. {line or 'x'}\n\n> {line or 'x'}\n"
    words = (as_seen(text) or "x").split()
    assert shown(body).split() == ["1.", *words, *words]


@pytest.mark.parametrize(
    "text", ["http://evil.example", "see HTTPS://evil.example/x?y", "ftp://evil.example", "www.evil.example"]
)
def test_no_address_is_left_that_readers_of_bare_links_would_find(text: str) -> None:
    """Many programs make a link of what merely looks like an address."""
    assert not re.search(r"\w+://|www\.", as_markdown(text), flags=re.IGNORECASE)


# --- Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.example/x.mp3?a=1&b=2#t=61", "https://a.example/x.mp3?a=1&b=2#t=61"),
        ("https://a.example/x (1).mp3#t=61", "https://a.example/x%20%281%29.mp3#t=61"),
        ("https://a.example/x%20y.mp3#t=61", "https://a.example/x%20y.mp3#t=61"),
        ('https://a.example/"x" <y>.mp3#t=61', "https://a.example/%22x%22%20%3Cy%3E.mp3#t=61"),
        (
            "https://a.example/x) [evil](https://evil.example#t=61",
            "https://a.example/x%29%20%5Bevil%5D%28https://evil.example#t=61",
        ),
        ("https://a.example/x\n\n# heading#t=61", "https://a.example/x%0A%0A#%20heading#t=61"),
        ("https://a.example/ä🙂.mp3#t=61", "https://a.example/%C3%A4%F0%9F%99%82.mp3#t=61"),
        ("file:///home/me/my%20feed/one.mp3#t=61", "file:///home/me/my%20feed/one.mp3#t=61"),
    ],
)
def test_an_address_stays_inside_its_link(url: str, target: str) -> None:
    assert address(url) == target
    _, body = digest(insight(audio_url=url))
    if target.startswith("https:"):  # the parser makes no link of a file's address
        assert links(body) == [target]
    assert f"[listen from 01:01]({target})" in body


# --- Through Dagster --------------------------------------------------------------------------------------------------


def materialise(project: Project, *insights: dict[str, Any]) -> dict[str, Any]:
    """Runs the asset on a day of these rows; gives its metadata."""
    project.lake.write("daily_top5", pl.DataFrame(list(insights), schema=SCHEMAS["daily_top5"]), DAY)
    days = dg.DailyPartitionsDefinition(start_date="2026-03-01")
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            [*build_assets(days), dg.AssetSpec("daily_top5", partitions_def=days)],
            instance=instance,
            partition_key=DAY.isoformat(),
            resources={"project": project, "io_manager": LakeIOManager(project.lake)},
        )
    assert result.success
    (event,) = result.get_asset_materialization_events()
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_the_asset_writes_the_page_of_the_day_and_shows_it(make_project: Callable[..., Project]) -> None:
    project = make_project(ranking={"top": 2})
    rows = [insight(1, claim="Costs --- and\n---\nrules"), insight(2)]
    told = materialise(project, *rows)
    path = project.digest_path(DAY)
    assert path.read_text(encoding="utf-8") == markdown(DAY, rows, 2)
    assert told["file"] == str(path)
    assert told["words"] == len(path.read_text(encoding="utf-8").split())
    assert told["preview"].startswith("\n# Friday, 6 March 2026")
    assert "Quote 2." in told["preview"]


def test_a_day_without_insights_has_a_page_that_says_so(make_project: Callable[..., Project]) -> None:
    project = make_project()
    materialise(project)
    assert "No insight is shown" in (project.digest_path(DAY)).read_text(encoding="utf-8")


def test_a_body_in_the_quotes_own_words_is_not_said_twice() -> None:
    own = insight(body="Wooden nails hold longer.", quote="So, you know, wooden nails hold longer.")
    assert "Wooden nails" not in digest(own)[1]
    other = insight(body="Builders should choose wood.", quote="So, you know, wooden nails hold longer.")
    assert "Builders should choose wood" in shown(digest(other)[1])
