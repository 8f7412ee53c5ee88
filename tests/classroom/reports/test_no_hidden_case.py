"""From a real marking to the page: whatever a student's code does, no hidden case comes out."""

import pytest

from course_lib.classroom.compare import short
from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.classroom.marking.mark import Marking
from course_lib.classroom.marking.marker import mark_submission
from course_lib.classroom.marking.paper import Paper, papers, seeds
from course_lib.classroom.reports.class_report import write_report
from course_lib.classroom.reports.feedback import write_feedback

from ..marking.notebooks import handed

SECRET = b"the secret of these tests"
ASSIGNMENT = Assignment("leaks", ("chain_rule_log_prob", "add_k_probs", "sample_next"))

# Right while the practice cases are asked, as far as that can be told; then each tells what it saw.
TALKATIVE = """
import math
seen = []
def chain_rule_log_prob(conditionals):
    seen.append(conditionals)
    if len(seen) > 4:
        raise ValueError(f"LEAK {seen!r}")
    return sum(map(math.log, conditionals))

def add_k_probs(context, counts, vocab, k):
    seen.append(repr((context, counts, vocab, k)))
    return {f"LEAK {seen!r}": 1.0}

class Leak(Exception):
    pass

def sample_next(probs, u):
    seen.append((probs, u))
    Leak.__name__ = f"LEAK {seen!r}"
    if len(seen) > 1:
        raise Leak(seen)
    return f"LEAK {seen!r}"
"""


@pytest.fixture(scope="module")
def asked() -> tuple[Paper, ...]:
    return papers(ASSIGNMENT, SECRET, 5.0)


@pytest.fixture(scope="module")
def marking(sandbox, asked) -> Marking:
    return mark_submission(handed(TALKATIVE), asked)


def hidden_values(asked: tuple[Paper, ...]) -> set[str]:
    """Arguments and results of hidden cases as they would be written, but for what is public."""
    public, hidden = set(), set()
    for paper in asked:
        for questions, found in ((paper.practice, public), (paper.hidden, hidden)):
            for question in questions:
                values = [*question.case.args, question.expected]
                found |= {repr(value) for value in values} | {short(value) for value in values}
    # A word alone is one of the lecture's; numbers are drawn anew for each case.
    return {text for text in hidden - public if len(text) > 5 and any(map(str.isdigit, text))}


def test_the_students_code_came_as_far_as_hidden_cases(marking):
    assert "ValueError" in {mark.error for mark in marking.marks}
    assert all(mark.status in ("wrong", "raises") for mark in marking.marks)
    assert [mark.practice == "" for mark in marking.marks] == [True, False, False]


def test_no_page_tells_a_hidden_case_or_a_seed(marking, asked, tmp_path):
    values = hidden_values(asked)
    assert len(values) > 20
    with GradeBook(tmp_path / "book.db", create=True) as book:
        book.begin(ASSIGNMENT, "fingerprint")
        book.add(marking, "records")
        write_feedback(book, tmp_path / "out")
        write_report(book, tmp_path / "report.html", tmp_path / "report.csv")
    pages = [*tmp_path.rglob("*.html"), tmp_path / "report.csv"]
    assert len(pages) == 4
    for path in pages:
        told = path.read_text("utf-8").replace("&#39;", "'").replace("&#34;", '"')
        assert not [value for value in values if value in told]
        for paper in asked:
            assert not [s for s in seeds(SECRET, paper.exercise.name) if s in told]
        assert SECRET.decode() not in told
