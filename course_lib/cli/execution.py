"""Executing one lecture in a fresh kernel: its outputs, its results, what it cost."""

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

from course_lib.cli.environment import kernel_environment
from course_lib.cli.memory import PeakMemory
from course_lib.errors import CourseError
from course_lib.evaluation.results import Result
from course_lib.i18n import _
from course_lib.storage import read_text, writing


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How lectures are executed."""

    profile: str
    expected: Path  # the expected.toml to compare with
    n_threads: int
    seed: int = 0
    calibrating: bool = False
    cell_seconds: int = 3600  # a cell that takes longer hangs


@dataclass(frozen=True, kw_only=True)
class Run:
    """What came of one execution. `results` is empty if the lecture did not reach its check."""

    lecture: str
    notebook: nbformat.NotebookNode  # with outputs, as far as it ran
    seconds: float
    mib: float
    error: str | None  # one line, or None if every cell ran
    results: tuple[Result, ...] = ()
    machine: Mapping[str, Any] = field(default_factory=dict)  # as the kernel saw it: device, torch

    @property
    def met(self) -> bool:
        """Whether every cell ran, and every expected result came and lies in its band."""
        return self.error is None and all(result.met for result in self.results)

    def values(self) -> dict[str, float]:
        """The results that came, by name."""
        return {r.name: r.value for r in self.results if r.value is not None}


def execute(path: Path, setting: Setting, on_cell: Callable[[int, int], None] | None = None) -> Run:
    """Execute the notebook at `path`; its file stays as it is.

    Args:
        on_cell: called with a cell's number, from 0, and the number of cells, when the cell starts.

    Raises CourseError if the file is no notebook. What goes wrong inside it is in `Run.error`.
    """
    notebook = read_notebook(path)
    with tempfile.TemporaryDirectory() as folder, PeakMemory() as memory:
        answer = Path(folder) / "results.json"
        client = _client(notebook, path.parent, setting, memory, on_cell)
        start = time.perf_counter()
        error = _run_cells(client, _environment(setting, answer), memory)
        seconds = time.perf_counter() - start
        record = json.loads(read_text(answer)) if answer.exists() else {}
    tidy(notebook)
    if error is None and not record:
        error = _("the lecture never called lesson.check")
    return Run(
        lecture=path.stem,
        notebook=notebook,
        seconds=seconds,
        mib=memory.mib,
        error=error,
        results=tuple(Result(**result) for result in record.pop("results", ())),
        machine=record,
    )


def _client(
    notebook: nbformat.NotebookNode,
    folder: Path,
    setting: Setting,
    memory: PeakMemory,
    on_cell: Callable[[int, int], None] | None,
) -> NotebookClient:
    """What will run the cells in `folder` and tell `memory` which process does."""

    def started(**_hook: Any) -> None:
        kernel: Any = client.km
        memory.watch(kernel.provisioner.pid)

    def at_cell(cell_index: int, **_hook: Any) -> None:
        if on_cell is not None:
            on_cell(cell_index, len(notebook.cells))

    client = NotebookClient(
        notebook,
        timeout=setting.cell_seconds,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # or it warns that its sockets are not encrypted
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
        on_notebook_start=started,
        on_cell_start=at_cell,
    )
    return client


def _environment(setting: Setting, answer: Path) -> dict[str, str]:
    """The kernel's environment; the quick profile has to do without a network."""
    return kernel_environment(setting.n_threads, network=setting.profile != "quick") | {
        "COURSE_PROFILE": setting.profile,
        "COURSE_SEED": str(setting.seed),
        "COURSE_EXPECTED": str(setting.expected),
        "COURSE_RESULTS": str(answer),
        "COURSE_CALIBRATING": str(int(setting.calibrating)),
        "COURSE_STATIC": "1",
    }


def _run_cells(
    client: NotebookClient, environment: dict[str, str], memory: PeakMemory
) -> str | None:
    """Run every cell; None, or one line about the first that failed.

    In a thread, because in the main one nbclient takes Ctrl-C for a kernel that died by itself.
    """
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.execute, env=environment)
        try:
            running.result()
        except CellExecutionError as error:
            return _first_line(f"{error.ename}: {error.evalue}")
        except CellTimeoutError:
            return _("a cell ran for more than {n} seconds").format(n=client.timeout)
        except RuntimeError as error:  # the kernel did not start, or died
            return _first_line(str(error))
        except KeyboardInterrupt:
            if memory.pid is not None and psutil.pid_exists(memory.pid):
                psutil.Process(memory.pid).kill()
            raise
    return None


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """The notebook in that file. Raises CourseError if it cannot be read as one."""
    try:
        notebook: nbformat.NotebookNode = nbformat.reads(read_text(path), as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError) as error:
        message = _("{path} is not a notebook: {why}")
        raise CourseError(message.format(path=path, why=_first_line(str(error)))) from None
    return notebook


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write the notebook, whole or not at all."""
    with writing(path) as file:
        file.write(nbformat.writes(notebook).rstrip("\n") + "\n")


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Take out what differs from run to run or machine to machine and tells a reader nothing."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when each cell started and ended
