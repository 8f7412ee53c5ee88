"""Calling commands: exit statuses, and errors of one line."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated

import pytest
import typer

from course_lib import __main__, cli
from course_lib.cli import app
from course_lib.errors import CourseError

PROJECT = Path(__file__).parents[2]


def scale(n: int, factor: Annotated[float, typer.Option()] = 2.0) -> int | None:
    """A made-up command."""
    if n < 0:
        raise CourseError("n must not\nbe negative")
    if n == 0:
        raise KeyboardInterrupt
    if n == 404:
        raise FileNotFoundError(2, "No such file or directory", "story.txt")
    if n == 500:
        raise RuntimeError("a bug")
    print(n * factor)
    return 1 if n > 100 else None


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    module = ModuleType("course_lib.cli.made_up")
    module.scale = scale
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(cli, "COMMANDS", (cli.Command("scale", "made_up:scale", "scale a number"),))
    monkeypatch.setattr(__main__.bootstrap, "ensure", lambda needs, args: None)
    monkeypatch.delenv("COURSE_DEBUG", raising=False)

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["course", *args])
        monkeypatch.setattr(sys, "stdout", sys.stdout)
        with pytest.raises(SystemExit) as stop:
            __main__.main()
        return (stop.value.code, *capsys.readouterr())

    return run


def test_a_command_prints_its_result(run):
    assert run("scale", "3", "--factor", "1.5") == (0, "4.5\n", "")


def test_a_command_sets_the_exit_status(run):
    assert run("scale", "101")[0] == 1


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["scale", "--", "-1"], "course: n must not be negative\n"),
        (["scale", "404"], "course: story.txt: No such file or directory\n"),
        (["scal"], "course: there is no command 'scal'; try: course scale\n"),
        (["zzz"], "course: there is no command 'zzz'; try: course --help\n"),
    ],
)
def test_a_users_error_is_one_line_and_status_2(run, args: list[str], line: str):
    assert run(*args) == (2, "", line)


@pytest.mark.parametrize("args", [[], ["three"], ["3", "4"], ["3", "--fast"], ["3", "--factor"]])
def test_wrong_arguments_are_one_line_that_names_the_help(run, args: list[str]):
    status, output, errors = run("scale", *args)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert errors.endswith("(see: course scale --help)\n")


def test_ctrl_c_has_the_status_shells_expect(run):
    assert run("scale", "0") == (130, "", "")


def test_ctrl_c_while_setting_up_is_no_traceback_either(run, monkeypatch):
    def interrupted(needs: str, args: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__.bootstrap, "ensure", interrupted)
    assert run("scale", "1") == (130, "", "")


@pytest.mark.parametrize("how", ["option", "variable"])
def test_debugging_shows_where_an_error_came_from(run, monkeypatch, how: str):
    monkeypatch.setenv("COURSE_DEBUG", "1" if how == "variable" else "")
    with pytest.raises(FileNotFoundError):
        run(*(["--debug"] if how == "option" else []), "scale", "404")


def test_a_bug_is_not_dressed_up_as_the_users_error(run):
    with pytest.raises(RuntimeError, match="a bug"):
        run("scale", "500")


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_the_overview_lists_every_command(run, args: list[str]):
    status, output, _errors = run(*args)
    assert status == 0
    assert "scale a number" in output


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_every_command_of_the_list_exists_and_explains_itself(command: cli.Command, capsys):
    assert app.call(command, ["--help"]) == 0
    assert f"course {command.name}" in capsys.readouterr().out


def test_an_older_python_is_told_so_in_one_line():
    code = (
        "import sys, runpy; sys.version_info = (3, 10, 1);"
        "runpy.run_module('course_lib', {}, '__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("course: Python 3.11 or newer is needed, but this is ")
    assert done.stderr.count("\n") == 1


def test_what_an_older_python_must_read_is_in_its_grammar():
    import ast

    for name in ("__init__", "__main__", "i18n"):
        source = (PROJECT / "course_lib" / f"{name}.py").read_text("utf-8")
        ast.parse(source, feature_version=(3, 6))
