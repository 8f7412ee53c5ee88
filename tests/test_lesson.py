import json
import random
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import torch

from course_lib.display.style import BLUE
from course_lib.errors import CourseError
from course_lib.evaluation.expected import Expectation, Section, write_expected
from course_lib.evaluation.results import Result, number_text, result_table
from course_lib.lesson import Lesson, UnexpectedResultError


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No COURSE_… variable but the path of an expected.toml for lecture 01_ngrams."""
    for name in ("PROFILE", "SEED", "DEVICE", "RESULTS", "CALIBRATING"):
        monkeypatch.delenv(f"COURSE_{name}", raising=False)
    path = tmp_path / "expected.toml"
    results = {"bits": Expectation(mean=3.0, sd=0.01), "pairs": Expectation(mean=12000, sd=0)}
    costs = {"declared_seconds": 60, "declared_mib": 1024, "seconds": 1, "mib": 1}
    section = Section(n_seeds=5, device="cpu", torch="2.13.0", threads=1, results=results, **costs)
    write_expected({"01_ngrams": {"quick": section}}, path)
    monkeypatch.setenv("COURSE_EXPECTED", str(path))
    return path


def draws(lesson: Lesson) -> list[float]:
    """One number from each source of randomness."""
    from_rng = torch.rand(1, generator=lesson.rng).item()
    from_numpy = [lesson.numpy_rng.random(), np.random.rand()]
    return [random.random(), torch.rand(1).item(), from_rng, *from_numpy]


def test_the_seed_fixes_every_source_of_randomness(monkeypatch: pytest.MonkeyPatch):
    first, second = draws(Lesson("01_ngrams")), draws(Lesson("01_ngrams"))
    monkeypatch.setenv("COURSE_SEED", "1")
    other = draws(Lesson("01_ngrams"))
    assert first == second
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_it_says_what_runs_in_one_line(capsys: pytest.CaptureFixture):
    Lesson("01_ngrams")
    version = torch.__version__.partition("+")[0]
    expected = f"01_ngrams · quick profile · cpu · seed 0 · torch {version}\n"
    assert capsys.readouterr().out == expected


def test_figures_get_the_courses_look():
    with mpl.rc_context():
        mpl.rcdefaults()
        Lesson("01_ngrams")
        assert mpl.rcParams["axes.prop_cycle"].by_key()["color"][0] == BLUE
        assert mpl.rcParams["font.family"] == ["DejaVu Sans", "IPAexGothic"]


def test_the_profile_picks(monkeypatch: pytest.MonkeyPatch):
    assert Lesson("01_ngrams").pick(quick="a", real="b") == "a"
    monkeypatch.setenv("COURSE_PROFILE", "real")
    assert Lesson("01_ngrams").pick(quick="a", real="b") == "b"


@pytest.mark.parametrize(
    ("has_gpu", "profile", "wanted", "device"),
    [
        (True, "quick", "", "cpu"),
        (True, "quick", "auto", "cuda"),
        (True, "quick", "cuda", "cuda"),
        (True, "real", "", "cuda"),
        (True, "real", "cpu", "cpu"),
        (False, "real", "", "cpu"),
        (False, "quick", "auto", "cpu"),
    ],
)
def test_where_it_runs(monkeypatch, has_gpu: bool, profile: str, wanted: str, device: str):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_gpu)
    monkeypatch.setenv("COURSE_PROFILE", profile)
    monkeypatch.setenv("COURSE_DEVICE", wanted)
    assert Lesson("01_ngrams").device == torch.device(device)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PROFILE", "fast"),
        ("SEED", "-1"),
        ("SEED", "4294967296"),
        ("SEED", "one"),
        ("DEVICE", "gpu"),
        ("DEVICE", "cuda"),
        ("DEVICE", "mps"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch, variable: str, value: str):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.mps, "is_available", lambda: False)
    monkeypatch.setenv(f"COURSE_{variable}", value)
    with pytest.raises(CourseError, match=f"COURSE_{variable}={value}") as error:
        Lesson("01_ngrams")
    assert "\n" not in str(error.value)


def test_a_name_that_is_no_lecture_is_refused():
    with pytest.raises(ValueError, match="not a lecture's name"):
        Lesson("ngrams")


def test_results_in_their_bands_pass_whatever_kind_of_number(capsys: pytest.CaptureFixture):
    Lesson("01_ngrams").check(bits=torch.tensor(3.02), pairs=np.int64(12001))
    out = capsys.readouterr().out
    assert out.count("✓") == 2
    assert "12,001" in out


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"bits": 3.2, "pairs": 12000}, "bits"),
        ({"bits": 3.0, "pairs": 12013}, "pairs"),
        ({"bits": 3.0, "pairs": 11987}, "pairs"),
        ({"bits": float("nan"), "pairs": 12000}, "bits"),
        ({"bits": 3.0}, "pairs"),
        ({"bits": 3.0, "pairs": 12000, "new": 1.0}, "new"),
    ],
)
def test_a_result_outside_missing_or_unknown_fails_by_name(values: dict, named: str, capsys):
    lesson = Lesson("01_ngrams")
    with pytest.raises(UnexpectedResultError, match=f"not as expected: {named} "):
        lesson.check(**values)
    marked = [line for line in capsys.readouterr().out.splitlines() if line.endswith("✗")]
    assert [line.split()[0] for line in marked] == [named]


def test_an_uncalibrated_lecture_or_profile_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(CourseError, match="run course calibrate 02_x --profile quick"):
        Lesson("02_x").check(bits=1.0)
    monkeypatch.setenv("COURSE_PROFILE", "real")
    with pytest.raises(CourseError, match="run course calibrate 01_ngrams --profile real"):
        Lesson("01_ngrams").check(bits=3.0, pairs=12000)


def test_results_are_written_where_asked_even_if_they_fail(monkeypatch, tmp_path: Path):
    path = tmp_path / "results.json"
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    with pytest.raises(UnexpectedResultError):
        Lesson("01_ngrams").check(bits=9.0)
    record = json.loads(path.read_text())
    found = {result["name"]: result["value"] for result in record["results"]}
    assert found == {"bits": 9.0, "pairs": None}
    assert (record["name"], record["profile"], record["device"]) == ("01_ngrams", "quick", "cpu")


def test_calibration_records_and_compares_nothing(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("COURSE_RESULTS", str(tmp_path / "results.json"))
    monkeypatch.setenv("COURSE_CALIBRATING", "1")
    monkeypatch.setenv("COURSE_SEED", "3")
    Lesson("02_x").check(new=torch.tensor([7.5]))
    record = json.loads((tmp_path / "results.json").read_text())
    assert record["seed"] == 3
    assert record["results"] == [{"name": "new", "value": 7.5, "low": None, "high": None}]


def test_the_table_lines_up():
    rows = [
        Result("a", 1.0, 0.5, 1.5),
        Result("longer", 12345.0, 0.0, 1.0),
        Result("c", None, 1, 2),
    ]
    assert result_table(rows).splitlines() == [
        "result    value  expected",
        "a             1  0.5 … 1.5  ✓",
        "longer   12,345  0 … 1      ✗",
        "c       missing  1 … 2      ✗",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.23456, "1.235"), (-999.96, "-1000"), (1234.5, "1,234"), (1e16, "1e+16")],
)
def test_numbers_are_short(value: float, text: str):
    assert number_text(value) == text
