"""A right answer is right in any dress: other kinds of numbers, other seeds, another device."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.classroom.checker import examine
from course_lib.classroom.exercise import Exercise
from course_lib.classroom.registry import all_exercises

RECORDS = list(all_exercises())
SLOW = {"reach_of_the_end"}  # a second and more for the cases of one seed
EXACT_FLOATS = {"path_probability"}  # its tolerance is below what float32 can say

every_record = pytest.mark.parametrize("record", RECORDS, ids=lambda r: r.name)


def changed(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """The same nested data with `leaf` applied to every number, array and tensor in it."""
    if isinstance(value, Counter):
        return Counter({key: leaf(item) for key, item in value.items()})
    if isinstance(value, dict):
        return {key: changed(item, leaf) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(changed(item, leaf) for item in value)
    return leaf(value)


def as_float32(value: Any) -> Any:
    if isinstance(value, torch.Tensor) and value.dtype == torch.float64:
        return value.float()
    if isinstance(value, np.ndarray) and value.dtype == np.float64:
        return value.astype(np.float32)
    return np.float32(value) if isinstance(value, float) else value


def as_numpy(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().numpy()
    if isinstance(value, bool | str) or value is None:
        return value
    return np.asarray(value)[()] if isinstance(value, int | float) else value


def as_tensors(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value)
    return torch.tensor(value, dtype=torch.float64) if isinstance(value, float) else value


def as_lists(value: Any) -> Any:
    return value.tolist() if isinstance(value, torch.Tensor | np.ndarray) else value


def dressed(record: Exercise, leaf: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *args: changed(record.reference(*args), leaf)


def seeds_of(record: Exercise, n: int) -> range:
    return range(1 if record.name in SLOW else n)


@every_record
@pytest.mark.parametrize("leaf", [as_float32, as_numpy, as_tensors, as_lists])
def test_the_kind_of_a_number_does_not_count(record: Exercise, leaf: Callable[[Any], Any]):
    if leaf is as_float32 and record.name in EXACT_FLOATS:
        pytest.skip("seven digits are too few for its products of probabilities")
    for seed in seeds_of(record, 5):
        verdict = examine(record, dressed(record, leaf), f"dressed {seed}")
        assert verdict.failure is None, verdict.failure


@every_record
def test_right_variants_pass_whatever_the_seed(record: Exercise):
    for seed in seeds_of(record, 25):
        for answer in record.right_variants:
            verdict = examine(record, answer, f"variants {seed}")
            assert verdict.failure is None, (answer.__name__, seed, verdict.failure)


@every_record
def test_the_number_of_threads_does_not_count(record: Exercise):
    threads = torch.get_num_threads()
    try:
        for n_threads in (1, 2):
            torch.set_num_threads(n_threads)
            for answer in (record.reference, *record.right_variants):
                assert examine(record, answer, "threads").failure is None
    finally:
        torch.set_num_threads(threads)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@every_record
def test_an_answer_may_come_from_a_gpu(record: Exercise):
    def on_gpu(*args: Any) -> Any:
        return changed(record.reference(*args), lambda v: v.cuda() if torch.is_tensor(v) else v)

    assert examine(record, on_gpu, "gpu").failure is None


@every_record
def test_nobody_can_know_all_cases_by_heart(record: Exercise):
    """The hidden cases are three of many sets; the practice cases are another one."""
    lists = [repr([c.args for c in record.cases(random.Random(f"set {n}"))]) for n in range(30)]
    assert len({*lists}) >= 20
    practice = {repr(case.args) for case in record.cases(random.Random(0))}
    for seed in ("a secret", "another"):
        assert any(repr(c.args) not in practice for c in record.cases(random.Random(seed)))
