"""An assignment's file: written, read, refused."""

from pathlib import Path

import pytest

from course_lib.classroom.marking.assignment import (
    Assignment,
    of_lectures,
    read_assignment,
    write_assignment,
)
from course_lib.classroom.registry import all_exercises
from course_lib.errors import CourseError


def test_it_comes_back_as_it_was_written(tmp_path: Path):
    week = Assignment("第1週-week.1", ("count_words", "attend"))
    write_assignment(week, tmp_path / "week.toml")
    assert read_assignment(tmp_path / "week.toml") == week


def test_points_are_those_of_the_records():
    week = of_lectures("week", ["07", "08_gpt"])
    expected = [e for e in all_exercises() if e.lecture in ("07_transformer", "08_gpt")]
    assert week.records() == expected
    assert week.max_points == sum(e.points for e in expected)


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden", "a b", "-x"])
def test_a_name_must_be_a_folders(name: str):
    with pytest.raises(CourseError, match="cannot name an assignment"):
        Assignment(name, ("attend",))


def test_exercises_must_exist_each_once():
    with pytest.raises(CourseError, match="did you mean attend"):
        Assignment("week", ("atend",))
    for exercises in ((), ("attend", "attend")):
        with pytest.raises(CourseError, match="each of them once"):
            Assignment("week", exercises)
    with pytest.raises(CourseError, match="lecture 99 has no exercises"):
        of_lectures("week", ["07", "99"])


@pytest.mark.parametrize(
    "text", ["", "name = 1\nexercises = []", "name = 'x'", "name = 'x'\nexercises = [1]", "[", "\0"]
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, text: str):
    path = tmp_path / "week.toml"
    path.write_text(text)
    with pytest.raises(CourseError, match="is not an assignment"):
        read_assignment(path)
