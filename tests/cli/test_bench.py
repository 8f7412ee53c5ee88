"""`course bench`, with made-up benchmarks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.cli import bench
from course_lib.errors import CourseError

PROJECT = Path(__file__).parents[2]
MADE_UP = """
import os
from benchmarks.report import Result
def run():
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    assert cores == 1 and os.environ["OMP_NUM_THREADS"] == "1"
    return [Result("{name}", {ours}, 10.0, "words/s", target={target})]
"""


@pytest.fixture
def start(tmp_path: Path):
    """Start the command on a folder of two benchmarks; (status, output)."""
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    for name in ("__init__", "report"):
        text = (PROJECT / "benchmarks" / f"{name}.py").read_text("utf-8")
        (folder / f"{name}.py").write_text(text, "utf-8")
    (folder / "fast.py").write_text(MADE_UP.format(name="fast", ours=50.0, target=4))
    (folder / "slow.py").write_text(MADE_UP.format(name="slow", ours=5.0, target=2))
    code = (
        "import sys; from pathlib import Path; from course_lib.cli import bench;"
        "bench.PROJECT = Path(sys.argv[1]); bench.FOLDER = bench.PROJECT / 'benchmarks';"
        "sys.exit(bench.bench(sys.argv[2:] or None))"
    )

    def start(*names: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path), *names],
            cwd=tmp_path,
            env=os.environ | {"COLUMNS": "100"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return start


def test_all_are_run_on_one_core_and_a_missed_promise_fails(start):
    status, output = start()
    assert status == 1
    assert "5.00" in output
    assert "0.50" in output
    assert output.count("✗") == 1


def test_those_that_are_named(start):
    status, output = start("fast")
    assert status == 0
    assert "slow" not in output


def test_an_unknown_name_says_which_there_are():
    with pytest.raises(CourseError, match="no benchmark 'nope'; there are: "):
        bench.bench(["nope"])
