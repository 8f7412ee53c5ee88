import math
import random
from pathlib import Path

import pytest
from scipy import stats

from course_lib.errors import CourseError
from course_lib.evaluation.expected import (
    COVERAGE,
    ROUNDING,
    Expectation,
    Section,
    read_expected,
    summarise,
    t_quantile,
    write_expected,
)


def section(**changes) -> Section:
    values = {
        "n_seeds": 5,
        "device": "cpu",
        "torch": "2.13.0",
        "threads": 2,
        "declared_seconds": 60.0,
        "declared_mib": 1024.0,
        "seconds": 12.5,
        "mib": 700.0,
        "results": {"bits": Expectation(mean=3.25, sd=0.5), "pairs": Expectation(mean=0, sd=0)},
    }
    return Section(**{**values, **changes})


@pytest.mark.parametrize("coverage", [0.5, 0.95, COVERAGE])
@pytest.mark.parametrize("dof", [1, 2, 3, 4, 5, 8, 9, 19, 30, 31, 200])
def test_students_t_equals_scipy(dof: int, coverage: float):
    expected = stats.t.ppf((1 + coverage) / 2, dof)
    assert t_quantile(dof, coverage) == pytest.approx(expected, rel=1e-9)


def test_a_band_is_the_prediction_interval_with_room_for_rounding():
    low, high = Expectation(mean=10.0, sd=2.0).band(5)
    half = stats.t.ppf(1 - (1 - COVERAGE) / 2, 4) * 2.0 * math.sqrt(1 + 1 / 5) + 10.0 * ROUNDING
    assert (low, high) == pytest.approx((10 - half, 10 + half))


@pytest.mark.parametrize("mean", [0.0, 5.0, -5.0])
def test_a_result_that_no_seed_changes_has_a_narrow_band_around_it(mean: float):
    low, high = Expectation(mean=mean, sd=0.0).band(5)
    assert low < mean < high
    assert high - low == pytest.approx(2 * ROUNDING * abs(mean), abs=1e-8)


@pytest.mark.parametrize("n_seeds", [3, 5, 8])
def test_a_new_run_falls_outside_its_band_as_rarely_as_promised(n_seeds: int):
    """Simulated calibrations and new runs, at a coverage small enough to be counted."""
    rng, outside, n_trials = random.Random(n_seeds), 0, 4000
    stretch = t_quantile(n_seeds - 1, 0.9) / t_quantile(n_seeds - 1)
    for _trial in range(n_trials):
        found = summarise([{"x": rng.gauss(0, 1)} for _seed in range(n_seeds)])["x"]
        low, high = found.band(n_seeds)
        half = (high - low) / 2 * stretch  # the same interval for a coverage of 0.9
        outside += abs(rng.gauss(0, 1) - found.mean) > half
    assert outside / n_trials == pytest.approx(0.1, abs=0.02)  # four standard errors


def test_a_summary_is_the_mean_and_the_sample_deviation():
    found = summarise([{"a": 1.0, "b": 2.0}, {"b": 4.0, "a": 1.0}])
    assert found["a"] == Expectation(mean=1.0, sd=0.0)
    assert found["b"] == Expectation(mean=3.0, sd=math.sqrt(2))


@pytest.mark.parametrize(
    ("runs", "complaint"),
    [
        ([{"a": 1.0}], "at least 2 seeds"),
        ([{"a": 1.0}, {"b": 1.0}], "same results"),
        ([{"a": 1.0}, {"a": math.nan}], "a is not a finite number"),
        ([{"a": 1.0}, {"a": math.inf}], "a is not a finite number"),
    ],
)
def test_what_makes_no_band_is_refused(runs: list, complaint: str):
    with pytest.raises(CourseError, match=complaint):
        summarise(runs)


def test_the_file_is_read_back_as_written_and_written_back_byte_by_byte(tmp_path: Path):
    path = tmp_path / "expected.toml"
    third = section(results={"x": Expectation(mean=1 / 3, sd=1e-7)}, seconds=0.1 + 0.2)
    write_expected({"02_b": {"real": third, "quick": section()}, "01_a": {"quick": third}}, path)
    once, bytes_once = read_expected(path), path.read_bytes()
    assert once["02_b"]["quick"] == section()
    assert once["01_a"]["quick"].results["x"].mean == pytest.approx(1 / 3, rel=ROUNDING / 1000)
    assert list(once) == ["01_a", "02_b"]
    write_expected(once, path)
    assert path.read_bytes() == bytes_once


def test_no_file_means_nothing_is_expected(tmp_path: Path):
    assert read_expected(tmp_path / "expected.toml") == {}


@pytest.mark.parametrize("text", ["[a", "[a.quick]\nn_seeds = 5", "a = 3", "[a]\nquick = 3"])
def test_a_damaged_file_is_one_line(tmp_path: Path, text: str):
    path = tmp_path / "expected.toml"
    path.write_text(text)
    with pytest.raises(CourseError, match="damaged") as error:
        read_expected(path)
    assert "\n" not in str(error.value)
