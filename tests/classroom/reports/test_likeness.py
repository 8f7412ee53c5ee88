"""The index against comparing each with each, and where the line is drawn."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.classroom.reports.likeness import (
    CEILING,
    COMMON_LEAST,
    FEWEST,
    FLOOR,
    MOST_PAIRS,
    N_STEPS,
    compare_all,
    far_out,
)

DOCUMENTS = st.lists(st.frozensets(st.integers(0, 30), max_size=25), max_size=18)


def slowly(documents, given) -> dict[tuple[int, int], float]:
    """All likenesses, pair by pair, from the definition."""
    n = len(documents)
    having = {x: sum(x in d for d in documents) for d in documents for x in d}
    counted = {
        x: math.log2(n / max(m - 1, 1))
        for x, m in having.items()
        if m <= max(COMMON_LEAST, n / 4) and x not in given
    }
    own = [{x for x in d if x in counted} for d in documents]
    found = {}
    for i, j in itertools.combinations(range(n), 2):
        if min(len(own[i]), len(own[j])) >= FEWEST:
            total = min(sum(counted[x] for x in own[k]) for k in (i, j))
            found[i, j] = sum(counted[x] for x in own[i] & own[j]) / total
    return found


@given(DOCUMENTS, st.frozensets(st.integers(0, 30), max_size=3))
@settings(max_examples=200, deadline=None)
def test_the_index_finds_what_comparing_each_with_each_finds(documents, given):
    due = slowly(documents, given)
    found = compare_all(documents, given, limit=0.01)
    near = {pair: value for pair, value in due.items() if abs(value - 0.01) > 1e-9 and value > 0.01}
    assert {(p.first, p.second): pytest.approx(p.likeness) for p in found.pairs} == near
    assert found.histogram.sum() == len(due)
    steps = np.histogram([min(v + 1e-12, 1) for v in due.values()], N_STEPS, (0, 1))[0]
    assert abs(steps.cumsum() - found.histogram.cumsum()).max(initial=0) <= 1 + len(due) // 20


def test_a_copy_stands_out_of_a_class_and_the_others_do_not():
    rng = random.Random(0)
    honest = [frozenset(rng.sample(range(3000), 60)) for _student in range(60)]
    copied = frozenset([*list(honest[7])[:50], *range(9000, 9010)])
    found = compare_all([*honest, copied])
    assert [(pair.first, pair.second) for pair in found.pairs] == [(7, 60)]
    assert found.pairs[0].likeness == pytest.approx(50 / 60, abs=0.03)
    assert found.limit == FLOOR


def test_padding_with_other_code_does_not_hide_a_copy():
    short = frozenset(range(40))
    long = frozenset(range(1000))
    assert compare_all([short, long]).pairs[0].likeness == pytest.approx(1)


def test_what_many_have_counts_little_and_what_most_have_nothing():
    shared_by_all, shared_by_six = frozenset(range(20)), frozenset(range(100, 120))
    own = [frozenset(range(1000 * i, 1000 * i + 20)) for i in range(1, 41)]
    class_ = [d | shared_by_all | (shared_by_six if i < 6 else set()) for i, d in enumerate(own)]
    found = compare_all(class_, limit=0.01)
    assert found.common == shared_by_all
    assert len(found.pairs) == 15  # of the six
    weights = 20 * math.log2(40 / 5), 20 * math.log2(40)
    assert found.pairs[0].likeness == pytest.approx(weights[0] / sum(weights))


def test_what_was_given_to_all_does_not_count():
    own = [frozenset(range(1000 * i, 1000 * i + 20)) for i in (1, 2)]
    handed = frozenset(range(500, 600))
    both = [d | handed for d in own]
    assert compare_all(both).pairs
    assert not compare_all(both, given=handed).pairs


def test_a_document_with_too_little_is_not_compared():
    little, much = frozenset(range(FEWEST - 1)), frozenset(range(FEWEST))
    assert compare_all([little, little, much, much]).compared == [2, 3]


@pytest.mark.parametrize("documents", [[], [frozenset(range(20))], [frozenset()] * 3])
def test_nothing_to_compare_is_no_pair(documents):
    found = compare_all(documents)
    assert not found.pairs
    assert not found.histogram.any()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=300))
def test_the_line_is_tukeys_outer_fence(values):
    histogram = np.histogram(values, N_STEPS, (0, 1))[0]
    low, high = np.quantile(values, [0.25, 0.75], method="inverted_cdf")
    due = np.clip(high + 3 * (high - low), FLOOR, CEILING)
    assert far_out(histogram) == pytest.approx(due, abs=8 / N_STEPS)


def test_the_most_alike_are_listed_if_there_are_too_many():
    same = frozenset(range(30))
    twins = [frozenset(range(1000, 1030))] * 2
    others = [same | {10_000 + i} for i in range(60)]  # 1,770 pairs
    found = compare_all([*others, *twins], limit=0.1)
    assert len(found.pairs) <= MOST_PAIRS
    assert (found.pairs[0].first, found.pairs[0].second) == (60, 61)


def test_memory_grows_as_the_fingerprints_and_not_as_the_pairs():
    import tracemalloc

    peaks = []
    for n in (200, 400):
        documents = [frozenset(range(i * 7, i * 7 + 40)) for i in range(n)]
        tracemalloc.start()
        compare_all(documents)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.5 * peaks[0]  # four times as many pairs
