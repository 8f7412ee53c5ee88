"""A student's folder finds its row, or the instructor hears in one line why not."""

from pathlib import Path

import pytest

from course_lib.classroom.exports.roster import match
from course_lib.classroom.exports.table import Table
from course_lib.errors import CourseError

PATH = Path("roster.csv")
CANVAS = Table(
    ("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
    (
        ("    Points Possible", "", "", "", ""),
        ("Lee, Ann", "101", "s-7", "ann.lee", "A"),
        ("安藤, 花", "102", "s-8", "hana@x.ac.jp", "A"),
        ("Lee, Ann", "103", "101", "ann_b", "A"),
    ),
)
MOODLE = Table(
    ("Identifier", "Full name", "Email address", "Grade"),
    (
        ("Participant 101", "Ann Lee", "ann@x.org", "-"),
        ("Participant 1010", "花 安藤", "Hana@X.ac.jp", "-"),
    ),
)
MOODLE_JA = Table(("ID", "姓名", "メールアドレス"), (("参加者 101", "安藤", "hana@x.ac.jp"),))
BLACKBOARD = Table(
    ("Last Name", "First Name", "Username", "Student ID"),
    (("Lee", "Ann", "ann_lee", "101"), ("Lee", "C", "lee", "102"), ("B", "X", "bo_x", "103")),
)


@pytest.mark.parametrize(
    ("roster", "student", "row"),
    [
        (CANVAS, "102", 2),
        (CANVAS, "s-7", 1),
        (CANVAS, "S-7 ", 1),
        (CANVAS, "ann.lee", 1),
        (CANVAS, "HANA@x.ac.jp", 2),
        (CANVAS, "ｓ－８", 2),
        (CANVAS, "安藤, 花", 2),
        (CANVAS, "leeann_101_67890_week1", 1),
        (CANVAS, "leeann_LATE_103_67890_week1-2", 3),
        (MOODLE, "Ann Lee_101_assignsubmission_file_", 0),
        (MOODLE, "花 安藤_1010_assignsubmission_file", 1),
        (MOODLE, "A_B_101_1010_assignsubmission_file_", 1),
        (MOODLE, "hana@x.ac.jp", 1),
        (MOODLE_JA, "安藤 花_101_assignsubmission_file_", 0),
        (BLACKBOARD, "Week 1_bo_x_attempt_2026-04-01-10-00-00_week1", 2),
        (BLACKBOARD, "Week_1_lee_attempt_2026-04-01-10-00-00_week1", 1),
        (BLACKBOARD, "101", 0),
    ],
)
def test_a_folder_finds_its_row(roster, student, row):
    assert match([student], roster, PATH) == {student: row}


def test_all_that_are_missing_stand_in_one_line():
    names = [f"x{i}" for i in range(10)]
    with pytest.raises(CourseError, match=r"of 10 student\(s\): x0, .*, x7 …") as error:
        match([*names, "s-7"], CANVAS, PATH)
    assert "roster.csv" in str(error.value)
    assert "s-7" not in str(error.value)
    assert match([*names, "s-7"], CANVAS, PATH, strict=False) == {"s-7": 1}


def test_a_login_in_which_another_ends_is_asked():
    student = "Week 1_ann_lee_attempt_2026-04-01-10-00-00_week1"  # of "Week 1" or "Week 1_ann"
    with pytest.raises(CourseError, match="any of 2 students"):
        match([student], BLACKBOARD, PATH)


@pytest.mark.parametrize(
    ("students", "message"),
    [
        (["101"], "101 may be any of 2 students"),  # the ID of one, the SIS User ID of another
        (["Lee, Ann"], "may be any of 2 students"),
        (["s-7", "ann.lee"], "s-7, ann.lee are one student"),
        ([""], "no id, login"),
        (["A"], "no id, login"),  # a section is nobody
    ],
)
def test_what_is_not_clear_is_asked(students, message):
    with pytest.raises(CourseError, match=message):
        match(students, CANVAS, PATH)


def test_a_list_of_names_alone_is_refused():
    with pytest.raises(CourseError, match="no column with ids"):
        match([], Table(("Name", "Grade"), (("Ann", "1"),)), PATH)


def test_empty_cells_match_nobody():
    table = Table(("ID", "Email"), (("", "a@x.org"), ("", "b@x.org")))
    with pytest.raises(CourseError, match="no id, login"):
        match([" "], table, PATH)
