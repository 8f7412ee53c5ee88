"""The report's numbers against scipy and against hand counts; exact where there are few."""

import csv
import io
import math
from pathlib import Path

import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.mark import STATUSES
from course_lib.classroom.marking.paper import papers
from course_lib.classroom.reports.class_report import (
    exercise_table,
    report_page,
    summary,
    trouble,
    write_report,
)
from course_lib.classroom.reports.figures import MOST_BARS, points_figure
from course_lib.classroom.reports.statistics import discrimination, idea_of, of_exercise
from course_lib.errors import CourseError

from .made_up import ASSIGNMENT, book_of, mark, marking
from .markup import stands_alone, text_of

ATTEND, LOOK_MASK, N_WEIGHTS = ASSIGNMENT.records()
POINTS = st.integers(0, 6).map(float)


def page_of(*markings, n_files=None, kind="marks") -> str:
    html = report_page(ASSIGNMENT, markings, n_files or {}, kind)
    stands_alone(html)
    return html


@given(st.lists(st.tuples(st.booleans(), POINTS), max_size=20))
def test_discrimination_is_the_point_biserial_correlation(pairs):
    right, rest = [r for r, _p in pairs], [p for _r, p in pairs]
    found = discrimination(right, rest)
    if len(pairs) < 3 or len(set(right)) < 2 or len(set(rest)) < 2:
        assert found is None
    else:
        assert found is not None
        assert found == pytest.approx(scipy.stats.pointbiserialr(right, rest).statistic)


def test_an_exercise_is_not_compared_with_itself():
    # The other exercises say nothing: with its own points, the correlation would be 1.
    class_ = [marking(f"s{i}", "right" if i % 2 else "wrong", "wrong", "stub") for i in range(8)]
    assert of_exercise(ATTEND, class_).discrimination is None
    known = [("right", "right"), ("right", "right"), ("wrong", "wrong"), ("wrong", "right")]
    class_ = [marking(f"s{i}", a, b, "stub") for i, (a, b) in enumerate(known)]
    assert of_exercise(ATTEND, class_).discrimination == pytest.approx(1 / math.sqrt(3))


def test_counts_of_an_exercise():
    hints = ["A", "B", "B", "C", "C"]
    class_ = [
        marking(f"s{i}", marks=(mark(ATTEND, "wrong", hint=h, wrong_answer=h.lower()[:i]),))
        for i, h in enumerate(hints)
    ]
    class_ += [marking("r", marks=(mark(ATTEND, "right", seconds=0.75),))]
    class_ += [marking("t", marks=(mark(ATTEND, "time", seconds=10.0),))]
    class_ += [marking("u", marks=(mark(ATTEND, "stub", seconds=99.0),))]
    class_ += [marking("other", marks=(mark(LOOK_MASK, "right"),))]
    found = of_exercise(ATTEND, class_)
    assert (found.n, found.n_right) == (8, 1)
    assert found.statuses == {"right": 1, "wrong": 5, "stub": 1, "time": 1}
    assert list(found.statuses) == [s for s in STATUSES if s in found.statuses]
    assert found.hints == (("B", 2), ("C", 2), ("A", 1))
    assert found.wrong_answers == (("b", 2), ("c", 2))
    assert found.median_seconds == 0.25  # of seven: the stub was not called
    assert found.most_seconds == 10.0


def test_nobody_at_all():
    found = of_exercise(ATTEND, [])
    assert (found.n, found.median_seconds, found.most_seconds) == (0, None, None)
    assert "Nothing could be marked." in text_of(page_of())


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([7.5], "One submission, 7.5 of 10 points."),
        (
            [2.0, 5.0],
            "2 submissions: mean 3.5, median 3.5 of 10 points; from 2 to 5, "
            "standard deviation 2.1.",
        ),
        (
            [0.0, 10.0, 10.0],
            "3 submissions: mean 6.7, median 10 of 10 points; from 0 to 10, "
            "standard deviation 5.8.",
        ),
    ],
)
def test_the_summary_of_a_few_is_exact(points, words):
    assert summary(points, 10) == words


def test_the_page_tells_what_went_wrong_how_often():
    wrong = ATTEND.wrong_answers[0]
    class_ = [marking(f"s{i}", "wrong" if i < 3 else "right", "right", "time") for i in range(5)]
    text = text_of(page_of(*class_, n_files={"s0": 1, "s1": 3, "s2": 1, "s3": 1, "s4": 1}))
    assert "Submissions: 5, of which 5 could be marked." in text
    assert "Attention by hand attend 2 of 5 40% 0.25 s 0.25 s" in text
    assert f"{wrong.hint} 3" in text
    assert "right: 2 · another result: 3" in text
    assert "too slow: 5" in text
    assert "different files handed in students 1 4 3 1" in text


def test_who_needs_a_look_is_listed_and_kept_out_of_the_numbers():
    unread = marking("lost", *["missing"] * 3, problem="not a Jupyter notebook (format 4)")
    class_ = [
        unread,
        marking("empty", "stub", "missing", "stub"),
        marking("elsewhere", *["missing"] * 3),
        marking("odd", "protocol", "right", "right"),
        marking("fine", "right", "right", "stub"),
    ]
    assert [bool(trouble(each)) for each in class_] == [True, True, True, True, False]
    text = text_of(page_of(*class_))
    assert "Submissions: 5, of which 4 could be marked." in text
    assert "lost not a Jupyter notebook (format 4)" in text
    assert "empty nothing was written" in text
    assert "elsewhere none of the exercises is in it" in text
    assert "odd unreadable answers: look at the code of attend" in text
    assert "1 of 4 25%" in text


def test_a_submission_of_which_a_part_can_be_read_counts():
    part = marking("half", "right", "missing", "missing", problem="b.ipynb: not a notebook")
    text = text_of(page_of(part))
    assert "Submissions: 1, of which 1 could be marked." in text
    assert "half b.ipynb: not a notebook" in text


def test_a_rehearsal_says_that_it_is_one():
    assert "no marks" in text_of(page_of(marking("ann"), kind="rehearsal"))
    assert "no marks" not in text_of(page_of(marking("ann")))


def test_what_a_typical_wrong_answer_lacks_is_told_by_the_name_the_marker_gives():
    (paper,) = (p for p in papers(ASSIGNMENT, b"s" * 32, 10.0) if p.exercise.name == "look_mask")
    names = {
        name
        for n, q in enumerate(paper.hidden)
        for w in LOOK_MASK.wrong_answers
        if (name := paper.wrong_answer(n, w.answer(*q.case.args)))
    }
    assert len(names) >= 3
    hints = {wrong.hint for wrong in LOOK_MASK.wrong_answers}
    assert all(idea_of(LOOK_MASK, name) in hints for name in names)
    named = next(w for w in LOOK_MASK.wrong_answers if w.answer.__name__.isidentifier())
    assert idea_of(LOOK_MASK, named.answer.__name__) == named.hint
    for number, wrong in enumerate(LOOK_MASK.wrong_answers, start=1):
        assert idea_of(LOOK_MASK, f"wrong answer {number}") == wrong.hint
    assert idea_of(LOOK_MASK, "nothing") == ""


@given(st.lists(st.integers(0, 20).map(lambda x: x / 2), min_size=1, max_size=40))
@settings(max_examples=30, deadline=None)
def test_every_student_stands_in_the_figure_once(points):
    bars = points_figure(points, 10).axes[0].patches
    assert sum(bar.get_height() for bar in bars) == len(points)
    assert len(bars) == 11


def test_each_bar_stands_over_its_points_and_many_points_share_one():
    bars = points_figure([0, 3, 3, 10], 10).axes[0].patches
    heights = {bar.get_x() + bar.get_width() / 2: bar.get_height() for bar in bars}
    assert {round(x): h for x, h in heights.items() if h} == {0: 1, 3: 2, 10: 1}
    bars = points_figure([0, 199, 200], 200).axes[0].patches
    assert len(bars) <= MOST_BARS
    assert sum(bar.get_height() for bar in bars) == 3


def test_the_table_is_csv_that_a_program_reads(tmp_path: Path):
    class_ = [marking("a", "right", "wrong", "stub"), marking("b", "right", "right", "time")]
    with book_of(tmp_path / "b.db", *class_) as book:
        write_report(book, tmp_path / "r.html", tmp_path / "r.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "r.csv").read_text("utf-8-sig"))))
    assert [row[:5] for row in rows[1:]] == [
        ["attend", ATTEND.title, "2", "2", "0"],
        ["look_mask", LOOK_MASK.title, "2", "1", "1"],
        ["n_weights", N_WEIGHTS.title, "2", "0", "0"],
    ]
    assert len({len(row) for row in rows}) == 1
    look_mask = dict(zip(rows[0], rows[2], strict=True))
    assert look_mask["discrimination"] == ""
    assert look_mask["commonest_hint"] == LOOK_MASK.wrong_answers[0].hint
    assert list(exercise_table(ASSIGNMENT, class_).rows[0]) == rows[1]


def test_points_set_by_hand_and_different_files_are_counted(tmp_path: Path):
    first, second = marking("a", "wrong", "wrong", "wrong"), marking("a", sha256="1" * 64)
    with book_of(tmp_path / "b.db", first, second, marking("b", "stub", "stub", "stub")) as book:
        book.override("b", "attend", 3, "by hand")
        write_report(book, tmp_path / "r.html")
    text = text_of((tmp_path / "r.html").read_text("utf-8"))
    assert "2 submissions: mean 6.5, median 6.5 of 10 points; from 3 to 10" in text
    assert "different files handed in students 1 1 2 1" in text


def test_a_file_that_was_marked_twice_is_one_file(tmp_path: Path):
    with book_of(tmp_path / "b.db", marking("a")) as book:
        book.add(marking("a", "right", "right", "wrong"), "mended records")
        write_report(book, tmp_path / "r.html")
    text = text_of((tmp_path / "r.html").read_text("utf-8"))
    assert "different files handed in students 1 1 took" in text


def test_hostile_strings_are_text():
    evil = '<script>x</script><b onclick="y">'
    class_ = [
        marking(evil, marks=(mark(ATTEND, "wrong", hint=evil, wrong_answer=evil),), problem=evil)
    ]
    html = page_of(*class_)
    assert evil in text_of(html)
    assert evil not in html


def test_the_same_book_makes_the_same_page(tmp_path: Path):
    with book_of(tmp_path / "b.db", marking("a"), marking("b", "stub", "time", "wrong")) as book:
        for name in ("1.html", "2.html"):
            write_report(book, tmp_path / name)
    assert (tmp_path / "1.html").read_bytes() == (tmp_path / "2.html").read_bytes()


def test_an_empty_book_is_one_clear_line(tmp_path: Path):
    with (
        GradeBook(tmp_path / "b.db", create=True) as book,
        pytest.raises(CourseError, match="is empty"),
    ):
        write_report(book, tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()
