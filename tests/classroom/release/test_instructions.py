"""INSTRUCTIONS.md: numbers from the records, titles from the notebooks, the instructor's words."""

import re
from pathlib import Path

import pytest

from course_lib.classroom.exercise import Exercise, Limits
from course_lib.classroom.registry import all_exercises
from course_lib.classroom.release.ai_policy import CHOICES, policy
from course_lib.classroom.release.bundle import gather
from course_lib.classroom.release.instructions import Terms, duration, what_counts
from course_lib.errors import CourseError

from .released import LECTURES, material, material_of_lectures


def rows(text: str) -> list[list[str]]:
    """The table's rows, their cells stripped; without the heading and the ruler."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_exercise_with_its_own_numbers_and_the_sum_of_all():
    *exercises, total = rows(material_of_lectures(*LECTURES).text)
    records = list(all_exercises())
    assert [row[1:] for row in exercises] == [
        [f"`{r.name}`", r.title, "★" * r.stars, str(r.points), str(r.minutes)] for r in records
    ]
    assert [row[0] for row in exercises] == [f"{r.lecture}.ipynb" for r in records]
    points, minutes = sum(r.points for r in records), sum(r.minutes for r in records)
    assert total[-2:] == [f"**{points}**", f"**{minutes}**"]


def test_a_selection_is_summed_up():
    text = material("attend", "n_weights").text
    records = [r for r in all_exercises() if r.name in ("attend", "n_weights")]
    points, minutes = sum(r.points for r in records), sum(r.minutes for r in records)
    assert f"Exercises: 2. Points: {points}. Time: about {minutes} min." in text
    assert "look_mask" not in text


@pytest.mark.parametrize(
    ("minutes", "words"), [(5, "5 min"), (59, "59 min"), (60, "1 h"), (135, "2 h 15 min")]
)
def test_how_long_it_takes(minutes: int, words: str):
    assert duration(minutes) == words


def test_the_instructors_words_are_in_it_and_no_placeholder_is_left():
    made = material("attend")
    terms = Terms(policy="Ask {me} first.", install="%pip install the-course", due="Friday {noon}")
    text = gather(made.assignment, terms).text
    assert text.startswith("# week\n")
    assert "**Due: Friday {noon}**" in text
    assert text.rstrip().endswith("## AI tools\n\nAsk {me} first.")
    assert "%pip install the-course" in text
    assert re.findall(r"\{\w*\}", text) == ["{noon}", "{me}"]


def test_without_a_date_nothing_is_due():
    assert "Due" not in material("attend").text


def test_the_files_to_hand_in_are_named():
    assert "hand in `04_tokenization.ipynb`, `07_transformer.ipynb`" in (
        material("learn_bpe", "attend").text
    )


def with_limits(limits: Limits) -> Exercise:
    from dataclasses import replace

    return replace(next(all_exercises()), limits=limits)


def test_the_limits_are_the_tightest_of_the_records():
    records = [
        with_limits(Limits(seconds=2.5, memory_mb=900)),
        with_limits(Limits(seconds=30.0, memory_mb=800)),
    ]
    text = " ".join(what_counts(records).split())
    assert "2.5 seconds, a cell 60, all cells of a notebook 120." in text
    assert "800 MB" in text


def test_each_policy_is_short_and_says_something_else():
    texts = [policy(choice) for choice in CHOICES]
    assert len(set(texts)) == len(CHOICES) == 3
    for text in texts:
        assert text.startswith("**")
        assert 50 <= len(text.split()) <= 130
        assert "hint" in text or "explain" in text


def test_a_policy_of_ones_own_is_a_file(tmp_path: Path):
    (tmp_path / "mine.md").write_text("\n\nBring a pencil.\n", "utf-8")
    assert policy(str(tmp_path / "mine.md")) == "Bring a pencil."


@pytest.mark.parametrize("name", ["never", ".", ""])
def test_another_word_is_no_policy(name: str):
    with pytest.raises(CourseError, match="is no AI policy: none, assist, open, or a text file"):
        policy(name)
