import dataclasses
import io
from pathlib import Path

import pytest
from nbformat import v4
from rich.console import Console

from course_lib.cli import notebooks
from course_lib.cli.calibration import calibrated
from course_lib.cli.execution import Run
from course_lib.cli.notebooks import cores, find_lectures, run
from course_lib.cli.report import passed, run_table
from course_lib.errors import CourseError
from course_lib.evaluation.expected import Expectation, Section
from course_lib.evaluation.results import Result

SECTION = Section(
    n_seeds=5,
    device="cpu",
    torch="2.13.0",
    threads=2,
    declared_seconds=60,
    declared_mib=1024,
    seconds=10,
    mib=500,
    results={"bits": Expectation(mean=3.0, sd=0.1)},
)
RUN = Run(
    lecture="01_ngrams",
    notebook=v4.new_notebook(),
    seconds=10.0,
    mib=500.0,
    error=None,
    results=(Result("bits", 3.0, 2.0, 4.0),),
    machine={"device": "cpu", "torch": "2.13.0", "threads": 2},
)
change = dataclasses.replace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("02_hmm.ipynb", "01_ngrams.ipynb", "notes.ipynb", "expected.toml"):
        (tmp_path / name).touch()
    (tmp_path / "exercises" / "01_ngrams").mkdir(parents=True)
    (tmp_path / "exercises" / "01_ngrams" / "01_ngrams.ipynb").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], ["01_ngrams", "02_hmm"]),
        (["02"], ["02_hmm"]),
        (["01_ngrams"], ["01_ngrams"]),
        (["02", "01", "02_hmm"], ["01_ngrams", "02_hmm"]),
    ],
)
def test_lectures_are_found_by_number_or_name_in_order(folder: Path, names, found):
    assert [path.stem for path in find_lectures(names, folder)] == found


def test_a_lecture_that_is_not_there_is_refused_with_those_that_are(folder: Path):
    with pytest.raises(CourseError, match="no lecture 03; there are: 01_ngrams, 02_hmm"):
        find_lectures(["01", "03"], folder)
    with pytest.raises(CourseError, match="no lecture"):
        find_lectures([], folder / "exercises")


def test_outputs_of_the_real_profile_are_never_written_back(folder: Path):
    with pytest.raises(CourseError, match="--write is for the quick profile"):
        run([], profile=notebooks.Profile.real, write=True, notebooks=folder)


def test_threads_follow_the_user_then_the_cores(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert cores() == 5
    monkeypatch.setenv("OMP_NUM_THREADS", "0")
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 3, 4}, raising=False)
    assert cores() == 3


@pytest.mark.parametrize(
    ("changes", "strict", "success"),
    [
        ({}, True, True),
        ({"error": "ValueError: x"}, False, False),
        ({"results": (Result("bits", 4.5, 2.0, 4.0),)}, False, False),
        ({"mib": 1025.0}, False, False),
        ({"seconds": 61.0}, False, True),
        ({"seconds": 61.0}, True, False),
    ],
)
def test_what_counts_as_success(changes: dict, strict: bool, success: bool):
    assert passed(change(RUN, **changes), SECTION, strict) is success


def shown(run: Run, sections: dict) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(run_table([run], sections))
    return console.file.getvalue()


def test_the_table_shows_costs_results_and_what_failed():
    text = shown(RUN, {"01_ngrams": SECTION})
    assert all(part in text for part in ("10.0 / 60", "500 / 1,024", "bits", "2 … 4", "✓"))
    assert "✗" not in text
    assert "slow" in shown(change(RUN, seconds=61.0), {"01_ngrams": SECTION})
    assert "✗" in shown(change(RUN, mib=2000.0), {"01_ngrams": SECTION})
    failed = shown(change(RUN, error="ValueError: [oops]", results=()), {})
    assert "ValueError: [oops]" in failed
    assert "✗" in failed
    missing = change(RUN, results=(Result("bits", None, 2.0, 4.0),))
    assert "missing" in shown(missing, {})


def test_a_section_takes_the_worst_cost_and_the_spread_of_results():
    other = change(
        RUN, seconds=12.34, mib=400.0, results=(Result("bits", 4.0),), machine={"threads": 9}
    )
    section = calibrated([RUN, other], 60, 1024)
    assert (section.seconds, section.mib, section.n_seeds) == (12.3, 500, 2)
    assert section.results["bits"].mean == 3.5
    assert (section.device, section.torch, section.threads) == ("cpu", "2.13.0", 2)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"error": "ValueError: x"}, "seed 1 failed: ValueError: x"),
        ({"seconds": 61.0}, "took 61 s, 60 declared"),
        ({"mib": 2000.0}, "held 2000 MiB, 1024 declared"),
        ({"results": (Result("other", 1.0),)}, "same results"),
    ],
)
def test_runs_that_make_no_section_are_refused(changes: dict, says: str):
    with pytest.raises(CourseError, match=says):
        calibrated([RUN, change(RUN, **changes)], 60, 1024)
