"""The house rules that a machine can check, on every file that git knows."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
LONGEST_FILE, LONGEST_FUNCTION = 300, 50
MACHINE_PATHS = re.compile(
    r"(?<![\w.])/(?:root|work|Users|home|tmp)/[\w.-]+|[A-Z]:\\\\?(?:Users|Documents)\b"
)
TEXTS = {".py", ".ipynb", ".md", ".toml", ".yml", ".yaml", ".txt", ".cff", ".cfg", ".po", ".json"}


def tracked() -> list[Path]:
    """Every file of the project; what is only on this machine is not part of it."""
    if not (PROJECT / ".git").exists():
        pytest.skip("this copy of the project is no git clone")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    paths = [PROJECT / name for name in sorted(listed.stdout.split("\0")) if name]
    return [path for path in paths if path.is_file()]


def package_files() -> list[Path]:
    return sorted((PROJECT / "course_lib").rglob("*.py"))


def syntax(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_room_imports_only_from_the_rooms_below_it():
    done = lint_imports(PROJECT)
    assert done.returncode == 0, done.stdout


def test_an_import_from_a_room_above_would_be_noticed(tmp_path: Path):
    shutil.copytree(PROJECT / "course_lib", tmp_path / "course_lib")
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    (tmp_path / "course_lib" / "text" / "upwards.py").write_text("import course_lib.lesson\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    assert "course_lib.text is not allowed to import course_lib.lesson" in done.stdout


def test_every_room_has_its_floor():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    listed = {room.strip() for layer in layers for room in layer.split("|")}
    top = [p for p in (PROJECT / "course_lib").iterdir() if p.suffix == ".py" or p.is_dir()]
    rooms = {f"course_lib.{path.stem}" for path in top if not path.name.startswith("__")}
    assert listed == rooms | {"course_lib.__main__"}


@pytest.mark.parametrize("path", package_files(), ids=lambda p: str(p.relative_to(PROJECT)))
def test_files_and_functions_are_short(path: Path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {
        node.name: length
        for node in ast.walk(syntax(path))
        if isinstance(node, functions)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert not long


def test_every_test_and_every_notebook_is_collected_by_a_job():
    tests, notebooks = PROJECT / "tests", PROJECT / "notebooks"
    lost = []
    for path in tracked():
        if path.suffix == ".ipynb" and notebooks not in path.parents:
            lost.append(path)
        if path.suffix != ".py" or notebooks in path.parents:
            continue
        named = re.fullmatch(r"test_\w+\.py", path.name) is not None
        has_tests = any(
            isinstance(node, ast.FunctionDef | ast.ClassDef)
            and re.match(r"test_|Test[A-Z]", node.name)
            for node in syntax(path).body
        )
        if has_tests and not (named and tests in path.parents):
            lost.append(path)
    assert not lost


def test_no_file_names_a_folder_of_its_authors_machine():
    found = [
        f"{path.relative_to(PROJECT)}: {match.group()}"
        for path in tracked()
        if path.suffix in TEXTS and PROJECT / "tests" not in path.parents
        for match in MACHINE_PATHS.finditer(path.read_text("utf-8"))
    ]
    assert not found


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("saved to /home/ann/course", True),
        ('"/root/x.txt"', True),
        (r"C:\Users\ann", True),
        ("File /tmp/ipykernel_1/2.py", True),
        ("https://example.org/home/page", False),
        ("an and/or list", False),
        ("data/home/x", False),
    ],
)
def test_what_counts_as_such_a_folder(text: str, bad: bool):
    assert bool(MACHINE_PATHS.search(text)) == bad


@pytest.mark.parametrize("path", package_files(), ids=lambda p: str(p.relative_to(PROJECT)))
def test_what_a_reader_sees_can_be_translated(path: Path):
    tree = syntax(path)
    for call in calls(tree, "_"):  # gettext finds plain strings only, no f-string and no variable
        assert len(call.args) == 1, f"line {call.lineno}"
        assert isinstance(call.args[0], ast.Constant), f"line {call.lineno}"
    for call in calls(tree, "CourseError"):
        fixed = isinstance(call.args[0], ast.JoinedStr | ast.Constant | ast.BinOp)
        assert not fixed, f"line {call.lineno}: pass the message through _"
    for call in calls(tree, "print"):
        plain = [arg for arg in call.args if isinstance(arg, ast.Constant) and str(arg.value)]
        assert not plain, f"line {call.lineno}: pass what is printed through _"
