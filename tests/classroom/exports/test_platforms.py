"""What each platform reads, checked against its own importer's rules and by reading it back."""

import re

import pytest

from course_lib.classroom.exports.outcomes import Outcome, Outcomes, collect
from course_lib.classroom.exports.platforms import Listed, Wish, blackboard, canvas, moodle
from course_lib.classroom.exports.roster import match
from course_lib.classroom.exports.table import UTF_16, Table
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.errors import CourseError
from tests.classroom.marking.markings import SMALL, mark, marking

OUTCOMES = Outcomes(
    "week1",
    22,
    {
        "ann": Outcome(
            "ann", 21.5, ("attend: 4 / 4", "look_mask: 0 / 4. <pad> & co. are not seen")
        ),
        "花": Outcome("花", 0.0, ("no notebook was handed in",)),
    },
)
CANVAS_HEADER = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", "quiz (7)", "week1 (9)")
CANVAS = Table(
    (*CANVAS_HEADER, "week10 (8)", "Current Score"),
    (
        ("", "", "", "", "", "", "Manual Posting", "", ""),
        ("    Points Possible", "", "", "", "", "5.00", "22.00", "3.00", "(read only)"),
        ("安藤, 花", "2", "s2", "花", "A", "1", "", "", "90"),
        ("Lee, Ann", "1", "s1", "ann", "A and B", "2", "3", "", "80"),
        ("Sato, Ken", "3", "s3", "ken", "A", "2", "3", "", "70"),
    ),
    encoding="utf-8-sig",
)
WORKSHEET_HEADER = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade")
WORKSHEET = Table(
    (*WORKSHEET_HEADER, "Last modified (grade)", "Feedback comments"),
    (
        ("Participant 1", "Ann Lee", "ann", "Submitted", "", "22.00", "-", ""),
        ("Participant 2", "花 安藤", "花", "Submitted", "5.00", "22.00", "-", "old"),
        ("Participant 3", "Ken Sato", "ken", "No submission", "7.00", "22.00", "-", "kept"),
    ),
)
BLACKBOARD_HEADER = ("Last Name", "First Name", "Username", "Student ID", "Last Access")
BLACKBOARD = Table(
    (*BLACKBOARD_HEADER, "Availability", "week1 [Total Pts: 22 Score] |12345", "quiz [x] |1"),
    (
        ("安藤", "花", "花", "2", "2026-04-01", "Yes", "", "1"),
        ("Lee", "Ann", "ann", "1", "2026-04-01", "Yes", "3", "2"),
        ("Sato", "Ken", "ken", "3", "2026-04-01", "Yes", "", "3"),
    ),
    "\t",
    UTF_16,
)


def listed(table):
    return Listed(table, match(OUTCOMES.of, table, "roster.csv"))


def test_canvas_gets_its_students_and_the_one_column_back():
    table = canvas(OUTCOMES, listed(CANVAS), Wish())
    assert table.header == (*CANVAS_HEADER[:5], "week1 (9)")
    assert table.rows == (
        ("    Points Possible", "", "", "", "", "22"),
        ("安藤, 花", "2", "s2", "花", "A", "0"),
        ("Lee, Ann", "1", "s1", "ann", "A and B", "21.5"),
        ("Sato, Ken", "3", "s3", "ken", "A", ""),
    )
    assert table.encoding == "utf-8-sig"


def test_canvas_makes_a_new_assignment_from_a_new_title():
    header = ("Student", "ID", "SIS Login ID", "Section", "week10 (8)")
    rows = (("Points Possible", "", "", "", "3"), ("Lee, Ann", "1", "ann", "A", ""))
    only_ann = Outcomes("week1", 22, {"ann": OUTCOMES.of["ann"]})
    table = canvas(only_ann, Listed(Table(header, rows), {"ann": 1}), Wish())
    assert table.header == (*header[:4], "week1")
    assert table.rows[1] == ("Lee, Ann", "1", "ann", "A", "21.5")


@pytest.mark.parametrize("roster", [None, listed(CANVAS)])
def test_canvas_importer_takes_the_header(roster):
    # gradebook_importer.rb: row_has_student_headers?, update_column_count, last_student_info_column
    header, *rows = (table := canvas(OUTCOMES, roster, Wish())).header, *table.rows
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert re.match(r"SIS\s+User\s+ID", header[2])
    assert re.match(r"SIS\s+Login\s+ID", header[3])
    assert "Section" in header[4]
    assert "Points Possible" in rows[0][0]
    assert all(len(row) == len(header) == 6 for row in rows)


def test_canvas_without_a_section_is_not_its_export():
    with pytest.raises(CourseError, match="no column Section"):
        canvas(OUTCOMES, listed(Table(("ID",), (("ann",), ("花",)))), Wish())


def test_moodle_gets_its_worksheet_back_with_grade_and_comment_alone_changed():
    table = moodle(OUTCOMES, listed(WORKSHEET), Wish())
    assert table.header == WORKSHEET.header
    said = "attend: 4 / 4<br>look_mask: 0 / 4. &lt;pad&gt; &amp; co. are not seen"
    first, second, third = table.rows
    assert first == (*WORKSHEET.rows[0][:4], "21.5", "22.00", "-", said)
    assert second == (*WORKSHEET.rows[1][:4], "0", "22.00", "-", "no notebook was handed in")
    assert third == WORKSHEET.rows[2]


def test_moodle_in_japanese_has_other_headings():
    header = (
        "ID",
        "メールアドレス",
        "評点",
        "最大評点",
        "最終更新日時 (評点)",
        "フィードバックコメント",
    )
    rows = (("参加者 1", "ann", "", "22.00", "-", ""), ("参加者 2", "花", "", "22.00", "-", ""))
    table = moodle(OUTCOMES, listed(Table(header, rows)), Wish())
    assert [(row[2], row[3]) for row in table.rows] == [("21.5", "22.00"), ("0", "22.00")]
    assert table.rows[1][5] == "no notebook was handed in"


def test_moodle_takes_any_list_of_participants_under_grade_import():
    people = Table(("First name", "Email address"), (("Ken", "ken"), ("Ann", "ann"), ("花", "花")))
    table = moodle(OUTCOMES, listed(people), Wish())
    assert table.header == (*people.header, "week1", "Feedback comments")
    assert [row[:3] for row in table.rows] == [
        ("Ken", "ken", ""),
        ("Ann", "ann", "21.5"),
        ("花", "花", "0"),
    ]
    assert moodle(OUTCOMES, None, Wish()).rows[1] == ("花", "0", "no notebook was handed in")


def test_blackboard_gets_people_and_its_own_column_in_its_own_encoding():
    table = blackboard(OUTCOMES, listed(BLACKBOARD), Wish())
    assert table == Table(
        (*BLACKBOARD_HEADER[:4], "week1 [Total Pts: 22 Score] |12345"),
        (
            ("安藤", "花", "花", "2", "0"),
            ("Lee", "Ann", "ann", "1", "21.5"),
            ("Sato", "Ken", "ken", "3", ""),
        ),
        "\t",
        UTF_16,
    )
    bare = blackboard(OUTCOMES, None, Wish())
    assert bare == Table(("Username", "week1"), (("ann", "21.5"), ("花", "0")), "\t", UTF_16)


FORMATS = [(canvas, CANVAS), (moodle, WORKSHEET), (blackboard, BLACKBOARD)]


@pytest.mark.parametrize(("write", "roster"), FORMATS)
def test_who_handed_in_nothing_gets_0_only_if_that_is_asked_for(write, roster):
    def of_ken(table):
        column = 4 if write is moodle else -1
        return next(row[column] for row in table.rows if "ken" in row)

    assert of_ken(write(OUTCOMES, listed(roster), Wish())) == ("7.00" if write is moodle else "")
    assert of_ken(write(OUTCOMES, listed(roster), Wish(absent_gets_zero=True))) == "0"


@pytest.mark.parametrize(("write", "roster"), FORMATS)
def test_another_maximum_is_refused_or_scaled_to(write, roster):
    cells = {"22.00": "100.00"}
    header = tuple(name.replace("Pts: 22", "Pts: 100") for name in roster.header)
    rows = tuple(tuple(cells.get(cell, cell) for cell in row) for row in roster.rows)
    other = listed(Table(header, rows, roster.delimiter, roster.encoding))
    with pytest.raises(CourseError, match="there are 22 points, but 100 in the roster"):
        write(OUTCOMES, other, Wish())
    table = write(OUTCOMES, other, Wish(scale=True))
    (of_ann,) = (row for row in table.rows if "ann" in row)
    assert "97.73" in of_ann  # 21.5 / 22 of 100
    if write is canvas:
        assert table.rows[0][-1] == "100"


@pytest.fixture
def book(tmp_path):
    with GradeBook(tmp_path / "gradebook.db", create=True) as book:
        book.begin(SMALL, "secret")
        hint = mark("add_k_probs", "wrong", 4.0, hint="They sum to … .", practice="[PRACTICE]")
        both = (mark("chain_rule_log_prob", "time", 2.0, error="ValueError"), hint)
        book.add(marking("ann", marks=both, content="1"), "f")
        book.add(marking("花", "right", "right", content="2"), "f")
        yield book


def test_what_is_said_to_a_student(book):
    book.override("ann", "chain_rule_log_prob", 1.5, "nearly", who="Prof")
    outcomes = collect(book, "last")
    assert (outcomes.name, outcomes.max_points) == ("small", 6)
    assert outcomes.of["ann"].points == 1.5
    assert outcomes.of["ann"].lines == (
        "chain_rule_log_prob: 1.5 / 2. nearly",
        "add_k_probs: 0 / 4. They sum to … .",
    )
    assert outcomes.of["花"].lines == ("chain_rule_log_prob: 2 / 2", "add_k_probs: 4 / 4")


def test_a_limit_that_was_hit_is_named(book):
    assert collect(book, "last").of["ann"].lines[0] == (
        "chain_rule_log_prob: 0 / 2. Your function took too long."
    )


def test_the_best_attempt_is_exported_if_that_is_asked_for(book):
    book.add(marking("花", "wrong", "right", content="3"), "f")
    assert collect(book, "last").of["花"].points == 4
    assert collect(book, "best").of["花"].points == 6


def test_a_rehearsal_is_not_exported(tmp_path):
    with GradeBook(tmp_path / "r.db", create=True) as book:
        book.begin(SMALL, "secret", "rehearsal")
        with pytest.raises(CourseError, match="is a rehearsal and holds no marks"):
            collect(book, "last")
