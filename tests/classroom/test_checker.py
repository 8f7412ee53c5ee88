import random
import subprocess
import sys

import numpy as np
import pytest

from course_lib.classroom import checker
from course_lib.classroom.checker import check, examine, hint, judge, report
from course_lib.classroom.exercise import Case, Exercise, Law, WrongAnswer
from course_lib.errors import CourseError

SCALE = "Divide by the sum of the row."
NEW_LIST = "The list belongs to the caller."
ROWS = "Row {row} sums to {total:.2f}."


def shares(table):
    return [[x / sum(row) for x in row] for row in table]


def unequal_row(result, _table):
    sums = [float(np.sum(row)) for row in result]
    return next(({"row": i, "total": s} for i, s in enumerate(sums) if abs(s - 1) > 1e-6), None)


def cases(rng: random.Random) -> list[Case]:
    table = [[rng.uniform(1, 2) for _ in range(3)] for _ in range(2)]
    return [Case(([[1.0, 3.0]],), SCALE), Case((table,), NEW_LIST)]


def record(**changes) -> Exercise:
    values = {
        "name": "shares",
        "lecture": "01_ngrams",
        "stars": 1,
        "title": "Shares",
        "points": 2,
        "minutes": 5,
        "cases": cases,
        "reference": shares,
        "hints": ("one", "two", "three"),
        "right_variants": (shares, shares),
        "wrong_answers": (WrongAnswer(shares, SCALE), WrongAnswer(shares, SCALE)),
        "laws": (Law(ROWS, unequal_row),),
    }
    return Exercise(**(values | changes))


@pytest.fixture
def only_shares(monkeypatch):
    """The course has one exercise, `shares`."""

    def find(name):
        if name != "shares":
            raise CourseError(f"no exercise is called {name}")
        return record()

    monkeypatch.setattr(checker, "find", find)


def named(function):
    function.__name__ = "shares"
    return function


@pytest.mark.usefixtures("only_shares")
def test_a_right_answer_is_praised(capsys):
    assert check(shares) is True
    assert capsys.readouterr().out == "✓ shares: 2 / 2. Well done!\n"


@pytest.mark.usefixtures("only_shares")
def test_a_stub_is_answered_kindly(capsys):
    def stub(table):
        raise NotImplementedError

    assert check(named(stub)) is False
    out = capsys.readouterr().out
    assert "case 1 of 2: Not written yet: replace the raise line with your code." in out
    assert "NotImplementedError" not in out


def test_a_broken_law_names_the_place():
    failure = examine(record(), lambda table: [[1.0 for _ in row] for row in table]).failure
    assert failure.hint == ROWS
    assert failure.message == "Row 0 sums to 2.00."


def test_a_kept_law_leaves_the_word_to_the_case():
    even = examine(record(), lambda table: [[1 / len(row) for _ in row] for row in table])
    assert (even.n_passed, even.n_cases, even.failure.hint) == (0, 2, SCALE)
    assert "came back where 0.25 is due" in even.failure.detail


def test_a_crash_is_reported_with_the_idea_it_missed(capsys):
    verdict = examine(record(), lambda table: [[x / sum(table[9]) for x in table[0]]])
    assert verdict.failure.hint == SCALE
    assert (
        verdict.failure.detail == "your function stopped with IndexError: list index out of range"
    )


def test_a_changed_first_line_is_told_as_such():
    for changed in (lambda: None, lambda table, more: [], lambda *, table: []):
        message = examine(record(), changed).failure.message
        assert (
            message
            == "shares is called with 1 argument(s): give it back the first line it came with."
        )
    assert examine(record(), lambda table, more=1: shares(table)).failure is None
    assert examine(record(), dict).failure.hint == SCALE  # has no signature to look at


def test_leaving_python_does_not_end_the_notebook():
    def leave(table):
        sys.exit(0)

    assert "SystemExit" in examine(record(), leave).failure.detail


def test_ctrl_c_still_stops_everything():
    def interrupted(table):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        examine(record(), interrupted)


def test_none_at_once_is_no_idea_but_a_missing_return():
    out = report(record(), examine(record(), lambda table: None))
    assert "case 1 of 2: nothing came back (None): is a return missing?" in out
    assert SCALE not in out


def test_none_later_names_the_idea():
    verdict = examine(record(), lambda table: shares(table) if len(table) == 1 else None)
    assert f"case 2 of 2: {NEW_LIST}" in report(record(), verdict)


def test_a_wrong_shape_does_not_reach_the_laws():
    failure = judge(record(), Case(([[1.0, 3.0]],), SCALE), [0.25, 0.75])
    assert failure.hint == SCALE
    assert failure.detail == "2 items came back where 1 are due" or "shape" in failure.detail


def test_the_arguments_are_copies():
    """A function that empties its argument cannot spoil the expected result or the next call."""
    exercise = record()
    kept = exercise.cases(random.Random(0))

    def emptying(table):
        result = shares(table)
        table.clear()
        return result

    assert examine(record(cases=lambda rng: kept), emptying).failure is None
    assert kept == cases(random.Random(0))


def test_a_law_must_not_be_asked_to_explain_a_right_result():
    strict = record(laws=(Law("never right", lambda result, table: {}),))
    assert examine(strict, shares).failure is None


def test_the_seed_decides_the_cases():
    def only_seed_0(table):
        known = [case.args[0] for case in cases(random.Random(0))]
        return shares(table) if table in known else None

    assert examine(record(), only_seed_0, seed=0).failure is None
    assert examine(record(), only_seed_0, seed=1).n_passed == 1
    assert examine(record(), only_seed_0, seed="secret").n_passed == 1


@pytest.mark.usefixtures("only_shares")
def test_hints_come_one_at_a_time(capsys):
    hint(shares)
    hint("shares", 3)
    assert capsys.readouterr().out.splitlines() == [
        "Hint 1 of 3: one",
        "Still stuck? hint(shares, 2)",
        "Hint 3 of 3: three",
    ]
    for level in (0, 4):
        with pytest.raises(CourseError, match="shares has hints 1 to 3"):
            hint("shares", level)


@pytest.mark.usefixtures("only_shares")
@pytest.mark.parametrize("student", [lambda: 1, 5, max])
def test_something_that_is_no_exercise_is_one_clear_line(student):
    with pytest.raises(CourseError, match="no exercise is called"):
        check(student)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "two words"}, "cannot be a function's name"),
        ({"stars": 4}, "must be 1, 2 or 3"),
        ({"points": 0}, "must be positive"),
        ({"minutes": 0}, "must be positive"),
        ({"hints": ("one",)}, "1 hints, not 3"),
        ({"right_variants": (shares,)}, "at least 2 right variants"),
        ({"wrong_answers": ()}, "too few wrong answers for 1 stars"),
        ({"stars": 2}, "too few wrong answers for 2 stars"),
    ],
)
def test_a_thin_record_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        record(**change)


def test_lecture_01_is_checked_without_loading_torch():
    code = (
        "import sys\nfrom course_lib.classroom.checker import check\n"
        "def bits_by_order(*args): return []\n"
        "check(bits_by_order)\nprint('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    assert done.stderr == ""
