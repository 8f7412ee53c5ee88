"""Feedback tells each student what is theirs, in words, and nothing else."""

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.classroom.exports.table import read_table
from course_lib.classroom.marking.grade_book_entries import Override
from course_lib.classroom.marking.mark import STATUSES, Mark, Marking
from course_lib.classroom.registry import all_exercises
from course_lib.classroom.reports import words
from course_lib.classroom.reports.feedback import page_name, student_page, write_feedback
from course_lib.classroom.reports.lectures import place_of
from course_lib.classroom.reports.pages import number, prose
from course_lib.errors import CourseError
from course_lib.storage import PROJECT

from .made_up import ASSIGNMENT, N_CASES, book_of, mark, marking
from .markup import read, stands_alone, text_of, texts_of

ATTEND, LOOK_MASK, N_WEIGHTS = ASSIGNMENT.records()
EVERY = list(all_exercises())


def page_with(*marks: Mark, **more: object) -> str:
    return student_page(marking("ann", marks=marks, **more), ASSIGNMENT)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("practice", ["✗ attend, case 2 of 4: …", ""])
def test_every_status_is_told_in_words(status, practice):
    html = page_with(mark(ATTEND, status, practice=practice if status != "right" else ""))
    stands_alone(html)
    text = text_of(html)
    assert ATTEND.title in text
    assert words.what_happened(mark(ATTEND, status), ATTEND).replace("`", "") in text
    assert ("Next" in text) == (status != "right")
    assert not re.search(r"\{\w*\}|`", text)
    assert f"{'4' if status == 'right' else '0'} of 4" in text


def test_no_two_statuses_are_told_alike():
    told = {words.what_happened(mark(ATTEND, status), ATTEND) for status in STATUSES}
    assert len(told) == len({words.status_name(status) for status in STATUSES}) == len(STATUSES)


def test_a_wrong_function_shows_the_idea_what_check_says_and_what_to_do():
    text = text_of(page_with(mark(ATTEND, "wrong")))
    wrong = ATTEND.wrong_answers[0]
    assert f"The idea that is missing {wrong.hint}" in text
    assert "What check says ✗ attend, case 1 of 4" in text
    assert f"Of {N_CASES} hidden cases, asked in order, 5 pass; the next one does not." in text
    assert "Run check(attend) in your notebook" in text
    assert "hint(attend)" in text
    assert "Read section “1 A word asks the others” of lecture 07 · The Transformer again." in text
    assert "All the practice cases pass" not in text


@pytest.mark.parametrize("status", ["wrong", "raises"])
def test_if_only_hidden_cases_fail_it_says_why_that_can_be(status):
    text = text_of(page_with(mark(ATTEND, status, practice="")))
    assert "All the practice cases pass" in text
    assert "a special case is missing" in text
    assert "check(attend, seed=1)" in text
    assert "What check says" not in text


def test_nothing_is_said_about_practice_where_it_is_not_known():
    for status in ("time", "memory", "died", "protocol", "stub", "missing"):
        assert "practice cases pass" not in text_of(page_with(mark(ATTEND, status)))


@pytest.mark.parametrize(
    ("status", "n_passed", "call"),
    [
        ("wrong", 0, "hint(attend, 2)"),
        ("raises", 0, "hint(attend, 2)"),
        ("wrong", 1, "hint(attend)"),
        ("stub", 0, "hint(attend)"),
        ("time", 0, "hint(attend)"),
    ],
)
def test_the_rung_of_the_ladder_fits(status, n_passed, call):
    assert f"If you are stuck: {call}." in text_of(
        page_with(mark(ATTEND, status, n_passed=n_passed))
    )


def test_the_first_case_is_named_as_such_where_it_was_asked_for_certain():
    for status in ("wrong", "raises"):
        text = text_of(page_with(mark(ATTEND, status, n_passed=0)))
        assert f"The first of {N_CASES} hidden cases does not pass." in text
    for status in ("time", "memory", "died", "protocol"):
        text = text_of(page_with(mark(ATTEND, status, n_passed=0)))
        assert f"None of {N_CASES} hidden cases passed." in text


def test_an_exception_need_not_mean_that_an_idea_is_missing():
    text = text_of(page_with(mark(ATTEND, "raises")))
    assert f"What the case is about {ATTEND.wrong_answers[0].hint}" in text


def test_a_loop_without_end_is_interrupted():
    assert "interrupt the kernel" in text_of(page_with(mark(ATTEND, "time")))


def test_the_limit_is_that_of_the_record():
    limits = dataclasses.replace(ATTEND.limits, memory_mb=77)
    record = dataclasses.replace(ATTEND, limits=limits)
    assert "77 MB" in words.what_happened(mark(record, "memory"), record)


def test_a_built_in_exception_is_named_and_another_is_not():
    assert "with IndexError instead" in text_of(
        page_with(mark(ATTEND, "raises", error="IndexError"))
    )
    assert "with an exception instead" in text_of(page_with(mark(ATTEND, "raises")))


def test_the_total_and_the_praise():
    text = text_of(student_page(marking("ann"), ASSIGNMENT))
    assert "10 of 10 points · 3 of 3 exercises right Everything is right. Well done!" in text
    text = text_of(student_page(marking("ann", "right", "wrong", "stub"), ASSIGNMENT))
    assert "4 of 10 points · 1 of 3 exercises right Below" in text


def test_an_unreadable_submission_says_so_and_no_more():
    unread = marking("ann", *["missing"] * 3, problem="not a Jupyter notebook (format 4)")
    text = text_of(student_page(unread, ASSIGNMENT))
    assert "Something is wrong with what was handed in: not a Jupyter notebook (format 4)." in text
    assert "attend" not in text
    half = marking("ann", "right", "missing", "missing", problem="b.ipynb: not a notebook")
    assert "attend" in text_of(student_page(half, ASSIGNMENT))


def test_the_instructors_points_come_with_the_reason():
    override = Override("ann", "attend", 2.5, "one sign, <else> right", "me", "2026-01-01")
    shown = dataclasses.replace(mark(ATTEND, "wrong"), points=2.5)
    html = student_page(marking("ann", marks=(shown,)), ASSIGNMENT, [override])
    assert "set the points 2.5 of 4: one sign, <else> right" in text_of(html)
    theirs = dataclasses.replace(override, student="bob")
    html = student_page(marking("ann", marks=(shown,)), ASSIGNMENT, [theirs])
    assert "one sign" not in html


def test_a_rehearsal_says_that_it_is_one(tmp_path: Path):
    assert "no marks" not in text_of(student_page(marking("ann"), ASSIGNMENT))
    assert "no marks" in text_of(student_page(marking("ann"), ASSIGNMENT, kind="rehearsal"))
    with book_of(tmp_path / "b.db", marking("ann"), kind="rehearsal") as book:
        write_feedback(book, tmp_path / "out")
    (page,) = (tmp_path / "out" / "pages").iterdir()
    assert "no marks" in page.read_text("utf-8")


@pytest.mark.parametrize("exercise", EVERY, ids=lambda e: e.name)
def test_every_exercise_has_its_section_in_a_lecture(exercise):
    place = place_of(exercise)
    assert place.lecture.startswith(exercise.lecture[:2])
    notebook = (PROJECT / "notebooks" / f"{exercise.lecture}.ipynb").read_text("utf-8")
    assert f"## {place.section}" in notebook.replace('\\"', '"')
    assert place.section[0].isdigit()


def test_without_lectures_the_lecture_is_named(monkeypatch, tmp_path: Path):
    from course_lib.classroom.reports import lectures

    monkeypatch.setattr(lectures, "PROJECT", tmp_path)
    monkeypatch.setattr(lectures, "headings_and_texts", lectures.headings_and_texts.__wrapped__)
    assert words.reread(ATTEND) == ["Read lecture 07_transformer again."]


HOSTILE = '<script src="//x">{}</script><img onerror=x>"\'&{{{{7*7}}}}{{%for%}}'


def hostile_marking(name: str) -> Marking:
    """Every string that a submission has a say in is markup, and each is another one."""

    def evil(field: str) -> str:
        return HOSTILE.format(f"{name}-{field}")

    marks = tuple(
        mark(record, "wrong", hint=evil("hint"), practice=evil("practice"), error=evil("error"))
        for record in ASSIGNMENT.records()
    )
    more = {"path": evil("path"), "sha256": evil("sha"), "problem": evil("problem")}
    return marking(evil("student"), marks=marks, **more)


def test_hostile_strings_are_text_and_nobody_sees_anothers(tmp_path: Path):
    markings = [hostile_marking(name) for name in ("ann", "bob", "cyd")]
    with book_of(tmp_path / "b.db", *markings) as book:
        assert write_feedback(book, tmp_path / "out") == 3
    index = (tmp_path / "out" / "index.html").read_text("utf-8")
    stands_alone(index)
    pages = [path.read_text("utf-8") for path in (tmp_path / "out" / "pages").iterdir()]
    for page in pages:
        stands_alone(page)
        (own,) = (name for name in ("ann", "bob", "cyd") if f"{name}-student" in page)
        told = "".join(texts_of(page)["body"])
        for field in ("student", "hint", "practice", "path", "problem", "sha"):
            assert HOSTILE.format(f"{own}-{field}") in told
        for other in {"ann", "bob", "cyd"} - {own}:
            assert f"{other}-" not in page


def test_what_is_the_instructors_alone_stays_there(tmp_path: Path):
    secret = mark(ATTEND, "wrong", wrong_answer="CANARY_ANSWER", seconds=123.456)
    mine = marking("ann", marks=(secret,), seconds=987.654, peak_mb=543.21)
    with book_of(tmp_path / "b.db", mine) as book:
        book.override("ann", "attend", 1, "a reason", who="CANARY_WHO")
        write_feedback(book, tmp_path / "out")
    (page,) = (tmp_path / "out" / "pages").iterdir()
    told = page.read_text("utf-8")
    assert "a reason" in told
    for hidden in ("CANARY", "123.4", "987.6", "543.2", "secret", "records"):
        assert hidden not in told
    for solution in ATTEND.hints[1:]:  # the ladder is climbed in the notebook
        assert solution not in told


def test_a_table_tells_a_program_whose_page_is_which(tmp_path: Path):
    students = ["=cmd|' /C calc'!A0", "山田", "ann"]
    with book_of(tmp_path / "b.db", *map(marking, students)) as book:
        write_feedback(book, tmp_path / "out")
    table = read_table(tmp_path / "out" / "index.csv")
    assert table.header == ("student", "page", "points")
    assert [row[0] for row in table.rows] == [f"'{students[0]}", "ann", "山田"]
    for student, path, points in table.rows:
        page = (tmp_path / "out" / path).read_text("utf-8")
        assert student.lstrip("'") in text_of(page)
        assert points == "10"


def test_points_are_out_of_the_assignments_even_without_marks(tmp_path: Path):
    with book_of(tmp_path / "b.db", marking("ann", marks=(), problem="no notebook")) as book:
        write_feedback(book, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.html"):
        assert re.search("0 of 10 points|0 / 10", text_of(path.read_text("utf-8")))


@given(st.lists(st.text(min_size=1), unique=True, min_size=2, max_size=6))
@settings(max_examples=200)
def test_page_names_are_safe_and_different(students):
    for key in (None, b"key"):
        names = [page_name(student, key) for student in students]
        assert len({name.casefold() for name in names}) == len(students)
        for name in names:
            assert re.fullmatch(r"[\w-]+\.html", name)
            assert len(name.encode()) <= 255
            assert not re.fullmatch(r"(?i)(con|nul|aux|prn|com\d|lpt\d)\.html", name)


@pytest.mark.parametrize(
    "student",
    ["a/b", "a_b", "..", "con", "山田 太郎", "é", "e\u0301", "x" * 200, "\ud800", " ", "A_b"],
)
def test_odd_names_make_good_pages(student, tmp_path: Path):
    with book_of(tmp_path / "b.db", marking(student), marking("a b")) as book:
        assert write_feedback(book, tmp_path / "out") == 2
    assert len(list((tmp_path / "out" / "pages").iterdir())) == 2
    index = read((tmp_path / "out" / "index.html").read_text("utf-8"))
    links = [value for _tag, name, value in index.attributes if name == "href"]
    assert len(links) == 2


def test_half_characters_can_be_written():
    student_page(
        marking("\ud800", marks=(mark(ATTEND, "wrong", practice="\udfff"),)), ASSIGNMENT
    ).encode()


def test_secret_names_tell_nothing_and_stay_the_same():
    assert page_name("ann", b"key") == page_name("ann", b"key")
    assert page_name("ann", b"key") != page_name("ann", b"other key")
    assert "ann" not in page_name("ann", b"key")
    assert re.fullmatch(r"[0-9a-f]{32}\.html", page_name("ann", b"key"))


def test_feedback_replaces_its_own_folder_as_a_whole_and_no_other(tmp_path: Path):
    out = tmp_path / "out"
    with book_of(tmp_path / "one.db", marking("ann"), marking("bob")) as book:
        write_feedback(book, out)
    with book_of(tmp_path / "two.db", marking("cyd")) as book:
        write_feedback(book, out)
        assert [path.name[:3] for path in (out / "pages").iterdir()] == ["cyd"]
        (out / "thesis.txt").write_text("mine")
        with pytest.raises(CourseError, match="give the name of a new folder"):
            write_feedback(book, out)
        assert (out / "thesis.txt").read_text() == "mine"
        with pytest.raises(CourseError, match="is a file"):
            write_feedback(book, tmp_path / "two.db")


def test_an_index_that_is_not_ours_is_not_replaced(tmp_path: Path):
    (tmp_path / "site" / "pages").mkdir(parents=True)
    (tmp_path / "site" / "index.html").write_text("<html>my homepage</html>")
    with (
        book_of(tmp_path / "b.db", marking("ann")) as book,
        pytest.raises(CourseError, match="new folder"),
    ):
        write_feedback(book, tmp_path / "site")


def test_the_best_file_counts_if_that_is_the_rule(tmp_path: Path):
    first, second = marking("ann"), marking("ann", "right", "stub", "stub", sha256="0" * 64)
    with book_of(tmp_path / "b.db", first, second) as book:
        for keep, points in (("last", "4 of 10 points"), ("best", "10 of 10 points")):
            write_feedback(book, tmp_path / "out", keep)
            (page,) = (tmp_path / "out" / "pages").iterdir()
            assert points in text_of(page.read_text("utf-8"))


@pytest.mark.parametrize(
    ("value", "text"), [(4.0, "4"), (2.5, "2.5"), (1 / 3, "0.333"), (0.0, "0"), (120.0, "120")]
)
def test_points_have_no_more_digits_than_they_need(value, text):
    assert number(value) == text


def test_backticks_make_code_of_escaped_text():
    assert prose("run `f(<x>)` & see") == "run <code>f(&lt;x&gt;)</code> &amp; see"
    assert prose("a ` b") == "a ` b"
