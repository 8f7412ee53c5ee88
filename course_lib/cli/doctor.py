"""`course doctor`: what this machine has, and what is wrong with it in plain words."""

import json
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course_lib.cli.environment import open_loopback
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.pins import missing, pins
from course_lib.storage import PROJECT

GIB = 2**30
LEAST_MEMORY = 2 * GIB  # the most a lecture may use
LEAST_DISK = GIB  # executed notebooks, real text, PyTorch's scratch files


@dataclass(frozen=True)
class Finding:
    """One line of the report; `problem` says what is wrong and what to do, or is empty."""

    name: str
    found: str
    problem: str = ""


def doctor() -> int:
    """Show what this machine has; 0 if the course can run on it, 2 if something must be mended."""
    open_loopback()
    findings = [check() for check in CHECKS]
    Console().print(report(findings))
    return 2 if any(finding.problem for finding in findings) else 0


def report(findings: list[Finding]) -> Table:
    """The findings, one per line, problems below what was found."""
    table = Table(_("what"), _("found"), "", show_lines=False)
    for finding in findings:
        lines = filter(None, [finding.found, finding.problem])
        table.add_row(finding.name, "\n".join(lines), "✗" if finding.problem else "✓")
    return table


def check_python() -> Finding:
    found = f"{platform.python_version()}, {platform.system()} {platform.machine()}"
    return Finding("Python", f"{found}, {sys.executable}")


def check_libraries() -> Finding:
    lacking = missing("student", sys.path)
    found = _("{n} pinned libraries").format(n=len(pins("student")))
    if not lacking:
        return Finding(_("libraries"), found)
    problem = _("not as pinned: {names}; run: python3 -m course_lib doctor")
    return Finding(_("libraries"), found, problem.format(names=", ".join(lacking)))


def check_torch() -> Finding:
    import torch

    found = _("{version}, {threads} threads on {cores} cores").format(
        version=torch.__version__, threads=torch.get_num_threads(), cores=os.cpu_count()
    )
    right = torch.equal(torch.ones(2, 3) @ torch.ones(3, 2), torch.full((2, 2), 3.0))
    problem = "" if right else _("PyTorch cannot multiply: delete .venv and start again")
    return Finding("PyTorch", found, problem)


def check_accelerator() -> Finding:
    import torch

    name = _("accelerator")
    if torch.cuda.is_available():
        device, found = "cuda", torch.cuda.get_device_name()
    elif torch.backends.mps.is_available():
        device, found = "mps", "Apple MPS"
    else:
        return Finding(name, _("none; none is needed"))
    try:
        torch.ones(1, device=device).add_(1).item()
    except RuntimeError as error:
        problem = _("it does not work ({why}); set COURSE_DEVICE=cpu")
        return Finding(name, found, problem.format(why=str(error).splitlines()[0]))
    return Finding(name, found)


def check_memory() -> Finding:
    import psutil

    memory = psutil.virtual_memory()
    few = memory.available < LEAST_MEMORY
    problem = _("a lecture may need 2 GiB: close other programs") if few else ""
    return Finding(_("memory"), _free_of(memory.available, memory.total), problem)


def check_disk() -> Finding:
    disk = shutil.disk_usage(PROJECT)
    problem = "" if disk.free >= LEAST_DISK else _("less than 1 GiB: make room")
    if not problem and not os.access(PROJECT, os.W_OK):
        problem = _("the course's folder cannot be written to: copy it to one of your own")
    return Finding(_("disk"), _free_of(disk.free, disk.total), problem)


def _free_of(free: int, total: int) -> str:
    return _("{free:.1f} of {total:.1f} GiB free").format(free=free / GIB, total=total / GIB)


def check_data() -> Finding:
    from course_lib.data.corpora import registry, store

    name = _("real text")
    try:
        sets = registry.data_sets()
        states = [store.verify(one) for one in sets]
    except CourseError as error:
        return Finding(name, str(store.data_home()), str(error))
    here = sum(all(s is store.State.RIGHT for s in files.values()) for files in states)
    altered = sum(store.State.ALTERED in files.values() for files in states)
    found = _("{here} of {n} sets in {folder} (none is needed for the quick profile)").format(
        here=here, n=len(sets), folder=store.data_home()
    )
    problem = _("{n} altered: run `course data verify`").format(n=altered) if altered else ""
    return Finding(name, found, problem)


def check_fonts() -> Finding:
    import matplotlib_fontja
    from matplotlib import font_manager

    matplotlib_fontja.japanize()
    names = {font.name for font in font_manager.fontManager.ttflist}
    if "IPAexGothic" in names:
        return Finding(_("Japanese font"), "IPAexGothic")
    problem = _("Japanese in figures will be boxes: reinstall matplotlib-fontja")
    return Finding(_("Japanese font"), _("none"), problem)


def check_kernel() -> Finding:
    """Do notebooks open in this Python, and can Jupyter talk to it?"""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    name = _("notebook kernel")
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding(name, _("none"), _("reinstall ipykernel: delete .venv and start again"))
    kernel = spec.argv[0]
    same = Path(kernel).name == kernel or Path(kernel).absolute() == Path(sys.executable).absolute()
    problem = "" if same else _("notebooks would run in another Python; remove {folder}")
    if not _own_machine_answers():
        problem = _("programs on this machine cannot reach each other on 127.0.0.1: see firewall")
    return Finding(name, kernel, problem.format(folder=spec.resource_dir))


def _own_machine_answers() -> bool:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=5).close()
    except OSError:
        return False
    return True


def check_notebooks() -> Finding:
    lectures = sorted((PROJECT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    broken = [path.name for path in lectures if not _is_notebook(path)]
    problem = _("damaged: {names}; fetch them again with git").format(names=", ".join(broken))
    if not lectures:
        problem = _("no lecture was found: run this in a clone of the course")
    found = _("{n} lectures in {folder}").format(n=len(lectures), folder=PROJECT / "notebooks")
    return Finding(_("lectures"), found, problem if broken or not lectures else "")


def _is_notebook(path: Path) -> bool:
    try:
        return "cells" in json.loads(path.read_text("utf-8"))
    except ValueError:
        return False


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_libraries,
    check_torch,
    check_accelerator,
    check_memory,
    check_disk,
    check_notebooks,
    check_kernel,
    check_fonts,
    check_data,
)
