"""The words of a claim: which numbers and names a text has, and how it may not be worded."""

import pytest

from podcast_assets.insights.proof import wording
from podcast_assets.insights.proof.names import Known, names_in
from podcast_assets.insights.proof.numbers import numbers_in, values_in
from podcast_assets.languages import are_alike, language_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("fifty percent", 50), ("50 %", 50), ("50%", 0.5), ("half a million", 500_000), ("500,000", 500_000),
        ("500.000", 500_000),
        ("2.5x", 2.5), ("two and a half", 2.5), ("two and a half million", 2.5e6), ("1990s", 1990), ("'90s", 1990),
        ("’90s", 1990),
        ("the nineties", 1990), ("3k", 3000), ("$3 billion", 3e9), ("three billion", 3e9), ("€3bn", 3e9), ("3B", 3e9),
        ("nineteen ninety-five", 1995), ("twenty twenty-four", 2024), ("two thousand and twenty-four", 2024), ("21st", 21),
        ("twenty-first", 21), ("a hundred and twenty", 120), ("fifteen hundred", 1500), ("three point one four", 3.14),
        ("three quarters", 75), ("two thirds", 67), ("1,234,567.5", 1234567.5), ("1.234.567,5", 1234567.5), ("2,5", 2.5),
        ("1 000 000", 1e6), ("7:40", 40), ("mid-1990s", 1990), ("a dozen", 12), ("twelfth", 12),
        ("two hundred thousand", 2e5),
    ],
)  # fmt: skip
def test_a_number_has_its_value_however_it_is_written(text: str, value: float) -> None:
    assert value in values_in(text)


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("fifty", {15}), ("3 billion", {3}), ("500,000", {5e6}), ("2.5x", {2, 3}), ("2024", {2025}), ("fifteen", {50}),
        ("twenty-five and thirty", {55, 2530}), ("two, three", {5, 23}), ("nineteen ninety", {109}), ("a hundred", {1}),
    ],
)  # fmt: skip
def test_it_has_no_other_value(text: str, others: set[float]) -> None:
    assert not others & values_in(text)


def test_both_ends_of_a_range_have_its_scale_and_a_fraction_may_be_rounded() -> None:
    assert {3e6, 5e6} <= values_in("3 to 5 million")
    assert {98, 99} <= values_in("98.6")


@pytest.mark.parametrize(
    "text",
    ["one of the first", "a second look", "the two of them", "half of all", "GPT-4 on an H100", "in 3D", "millions", "both"],
)
def test_what_is_mostly_no_number_needs_no_proof(text: str) -> None:
    assert not [number for number in numbers_in(text) if number.is_sure]


def test_number_words_count_in_english_alone() -> None:
    assert not numbers_in("dix six ten", english=False)
    assert [number.text for number in numbers_in("ten of 12")] == ["ten", "12"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The port of Veldhaven and Ines Corvo's chart", ["Veldhaven", "Ines", "Corvo"]),
        ("Nobody knew. Ports fail: Salt wins. “Wells” matter", []),
        ("I think that on Monday in May the CEO speaks English on TV", []),
        ("OpenAI sells H100s to NASA and the U.S. at evil.example", ["OpenAI", "H100s", "NASA", "U.S.", "evil.example"]),
        ("Deeper Harbours Cost Dutch Farms Their Water", []),
        ("AI-driven ports", ["AI"]),
    ],
)
def test_a_name_is_a_capital_where_none_has_to_be(text: str, names: list[str]) -> None:
    assert [name.text for name in names_in(text, "en")] == names


def test_nouns_with_capitals_are_no_names_but_acronyms_are() -> None:
    assert [name.text for name in names_in("Der Hafen der NATO in Bremen", "de")] == ["NATO"]


@pytest.fixture
def known() -> Known:
    return Known.of(
        ["Then Ramaswami left Open AI for China.", "Nick's large language models, as we said to Vercel, ran on L L M s."]
    )


@pytest.mark.parametrize("name", ["Ramaswamy", "OpenAI", "Chinese", "Nick", "LLM", "LLMs", "Vercell", "China"])
def test_a_name_is_known_in_other_spellings_and_forms(name: str, known: Known) -> None:
    assert known.has(name, "large language models")


@pytest.mark.parametrize("name", ["Nadella", "Vick", "NATO", "Langua", "Models", "Meta", "UK"])
def test_a_name_that_nobody_said_is_not(name: str, known: Known) -> None:
    assert known.has(name, "large language models") is (name == "Models")


def test_a_transcript_without_capitals_knows_names_too() -> None:
    assert Known.of(["then ramaswami left for the sea"]).has("Ramaswamy", "")


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b>", "<script>", "[a](b)", "![x](y)", "https://a.example", "www.a.example", "mailto:x", "a@b.example",
     "a.io/x",
     "{{ x }}", "`ls`", "**loud**", "javascript:alert(1)"],
)  # fmt: skip
def test_markup_is_found(text: str) -> None:
    assert wording.markup_in(f"Some words and {text} here.")


@pytest.mark.parametrize(
    "text", ["a < b and c > d", "AT&T, R&D", "and/or 24/7 in 3.11", "what [he] said", "C#, C++", "50 %"]
)
def test_plain_text_is_no_markup(text: str) -> None:
    assert wording.markup_in(text) is None


@pytest.mark.parametrize(
    "text",
    ["He says so.", "“They” win.", "This shows it.", "It's a trap.", "Ports win, the host says.",
     "Ports win, our guest holds.",
     "As the speaker notes, ports win.", "Ports win in this podcast.", "The author argues that ports win."],
)  # fmt: skip
def test_what_does_not_stand_alone_is_found(text: str) -> None:
    assert wording.reference_in(text)


@pytest.mark.parametrize(
    "text",
    ["Theirs is a port.", "It's unclear whether ports win.", "It takes years to dig.", "This year ports win.",
     "Hosting is dear.",
     "The host country pays.", "Guest workers dig.", "The podcast industry grows.", "Loudspeakers help."],
)  # fmt: skip
def test_what_stands_alone_is_left_alone(text: str) -> None:
    assert wording.reference_in(text) is None


def test_a_title_said_again_is_found_and_a_short_one_only_word_for_word() -> None:
    assert wording.is_title("The waiting room is always full", "#12: Why the waiting room is always full | Ann Lee")
    assert wording.is_title("Idle Hours!", "Idle hours")
    assert not wording.is_title("Idle hours are what keeps a server warm", "Idle hours")
    assert not wording.is_title("Queues grow because nobody cancels", "Why the waiting room is always full")


def test_words_in_quotation_marks_must_be_said_but_for_a_slip() -> None:
    assert list(wording.quoted_in('A “b c”, a "d" and «e»')) == ["b c", "d", "e"]
    assert wording.is_quoted_from("secret sauce", "It has no secret sauce.")
    assert wording.is_quoted_from(
        "the cheapest repair is the one that keeps beams dry", "The cheapest repair is the one that keeps the beams dry."
    )
    assert not wording.is_quoted_from("secret source", "It has no secret sauce.")


def test_a_text_is_shortened_at_the_end_of_a_sentence_or_not_at_all() -> None:
    assert wording.shortened("One two. Three four. Five six.", 2, 4) == "One two. Three four."
    assert wording.shortened("One two. Three four. Five six.", 5, 5) == "One two. Three four. Five six."
    assert wording.shortened("word " * 70, 30, 60) == "word " * 70


def test_a_language_is_told_from_some_dozen_words_or_not_at_all() -> None:
    assert language_of("Wer eine Fahrrinne vertieft, lässt das Salz mit der Flut den Fluss hinauf.") == "de"
    assert language_of("OK 12") is None
    assert are_alike("no", "da")
    assert not are_alike("no", "de")
