"""Documents that are damaged or hostile: they give segments or a reason, in a time that their length explains."""

import contextlib
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.publisher_transcripts.formats import TranscriptError, parse
from tests.documents import entry, namespace_json
from tests.fuzzing import DAMAGES


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode(errors="ignore"))))
def test_no_bytes_make_it_fail_in_another_way(document: bytes) -> None:
    for start in (b"", b"WEBVTT\n\n00:01.000 --> 00:02.000\n", b"1\n00:00:01,000 --> 00:00:02,000\n", b"<p>[0:01] A: b"):
        try:
            parse(start + document, "")
        except TranscriptError:
            continue


def test_a_number_of_thousands_of_digits_is_no_character() -> None:
    assert parse(f"WEBVTT\n\n00:01.000 --> 00:02.000\none &#{'9' * 9999}; two".encode(), "")[0].text == "one two"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["startTime", "endTime", "body", "speaker", "x"]), inner)
        ),
        max_leaves=12,
    )
)
def test_no_json_makes_it_fail_in_another_way(value: Any) -> None:
    try:
        found = parse(json.dumps({"segments": [value, value]}).encode(), "")
    except TranscriptError:
        return
    assert all(segment.text and segment.end_s >= segment.start_s >= 0 for segment in found)


@pytest.mark.parametrize("start", ["WEBVTT\n\n00:01.000 --> 00:02.000\n", "<p>", "Ann: yes\nAnn: no\n"])
@pytest.mark.parametrize(
    "junk",
    [
        "<v a", "<", "<c", "{\\", "&", "&#9", ">> ", "1:", "<00:01.000>", "A: ", "\n", "\u0301", "a\n", "1:02\n", "[1:02] ",
        "(1:02", "A 1:02\n", "A (", "<p", "<a href='", "<p a=", "<!--", "<![CDATA[", "<script>", "<div id=transcript>",
        "<cite>A", "<time>", "<svg>", "**", "。",
    ],
)  # fmt: skip
def test_hostile_text_takes_linear_time(start: str, junk: str) -> None:
    document = (start + junk * (100_000 // len(junk))).encode()
    started = time.process_time()
    with contextlib.suppress(TranscriptError):
        parse(document, "")
    assert time.process_time() - started < 5


FORMS = (
    namespace_json(*[entry(at, at + 1, "One &amp; two.", f"Ann {at % 2}") for at in range(9)]),
    "WEBVTT\n\nNOTE x\n\n"
    + "".join(f"00:0{at}.000 --> 00:0{at + 1}.000\n<v Ann>One <00:0{at}.500>two.\n\n" for at in range(9)),
    "".join(f"{at}\n00:00:0{at},000 --> 00:00:0{at + 1},000\nAnn: Grüße {at}\n\n" for at in range(9)),
    "<html><title>T</title><nav>x</nav><body>"
    + "".join(f"<cite>Ann:</cite>\n<time>0:0{at}</time>\n<p>One &amp; <b>two</b>.</p>" for at in range(9)),
    "".join(f"Ann (0:0{at}): One.\n\nTwo, [0:0{at}] three.\n\n" for at in range(9)),
)  # fmt: skip


def check_damaged(documents: Sequence[bytes], cases: int) -> dict[str, int]:
    """Reads so many damaged ones, each time in another way; how many were read, and how many refused with a reason."""
    outcomes = {"read": 0, "refused": 0}
    for seed in range(cases):
        chance = random.Random(seed)
        document = chance.choice(documents)
        for _ in range(chance.choice((1, 1, 2, 4))):
            document = chance.choice(DAMAGES)(document, chance)[:500_000]
        try:
            found = parse(document, "text/vtt", chance.choice((None, 60.0, 3600.0)))
        except TranscriptError as error:
            assert "\n" not in str(error), seed
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        assert all(each.text and 0 <= each.start_s <= each.end_s and each.speaker != "" for each in found), seed
        assert [each.start_s for each in found] == sorted(each.start_s for each in found), seed
        assert all(each.word_starts is None or len(each.word_starts) == len(each.text.split()) for each in found), seed
        assert (found[0].timing == "exact") == (found[0].word_starts is not None), seed
    return outcomes


def test_damaged_documents_are_read_or_refused() -> None:
    outcomes = check_damaged([form.encode() for form in FORMS], 300)
    assert min(outcomes.values()) > 50, outcomes


def test_damaged_real_documents_are_read_or_refused(shared: Path) -> None:
    paths = sorted((shared / "data" / "transcript_formats").iterdir())
    assert len(paths) == 6
    outcomes = check_damaged([path.read_bytes() for path in paths], 200)
    assert min(outcomes.values()) > 50, outcomes
