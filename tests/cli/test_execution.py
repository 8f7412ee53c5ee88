"""Made-up lectures, executed in real kernels; no lecture of the course is needed."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest
from nbformat import v4

from course_lib.cli.environment import MALLOC
from course_lib.cli.execution import Setting, execute, read_notebook, tidy, write_notebook
from course_lib.cli.memory import MIB, PeakMemory, tree_bytes
from course_lib.cli.notebooks import calibrate, run
from course_lib.errors import CourseError
from course_lib.evaluation.expected import read_expected, write_expected
from tests.interrupts import heed_interrupts

LESSON = 'from course_lib.lesson import Lesson\nlesson = Lesson("{name}")'
# What a Lesson leaves behind while calibrating, without the seconds that importing PyTorch takes.
REPORT_SEED = """
import json, os
from pathlib import Path
results = [{"name": "x", "value": int(os.environ["COURSE_SEED"])}]
record = {"results": results, "device": "cpu", "torch": "2.13.0", "threads": 1}
assert os.environ["COURSE_CALIBRATING"] == "1"
Path(os.environ["COURSE_RESULTS"]).write_text(json.dumps(record))
"""
PLOT = "from course_lib.display import plots\nplots.bars({'岸': 2}, 'x')"
CHECK = "lesson.check(draw=lesson.numpy_rng.normal(), same=3)"


def lecture(folder: Path, name: str, *cells: str) -> Path:
    """A notebook of these code cells, with a text cell first."""
    notebook = v4.new_notebook(
        cells=[v4.new_markdown_cell("# A lecture"), *(v4.new_code_cell(cell) for cell in cells)]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    folder.mkdir(exist_ok=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


def setting(folder: Path, **changes) -> Setting:
    values = {"profile": "quick", "expected": folder / "expected.toml", "n_threads": 1}
    return Setting(**{**values, **changes})


def printed(notebook: nbformat.NotebookNode, cell: int) -> str:
    return "".join(o.get("text", "") for o in notebook.cells[cell].outputs)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one good lecture, calibrated over three seeds."""
    folder = tmp_path_factory.mktemp("course")
    lecture(folder, "01_good", LESSON.format(name="01_good"), PLOT, CHECK)
    assert calibrate(["01"], seeds=3, notebooks=folder, threads=1) == 0
    return folder


def test_calibration_measures_every_seed(course: Path):
    section = read_expected(course / "expected.toml")["01_good"]["quick"]
    draws = [float(np.random.default_rng(seed).normal()) for seed in range(3)]
    assert section.results["draw"].mean == pytest.approx(sum(draws) / 3, rel=1e-6)
    assert section.results["draw"].sd > 0
    assert section.results["same"].sd == 0
    assert (section.n_seeds, section.device, section.threads) == (3, "cpu", 1)
    assert 0 < section.seconds < section.declared_seconds
    assert 100 < section.mib < section.declared_mib  # PyTorch alone is larger than this


def test_a_run_meets_what_was_calibrated_and_is_the_same_every_time(course: Path, tmp_path, capsys):
    source = course / "01_good.ipynb"
    ids = [cell.id for cell in read_notebook(source).cells]
    assert run(["01_good"], notebooks=course, out=tmp_path, threads=1) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("01_good", "draw", "same", "✓"))
    assert "✗" not in out
    first = (tmp_path / "01_good.ipynb").read_bytes()
    assert first != source.read_bytes()
    assert run(["01_good"], write=True, notebooks=course, out=tmp_path, threads=1) == 0
    assert source.read_bytes() == first == (tmp_path / "01_good.ipynb").read_bytes()
    executed = read_notebook(source).cells
    assert [cell.id for cell in executed] == ids
    (shown,) = executed[2].outputs  # the figure, once
    assert "image/png" in shown.data


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["print(1)", "raise ValueError('first line\\nsecond')"], "ValueError: first line"),
        (["import os", "os._exit(3)"], "Kernel died"),
        (["print('no check')"], "never called lesson.check"),
        ([LESSON.format(name="02_bad"), "lesson.check(x=1)"], "not calibrated"),
        (
            [
                "import socket",
                "socket.create_connection(('192.0.2.1', 80), timeout=2)",
            ],
            "network",
        ),
    ],
)
def test_what_goes_wrong_is_one_line_and_an_exit_status(
    tmp_path: Path, cells: list[str], says: str, capsys
):
    path = lecture(tmp_path / "notebooks", "02_bad", *cells)
    before = path.read_bytes()
    status = run(["02"], write=True, notebooks=path.parent, out=tmp_path / "out", threads=1)
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert status == 1
    assert line.startswith("02_bad: ")
    assert says in line
    assert "✗" in captured.out
    assert path.read_bytes() == before  # a failed run is not written back
    assert read_notebook(tmp_path / "out" / "02_bad.ipynb").cells  # but can be looked at


def test_a_cell_that_hangs_is_stopped(tmp_path: Path):
    path = lecture(tmp_path, "02_slow", "import time", "time.sleep(600)")
    done = execute(path, setting(tmp_path, cell_seconds=1))
    assert done.error == "a cell ran for more than 1 seconds"


def test_a_result_outside_its_band_is_shown_and_fails(course: Path, tmp_path: Path, capsys):
    path = lecture(
        tmp_path, "01_good", LESSON.format(name="01_good"), "lesson.check(draw=0, same=4)"
    )
    write_expected(read_expected(course / "expected.toml"), tmp_path / "expected.toml")
    assert run([], notebooks=path.parent, out=tmp_path / "out", threads=1) == 1
    captured = capsys.readouterr()
    assert "not as expected: same" in captured.err
    rows = [line for line in captured.out.splitlines() if " same " in line or " draw " in line]
    assert ["✗" in row for row in rows if "UnexpectedResultError" not in row] == [False, True]


def test_a_kernel_gets_its_environment_and_this_python(tmp_path: Path):
    code = "import json, os, sys\nprint(json.dumps([sys.executable, dict(os.environ)]))"
    path = lecture(tmp_path, "02_env", code)
    done = execute(path, setting(tmp_path, profile="quick", seed=7, n_threads=3))
    executable, environment = json.loads(printed(done.notebook, 1))
    assert Path(executable).samefile(sys.executable)
    assert environment["COURSE_SEED"] == "7"
    assert environment["COURSE_PROFILE"] == "quick"
    assert environment["COURSE_STATIC"] == "1"
    assert environment["OMP_NUM_THREADS"] == "3"
    assert {name: environment[name] for name in MALLOC} == MALLOC


def test_progress_names_every_cell(tmp_path: Path):
    seen = []
    path = lecture(tmp_path, "02_two", "1", "2")
    execute(path, setting(tmp_path), lambda *numbers: seen.append(numbers))
    assert seen == [(0, 3), (1, 3), (2, 3)]


def test_calibration_touches_only_what_was_asked(course: Path, tmp_path: Path):
    known = read_expected(course / "expected.toml")
    known["09_other"] = {"real": known["01_good"]["quick"]}
    write_expected(known, tmp_path / "expected.toml")
    lecture(tmp_path, "02_new", REPORT_SEED)
    lecture(tmp_path, "03_bad", "1 / 0")
    assert calibrate(["02", "03"], seeds=2, notebooks=tmp_path, threads=1, seconds=50) == 1
    after = read_expected(tmp_path / "expected.toml")
    new = after.pop("02_new")["quick"]
    assert after == known
    assert new.results["x"].mean == 0.5
    assert new.declared_seconds == 50
    calibrate(["02"], seeds=2, notebooks=tmp_path, threads=1)
    assert read_expected(tmp_path / "expected.toml")["02_new"]["quick"].declared_seconds == 50


def test_a_file_that_is_no_notebook_is_one_line(tmp_path: Path):
    for text in ("", "{", "[]", '{"a": 1}'):
        (tmp_path / "02_bad.ipynb").write_text(text)
        with pytest.raises(CourseError, match="not a notebook") as error:
            execute(tmp_path / "02_bad.ipynb", setting(tmp_path))
        assert "\n" not in str(error.value)


def test_tidying_takes_out_times_and_machines_only():
    notebook = v4.new_notebook(cells=[v4.new_code_cell("1", id="a")])
    notebook.cells[0].metadata = {"tags": ["keep"], "execution": {"iopub.status.busy": "now"}}
    notebook.metadata = {"widgets": {}, "language_info": {"name": "python", "version": "3.11.7"}}
    tidy(notebook)
    assert notebook.cells[0].metadata == {"tags": ["keep"]}
    assert notebook.metadata == {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}


def test_a_notebook_is_written_as_nbformat_would(tmp_path: Path):
    path = lecture(tmp_path, "02_x", "print('岸')")
    notebook = read_notebook(path)
    write_notebook(notebook, tmp_path / "again.ipynb")
    assert (tmp_path / "again.ipynb").read_bytes() == path.read_bytes()


# Holds so many MiB, starts the next of the programs it is given, and waits.
HOLDER = """
import subprocess, sys, time
mib, program, *rest = sys.argv[1:]
held = bytearray(int(mib) * 2**20)
if rest:
    subprocess.Popen([sys.executable, "-c", program, rest[0], program, *rest[1:]])
time.sleep(60)
"""


def test_memory_counts_the_whole_family_and_remembers_the_peak():
    process = subprocess.Popen([sys.executable, "-c", HOLDER, "40", HOLDER, "50", "60"])
    try:
        with PeakMemory(interval=0.02) as memory:
            memory.watch(process.pid)
            wait_until(lambda: memory.mib > 150)
            assert memory.mib < 200  # three bare Pythons hold some 30
            for member in psutil.Process(process.pid).children(recursive=True):
                member.kill()
            wait_until(lambda: tree_bytes(process.pid) < 80 * MIB)
            time.sleep(0.2)  # let it look again
        assert memory.mib > 150
    finally:
        process.kill()
        process.wait()
    assert tree_bytes(process.pid) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the high-water mark is read from /proc")
def test_a_peak_between_two_looks_is_not_missed():
    code = "x = bytearray(300 * 2**20); del x; print('done', flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    process.stdout.readline()  # the peak is over before the first look
    assert 300 * MIB < tree_bytes(process.pid) < 400 * MIB
    process.communicate(b"\n")


def wait_until(true, seconds: float = 20) -> None:
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, "it never came to pass"
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to send")
def test_an_interrupt_ends_the_run_and_its_kernel(tmp_path: Path):
    pid_file = tmp_path / "pid"
    code = f"import os, pathlib\npathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))"
    lecture(tmp_path, "02_slow", code, "import time\ntime.sleep(60)")
    lecture(tmp_path, "03_next", "print('not reached')")
    command = [sys.executable, "-m", "course_lib", "run", "--threads", "1"]
    command += ["--notebooks", str(tmp_path), "--out", str(tmp_path / "out")]
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, preexec_fn=heed_interrupts, **piped)
    wait_until(lambda: pid_file.exists() and pid_file.read_text())
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "03_next" not in err
    wait_until(lambda: not alive(int(pid_file.read_text())))
    assert not (tmp_path / "out").exists()


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
