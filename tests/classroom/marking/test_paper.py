"""Hidden cases follow from the secret, and from nothing else."""

import random
from pathlib import Path

import pytest

from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.marking.grading import Order
from course_lib.classroom.marking.paper import (
    N_ROUNDS,
    fingerprint,
    papers,
    read_secret,
    results,
    secret_fingerprint,
    seeds,
)
from course_lib.classroom.marking.wire import encode
from course_lib.classroom.registry import all_exercises
from course_lib.errors import CourseError

TWO = Assignment("two", ("add_k_probs", "attend"))
SECRET = b"0123456789abcdef"


def hidden(secret: bytes, assignment: Assignment = TWO) -> list[list[bytes]]:
    """The hidden cases of each exercise, as bytes."""
    return [
        [encode([q.case.args, q.expected]) for q in paper.hidden]
        for paper in papers.__wrapped__(assignment, secret, 60.0)
    ]


def test_the_same_secret_makes_the_same_cases_and_another_one_others():
    assert hidden(SECRET) == hidden(SECRET)
    for mine, theirs in zip(hidden(SECRET), hidden(b"another secret!!"), strict=True):
        assert not {*mine} & {*theirs}


def test_an_exercise_has_the_same_cases_in_every_assignment():
    assert hidden(SECRET, Assignment("one", ("attend",))) == hidden(SECRET)[1:]


def test_every_round_has_all_ideas_and_other_values():
    for paper in papers(TWO, SECRET, 60.0):
        hints = [question.case.hint for question in paper.hidden]
        n_cases = len(paper.practice)
        assert hints == [question.case.hint for question in paper.practice] * N_ROUNDS
        seen = {encode(list(q.case.args)) for q in (*paper.practice, *paper.hidden)}
        assert len(seen) > N_ROUNDS * n_cases - n_cases  # a small case may come twice


def test_one_seed_says_nothing_of_another():
    found = [*seeds(SECRET, "attend"), *seeds(SECRET, "add_k_probs"), *seeds(b"x" * 16, "attend")]
    assert len({*found}) == len(found) == 3 * N_ROUNDS
    assert all(len(seed) == 64 for seed in found)


def test_the_fingerprint_changes_with_all_that_decides_the_marks():
    shorter = Assignment("two", ("add_k_probs",))
    found = [
        fingerprint(papers.__wrapped__(*arguments))
        for arguments in [
            (TWO, SECRET, 60.0),
            (TWO, b"another secret!!", 60.0),
            (TWO, SECRET, 2.0),
            (shorter, SECRET, 60.0),
        ]
    ]
    assert len({*found}) == 4
    assert fingerprint(papers.__wrapped__(TWO, SECRET, 60.0)) == found[0]


def test_a_typical_wrong_answer_is_recognised():
    (paper,) = papers(Assignment("one", ("attend",)), SECRET, 60.0)
    for wrong in paper.exercise.wrong_answers:
        named = 0
        for number, question in enumerate(paper.hidden):
            name = paper.wrong_answer(number, wrong.answer(*question.case.args))
            named += name == wrong.answer.__name__ or name.startswith("wrong answer")
        assert named
    assert paper.wrong_answer(0, "nothing like it") == ""


def test_every_typical_wrong_answer_has_a_name_to_report():
    names = set()
    for exercise in all_exercises():
        case = exercise.cases(random.Random(0))[-1]
        names |= {name for name, _result in results(exercise, case)}
    assert "all_contexts_together" not in names  # it is one by way of a lambda
    assert all(name.isidentifier() or name.startswith("wrong answer ") for name in names)
    assert len(names) > 100


def test_the_secret_is_read_as_it_stands_but_for_white_space(tmp_path: Path):
    path = tmp_path / "seed"
    path.write_bytes(b"0123456789abcdef\r\n")
    assert read_secret(path) == SECRET
    assert secret_fingerprint(SECRET) != secret_fingerprint(b"another secret!!")
    assert SECRET.decode() not in secret_fingerprint(SECRET)


def test_a_missing_or_short_secret_is_one_line(tmp_path: Path):
    with pytest.raises(CourseError, match="course exercises seed"):
        read_secret(tmp_path / "none")
    (tmp_path / "seed").write_text("123")
    with pytest.raises(CourseError, match="too short"):
        read_secret(tmp_path / "seed")


def test_nobody_prints_the_secret_by_accident():
    assert SECRET.decode() not in repr(Order(TWO, SECRET))
