"""Documents that are damaged or hostile: they give segments or a reason, in a time that their length explains."""

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcast_assets.publisher_transcripts.formats import TranscriptError, parse


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode(errors="ignore"))))
def test_no_bytes_make_it_fail_in_another_way(document: bytes) -> None:
    for start in (b"", b"WEBVTT\n\n00:01.000 --> 00:02.000\n", b"1\n00:00:01,000 --> 00:00:02,000\n"):
        try:
            parse(start + document, "")
        except TranscriptError:
            continue


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


@pytest.mark.parametrize("junk", ["<v a", "<", "<c", "{\\", "&", ">> ", "1:", "<00:01.000>", "A: ", "\n", "\u0301"])
def test_hostile_text_takes_linear_time(junk: str) -> None:
    document = ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + junk * (300_000 // len(junk))).encode()
    started = time.process_time()
    with contextlib.suppress(TranscriptError):
        parse(document, "")
    assert time.process_time() - started < 5
