"""The spreadsheet holds every mark of the book, and who is listed without having handed in."""

import pytest

from course_lib.classroom.exports.platforms import Listed
from course_lib.classroom.exports.spreadsheet import spreadsheet
from course_lib.classroom.exports.table import Table
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.errors import CourseError
from tests.classroom.marking.markings import SMALL, marking


@pytest.fixture
def book(tmp_path):
    with GradeBook(tmp_path / "gradebook.db", create=True) as book:
        book.begin(SMALL, "secret")
        book.add(marking("ann", "right", "wrong", content="1"), "f")
        book.add(marking("ann", "wrong", "right", content="2"), "f")
        book.add(marking("花", problem="not a notebook", content="3"), "f")
        book.override("花", "add_k_probs", 2.5, "on paper", who="山田")
        yield book


def named(table):
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


def test_it_holds_every_mark(book):
    table = spreadsheet(book, "last", None)
    assert table.encoding == "utf-8-sig"
    ann, hana = named(table)
    assert (ann["student"], ann["points"], ann["max_points"]) == ("ann", "4", "6")
    assert (ann["chain_rule_log_prob"], ann["add_k_probs"], ann["attempts"]) == ("0", "4", "2")
    assert (ann["file"], ann["problem"], ann["overrides"]) == ("ann/week1.ipynb", "", "")
    assert ann["sha256"] == marking("", content="2").sha256
    assert (hana["points"], hana["chain_rule_log_prob"], hana["add_k_probs"]) == ("2.5", "0", "2.5")
    assert hana["problem"] == "not a notebook"
    assert hana["overrides"].startswith("add_k_probs: on paper (山田, 20")


def test_best_is_another_row(book):
    book.add(marking("ann", "wrong", "wrong", content="9"), "f")
    assert named(spreadsheet(book, "last", None))[0]["points"] == "0"
    assert named(spreadsheet(book, "best", None))[0]["points"] == "4"


@pytest.mark.parametrize("zero", [False, True])
def test_with_a_roster_everybody_listed_has_a_row(book, zero):
    roster = Table(("ID", "Name"), (("3", "Ken"), ("ann", "Ann"), ("花", "安藤")))
    table = spreadsheet(book, "last", Listed(roster, {"ann": 1, "花": 2}), zero)
    ken, ann, hana = named(table)
    nothing = "0" if zero else ""
    assert (ken["Name"], ken["student"]) == ("Ken", "")
    assert (ken["points"], ken["add_k_probs"], ken["max_points"]) == (nothing, nothing, "6")
    assert (ann["Name"], ann["student"], ann["points"]) == ("Ann", "ann", "4")
    assert hana["ID"] == "花"


def test_a_rehearsal_is_not_exported(tmp_path):
    with GradeBook(tmp_path / "r.db", create=True) as book:
        book.begin(SMALL, "secret", "rehearsal")
        with pytest.raises(CourseError, match="is a rehearsal"):
            spreadsheet(book, "last", None)
