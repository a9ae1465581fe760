"""Names of speakers: cleaned, brought together where they are one person's for sure, and never two people made one."""

import pytest

from podcast_assets.speakers import names_of
from tests.documents import entry, namespace_json, read


@pytest.mark.parametrize(
    "label",
    ["", " ", "SPEAKER_00", "Speaker 1", "speaker-12", "Speaker A", "Unknown", "Unknown Speaker:", "spk_3", "B", "7"],
)
def test_labels_that_number_speakers_are_no_names(label: str) -> None:
    assert read(namespace_json(entry(0, 5, "some words here", label)))[0].speaker is None


@pytest.mark.parametrize(
    "label", ["Host", "HOST:", "(Host)", "Co-Host 2", "Guest", "The Interviewer", "Female Speaker 2", "Music"]
)
def test_a_part_that_somebody_plays_is_no_name(label: str) -> None:
    assert names_of([label]) == {label: None}


@pytest.mark.parametrize(
    "label", ["Ann", "Mike Maples, Jr.", "Speaker of the House", "Bo", "李雷", "Mann", "Hostetler", "NPR"]
)
def test_names_are_kept(label: str) -> None:
    assert read(namespace_json(entry(0, 5, "some words here", label)))[0].speaker == label


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("[Ann O&#39;Neil]:", "Ann O'Neil"),
        ("Ann  O'Neil (host)", "Ann O'Neil"),
        ("Ann O'Neil, Guest", "Ann O'Neil"),
        ("<b>Ann</b> [00:12:34]", "Ann"),
        (">> TRAVIS:", "Travis"),
        ("ANN O'NEIL", "Ann O'Neil"),
        ("Tom &amp; Ann", "Tom & Ann"),
    ],
)
def test_what_is_around_a_name_is_taken_off(label: str, name: str) -> None:
    assert names_of([label]) == {label: name}


def test_the_spellings_of_one_person_become_one() -> None:
    labels = ["JANE DOE", "Jane Doe", "Jane Doe", "Jane  Doe (host)", "Jane D.", "Jane", "J.D. Vance", "J. D. Vance", "Bob"]
    assert {name for name in names_of(labels).values() if name} == {"Jane Doe", "J. D. Vance", "Bob"}
    assert {names_of(labels)[label] for label in labels[:6]} == {"Jane Doe"}


@pytest.mark.parametrize(
    "labels",
    [
        ["Jane", "Jane Doe", "Jane Dunn"],
        ["Jane D.", "Jane Doe", "Jane Dunn"],
        ["Mike Maples", "Mike Maples, Jr."],
        ["Jane E.", "Jane Doe"],
        ["Doe", "Jane Doe"],
        ["Jan", "Jane Doe"],
        ["Jane Doe", "Jane Doe Smith"],
    ],
)
def test_two_people_are_never_made_one(labels: list[str]) -> None:
    assert names_of(labels) == {label: label for label in labels}


def test_speakers_without_names_still_part_sentences() -> None:
    """Words of two numbered speakers must not run together once their numbers are gone."""
    words = [entry(i, i + 0.5, word, f"SPEAKER_0{i // 2}") for i, word in enumerate(["so", "then", "oh", "yes"])]
    assert [(each.speaker, each.text) for each in read(namespace_json(*words))] == [(None, "so then"), (None, "oh yes")]


def test_a_sentence_in_the_field_of_the_speaker_is_no_name() -> None:
    assert names_of(["and then we went " * 10]) == {"and then we went " * 10: None}
