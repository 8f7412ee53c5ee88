"""Marks of a submission: what each status means, and what never leaves the marker."""

import json
import random
from dataclasses import replace

import pytest

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking import session as session_module
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.mark import Marking
from course_lib.classroom.marking.marker import mark_submission
from course_lib.classroom.marking.paper import Paper, papers
from course_lib.classroom.marking.submissions import Handed

from .notebooks import handed, saved
from .scripted_box import scripted

SECRET = b"a secret of the tests"
ONE = Assignment("one", ("text_perplexity",))
TWO = Assignment("two", ("chain_rule_log_prob", "text_perplexity"))

RIGHT = """def text_perplexity(log_probs):
    import math
    return math.exp(-sum(log_probs) / len(log_probs))"""
CHAIN = "def chain_rule_log_prob(*args): raise NotImplementedError"


def short(assignment: Assignment, seconds: float = 3.0) -> tuple[Paper, ...]:
    """The papers with limits that a test can wait for."""
    limits = Limits(seconds=seconds, memory_mb=600)
    found = papers(assignment, SECRET, 60.0)
    return tuple(replace(p, exercise=replace(p.exercise, limits=limits)) for p in found)


def marked(*cells: str, assignment: Assignment = ONE) -> Marking:
    return mark_submission(handed(*cells), short(assignment))


@pytest.mark.usefixtures("sandbox")
def test_a_right_answer_has_all_points():
    (mark,) = marked(RIGHT).marks
    assert (mark.status, mark.points, mark.max_points) == ("right", 2, 2)
    assert mark.n_passed == mark.n_cases == 3 * 3
    assert (mark.hint, mark.practice, mark.error, mark.wrong_answer) == ("", "", "", "")
    assert 0 < mark.seconds < 3


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        ("def text_perplexity(x): return 1.0", "wrong", ""),
        ("def text_perplexity(x): pass", "wrong", ""),
        ("def text_perplexity(x): return object()", "wrong", ""),
        ("def text_perplexity(x): return 1 / 0", "raises", "ZeroDivisionError"),
        ("def text_perplexity(x): raise type(repr(x), (Exception,), {})", "raises", "Exception"),
        ("def text_perplexity(x): exit()", "raises", "SystemExit"),
        ("def text_perplexity(x): raise NotImplementedError", "stub", ""),
        ("def text_perplexity(): return 1.0", "wrong", ""),
        ("text_perplexity = 3", "missing", ""),
        ("text_perplexity", "missing", ""),
        ("x = 1", "missing", ""),
        ("def text_perplexity(x):\n    while True: pass", "time", ""),
        ("def text_perplexity(x):\n    import os; os._exit(0)", "died", ""),
        ("def text_perplexity(x):\n    b = []\n    while True: b.append(bytearray(10**8))",
         "memory", ""),
        ("def text_perplexity(x):\n    import os; os.write(4, b'x' * 100)", "protocol", ""),
    ],
)  # fmt: skip
def test_each_status(answer: str, status: str, error: str):
    (mark,) = marked(answer).marks
    assert (mark.status, mark.error) == (status, error)
    assert (mark.points, mark.n_passed) == (0, 0)


@pytest.mark.usefixtures("sandbox")
def test_an_answer_that_is_lost_costs_only_itself():
    hangs = "def chain_rule_log_prob(*args):\n    while True: pass"
    for cells in ([hangs, RIGHT], [RIGHT, hangs]):
        marks = marked(*cells, assignment=TWO).marks
        assert [mark.status for mark in marks] == ["time", "right"]


@pytest.mark.usefixtures("sandbox")
def test_an_answer_that_was_lost_at_the_practice_cases_is_not_asked_again():
    practice = repr(short(ONE)[0].practice[0].case.args[0])
    dies = RIGHT.replace(
        "    return", f"    if x == {practice}: import os; os._exit(0)\n    return"
    )
    (mark,) = marked(dies.replace("log_probs", "x")).marks
    assert (mark.status, mark.points, mark.n_passed) == ("died", 0, 0)


@pytest.mark.usefixtures("sandbox")
def test_hard_coded_practice_answers_pass_the_practice_cases_only():
    (paper,) = short(ONE)
    answers = {repr(q.case.args[0]): q.expected for q in paper.practice}
    answer = f"def text_perplexity(x): return {answers!r}.get(repr(x), 10.0)"
    (mark,) = marked(answer).marks
    assert (mark.status, mark.practice) == ("wrong", "")
    assert mark.hint == paper.hidden[0].case.hint


@pytest.mark.usefixtures("sandbox")
def test_a_law_names_no_value_of_a_hidden_case():
    (paper,) = short(ONE)
    answers = {repr(q.case.args[0]): q.expected for q in paper.practice}
    answer = f"def text_perplexity(x): return {answers!r}.get(repr(x), 0.0625)"
    (mark,) = marked(answer).marks
    assert "perplexity … is below 1" in mark.hint
    assert "0.06" not in json.dumps(vars(mark))


@pytest.mark.usefixtures("sandbox")
def test_a_typical_wrong_answer_is_named_and_gets_its_hint():
    (mark,) = marked(RIGHT.replace("math.exp(-sum", "2 ** (-sum")).marks
    assert mark.status == "wrong"
    assert mark.wrong_answer
    assert "✗ text_perplexity, case" in mark.practice


@pytest.mark.usefixtures("sandbox")
def test_no_hidden_case_comes_out_in_words():
    """The function writes all that it is asked into every place that it can reach."""
    smuggler = """
import builtins
seen = []
def spill(*args):
    seen.append(repr(args))
    text = "|".join(seen)
    builtins.exit.name = text
    raise type(text[:50], (ZeroDivisionError,), {"__str__": lambda self: text})(text)
text_perplexity = lambda log_probs: spill(log_probs)
chain_rule_log_prob = lambda *args: spill(*args)
"""
    marking = marked(smuggler, assignment=TWO)
    assert all(mark.practice for mark in marking.marks)
    told = json.dumps([vars(mark) for mark in marking.marks])
    for paper in short(TWO):
        for question in paper.hidden:
            for number in numbers_in(question.case.args):
                assert repr(number) not in told
    assert any(
        repr(n) in told for p in short(TWO) for n in numbers_in(p.practice[-1].case.args)
    ) or ("ZeroDivisionError" in told)


def numbers_in(value) -> list[float]:
    """The numbers with many digits, which nobody writes by chance."""
    if isinstance(value, float):
        return [value] if len(repr(value)) > 5 else []
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    return (
        [n for item in value for n in numbers_in(item)] if isinstance(value, list | tuple) else []
    )


def test_all_practice_cases_come_before_the_first_hidden_one():
    asked = []

    def script(request: list) -> list:
        kind, number, *rest = request
        if kind == "call":
            asked.append(repr(rest))
            return [number, "value", None]
        return [number, "done"]

    two = short(TWO)
    mark_submission(handed(RIGHT, CHAIN), two, scripted(script))
    practice = [repr([p.exercise.name, p.practice[0].case.args]) for p in two]
    hidden = [repr([p.exercise.name, p.hidden[0].case.args]) for p in two]
    assert asked == practice + hidden  # a wrong answer: the first case of each


def test_marks_come_in_the_order_of_the_assignment_whatever_happens(monkeypatch):
    monkeypatch.setattr(session_module, "N_RETRIES", 0)
    for script in (lambda r: [r[1], "done"], lambda r: None if r[-1] else [r[1], "done"]):
        monkeypatch.setattr(session_module, "CELL_SECONDS", 0.2)
        marking = mark_submission(handed(CHAIN, RIGHT), short(TWO, 0.3), scripted(script))
        assert tuple(mark.exercise for mark in marking.marks) == TWO.exercises
        assert marking.points == 0
        assert marking.max_points == sum(p.exercise.points for p in short(TWO))


def test_a_notebook_that_mentions_no_exercise_is_not_run():
    opened = []
    marking = mark_submission(handed("x = 1"), short(TWO), lambda *_: opened.append(1))
    assert {mark.status for mark in marking.marks} == {"missing"}
    assert not opened


def test_a_problem_is_told_and_marks_nothing():
    marking = mark_submission(Handed("ann", "ann", (), "no notebook was handed in"), short(TWO))
    assert marking.problem == "no notebook was handed in"
    assert {mark.status for mark in marking.marks} == {"missing"}
    other = mark_submission(Handed("bob", "bob.ipynb", (b"{}",)), short(TWO))
    assert other.problem == "not a Jupyter notebook (format 4)"


@pytest.mark.usefixtures("sandbox")
def test_exercises_may_lie_in_several_notebooks_one_of_them_broken():
    files = (b"{}", saved([CHAIN]), saved([RIGHT]), saved(["def text_perplexity(x): return 0"]))
    marking = mark_submission(Handed("ann", "ann", files), short(TWO))
    assert [mark.status for mark in marking.marks] == ["stub", "right"]
    assert marking.problem == "not a Jupyter notebook (format 4)"


@pytest.mark.usefixtures("sandbox")
def test_the_result_does_not_depend_on_what_was_marked_before():
    answers = [RIGHT, "def text_perplexity(x): x.clear(); return 1.0", RIGHT]
    random.Random(0).shuffle(answers)
    for _round in range(2):
        found = [marked(answer).marks[0].status == "right" for answer in answers]
        assert found == [answer == RIGHT for answer in answers]
