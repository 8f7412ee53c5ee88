"""Every record of every lecture is proven: new records are picked up by themselves."""

import pkgutil
from collections import Counter

import numpy as np
import pytest
import torch

from course_lib.classroom import exercises
from course_lib.classroom.checker import attempt, examine
from course_lib.classroom.exercise import Exercise
from course_lib.classroom.registry import LECTURES, all_exercises

RECORDS = list(all_exercises())
SEEDS = range(8)

every_record = pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)


def test_names_are_unique_in_the_course():
    assert [name for name, n in Counter(r.name for r in RECORDS).items() if n > 1] == []


def test_the_course_has_many_typical_wrong_answers():
    assert sum(len(record.wrong_answers) for record in RECORDS) >= 600


def test_every_module_belongs_to_a_lecture_and_says_so():
    by_name = {lecture.partition("_")[2]: lecture for lecture in LECTURES}
    modules = {module.name for module in pkgutil.iter_modules(exercises.__path__)}
    assert modules == {r.lecture.partition("_")[2] for r in RECORDS}
    assert modules <= by_name.keys()


def test_more_stars_earn_more_points_and_a_lecture_has_three_to_six():
    for lecture in {r.lecture for r in RECORDS}:
        records = [r for r in RECORDS if r.lecture == lecture]
        assert 3 <= len(records) <= 6
        for a in records:
            assert all(a.points > b.points for b in records if a.stars > b.stars)
            assert all(a.points == b.points for b in records if a.stars == b.stars)


@every_record
@pytest.mark.parametrize("seed", SEEDS)
def test_right_answers_pass(record: Exercise, seed: int):
    for answer in (record.reference, *record.right_variants):
        verdict = examine(record, answer, seed)
        assert verdict.failure is None, (answer.__name__, verdict.failure)


@every_record
@pytest.mark.parametrize("seed", SEEDS)
def test_wrong_answers_get_the_hint_meant_for_them(record: Exercise, seed: int):
    for number, wrong in enumerate(record.wrong_answers):
        failure = examine(record, wrong.answer, seed).failure
        assert failure is not None, f"wrong answer {number} passes"
        assert failure.hint == wrong.hint, f"wrong answer {number}: {failure}"
        assert failure.message  # its placeholders can be filled


@every_record
def test_every_idea_of_the_cases_is_needed_by_some_wrong_answer(record: Exercise):
    expected = {wrong.hint for wrong in record.wrong_answers}
    hints = {case.hint for case in record.cases(seeded(0))} | {law.hint for law in record.laws}
    assert expected == hints


@every_record
def test_cases_follow_from_the_seed_alone(record: Exercise):
    cases = [show(record.cases(seeded(seed))) for seed in (1, 1, 2, "a secret")]
    assert cases[0] == cases[1]
    assert len({*cases}) == 3


@every_record
def test_only_plain_data_is_asked_and_answered(record: Exercise):
    for case in record.cases(seeded(3)):
        before = show(case.args)
        result = record.reference(*case.args)
        assert show(case.args) == before, "the reference changed its arguments"
        assert is_plain([*case.args, result])


@every_record
def test_a_function_that_does_nothing_fails(record: Exercise):
    failure = attempt(record, record.cases(seeded(0))[0], lambda *_args: None)
    assert failure is not None
    assert failure.wrong_kind


def seeded(seed):
    import random

    return random.Random(seed)


def show(value) -> str:
    torch.set_printoptions(precision=10)
    try:
        return repr(value)
    finally:
        torch.set_printoptions(profile="default")  # other tests compare what is printed


def is_plain(value) -> bool:
    """Data that can be sent as numbers and strings; no functions, no objects."""
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return type(value) in (dict, Counter) and all(is_plain([*kv]) for kv in value.items())
    if isinstance(value, np.ndarray):
        return value.dtype != object
    return (
        value is None or isinstance(value, torch.Tensor) or type(value) in (bool, int, float, str)
    )
