"""`course test`, on a small made-up project with one notebook of each kind."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_lib.cli import test as command
from course_lib.cli.environment import kernel_environment


def notebook(path: Path, *cells: str) -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(made, path)


def test_one_pytest_run_counts_tests_skips_and_cells(tmp_path: Path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no data here')\n"
    )
    notebook(tmp_path / "notebooks" / "good.ipynb", "x = 1", "assert x == 1")
    get = "import urllib.request\nurllib.request.urlopen('http://example.org')"
    notebook(tmp_path / "notebooks" / "online.ipynb", "pass", get)
    done = subprocess.run(
        [sys.executable, *command.pytest_arguments(quick=False, jobs=2)],
        cwd=tmp_path,
        env=kernel_environment(1, network=False),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no data here" in done.stdout
    assert "the network is switched off here" in done.stdout
    last = done.stdout.strip().splitlines()[-1]
    assert "1 failed, 4 passed, 1 skipped" in last


@pytest.mark.parametrize(
    ("fails", "status"), [(None, 0), ("ruff check", 1), ("mypy", 1), ("pytest", 1)]
)
def test_any_failure_fails_the_whole_and_nothing_is_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys, fails: str | None, status: int
):
    ran = []

    def fake(name: str, arguments: list[str], environment: dict[str, str]) -> int:
        ran.append(name)
        assert environment["OMP_NUM_THREADS"] == "1"
        return int(name == fails)

    monkeypatch.setattr(command, "_run", fake)
    assert command.run_tests(quick=True, jobs=1) == status
    assert ran == [*command.CHECKS, "pytest"]
    if fails in command.CHECKS:
        assert fails in capsys.readouterr().err


def test_quick_leaves_only_the_notebooks_out():
    quick, whole = (command.pytest_arguments(q, jobs=2) for q in (True, False))
    assert whole[: len(quick)] == quick
    assert "notebooks" in whole[len(quick) :]
