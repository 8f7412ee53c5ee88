"""The guide's table of attacks is the one of docs/attacks.csv, counted by family."""

import csv
from collections.abc import Iterator

import pytest

from course_lib.storage import PROJECT, read_text

THEIRS, OURS = "nbgrader 0.9.6", "this course"
FATES = ("points gained", "no score left", "others harmed", "grade book lost", "own answers lost")


def rows() -> Iterator[str]:
    """By family and in all: how many attacks, how each grader fared."""
    with (PROJECT / "docs" / "attacks.csv").open(encoding="utf-8") as file:
        attacks = list(csv.DictReader(file))
    families = dict.fromkeys(attack["family"] for attack in attacks)
    for family in [*families, "in all"]:
        some = [a for a in attacks if family in (a["family"], "in all")]
        name = f"**{family}**" if family == "in all" else family
        yield f"| {name} | {len(some)} | {fared(some, THEIRS)} | {fared(some, OURS)} |"


def fared(attacks: list[dict[str, str]], grader: str) -> str:
    counts = {fate: sum(fate in attack[grader] for attack in attacks) for fate in FATES}
    words = [f"{fate} {n}" for fate, n in counts.items() if n]
    defended = sum(attack[grader] == "defended" for attack in attacks)
    return ", ".join([*([f"defended {defended}"] if defended else []), *words])


def test_the_guide_shows_the_table():
    guide = read_text(PROJECT / "docs" / "instructors.md").splitlines()
    for row in rows():
        assert row in guide


@pytest.mark.parametrize("column", ["family", "attack", "tries to", THEIRS, OURS])
def test_the_table_is_filled(column: str):
    with (PROJECT / "docs" / "attacks.csv").open(encoding="utf-8") as file:
        assert all(attack[column] for attack in csv.DictReader(file))


def test_no_attack_on_ours_gains_points_or_harms_others():
    with (PROJECT / "docs" / "attacks.csv").open(encoding="utf-8") as file:
        found = {attack[OURS] for attack in csv.DictReader(file)}
    assert found <= {"defended", "own answers lost"}
