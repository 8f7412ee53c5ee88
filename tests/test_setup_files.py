"""Requirements, conda, workflows, make and README agree with one another and with the code."""

import re
from pathlib import Path

import pytest
import yaml

from course_lib import cli
from course_lib.pins import REQUIREMENTS, SETS, pins
from course_lib.storage import PROJECT

PIN = re.compile(r"[A-Za-z0-9][\w.-]*==[0-9][\w.]*")
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def versions(path: Path) -> dict[str, str]:
    lines = [line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    return {normal(n): v for n, v in (line.split("==") for line in lines if line)}


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda path: path.name)
def test_requirements_are_exact_pins_and_nothing_else(path: Path):
    for line in path.read_text("utf-8").splitlines():
        assert not line or line.startswith("#") or PIN.fullmatch(line), line


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda path: path.name)
def test_every_pin_is_in_the_constraints(path: Path):
    constraints = versions(REQUIREMENTS / "constraints.txt")
    for name, version in versions(path).items():
        assert constraints.get(name) == version, name


def test_no_package_is_pinned_in_two_files():
    names = [
        name
        for path in REQUIREMENTS.glob("*.txt")
        if path.stem != "constraints"
        for name in versions(path)
    ]
    assert len(names) == len(set(names))


def test_every_set_starts_with_what_a_learner_has():
    assert all(pins("student").items() <= pins(name).items() for name in SETS)


def test_pyproject_names_the_same_files():
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    dynamic = project["tool"]["setuptools"]["dynamic"]
    assert dynamic["dependencies"] == {"file": ["requirements/student.txt"]}
    extras = dynamic["optional-dependencies"]
    assert extras == {
        name: {"file": [f"requirements/{name}.txt"]} for name in SETS if name != "student"
    }


def test_conda_brings_python_only_and_pip_the_same_pins():
    described = yaml.safe_load((PROJECT / "environment.yml").read_text("utf-8"))
    python, pip, rest = described["dependencies"]
    assert re.fullmatch(r"python=3\.1[1-3]", python)
    assert pip == "pip"
    assert rest == {
        "pip": ["-r requirements/student.txt", "-c requirements/constraints.txt", "-e ."]
    }


def steps(workflow: dict) -> list[dict]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_whole_and_call_commands_that_exist(path: Path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert True in workflow, "YAML reads the key `on` as True"
    for job in workflow["jobs"].values():
        assert "runs-on" in job
        assert 5 <= job["timeout-minutes"] <= 360
    for step in steps(workflow):
        assert ("uses" in step) != ("run" in step)
        for name in re.findall(r"-m course_lib(?: --debug)? (\w+)", step.get("run", "")):
            assert cli.find(name)


def test_workflows_cover_the_three_systems_a_gpu_real_text_and_binder():
    text = "\n".join(path.read_text("utf-8") for path in WORKFLOWS)
    for needed in ("ubuntu", "macos", "windows", "gpu", "--profile real", "cron", "--no-build"):
        assert needed in text


def test_make_is_a_thin_alias():
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    for target in ("course", "test", "lab", "check"):
        assert re.search(
            rf"^{target}:\n\t\$\(PYTHON\) -m course_lib \w+( --quick)?\n", makefile, re.M
        )
    for name in re.findall(r"-m course_lib (\w+)", makefile):
        assert cli.find(name)


def test_the_readme_calls_a_lecture_ready_if_and_only_if_it_is_there():
    readme = (PROJECT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (?:\[)?(\d\d_\w+).*\| (ready|planned) \|$", readme, re.M)
    assert [name[:2] for name, _state in rows] == [f"{n:02}" for n in range(17)]
    there = {path.stem for path in (PROJECT / "notebooks").glob("[0-9][0-9]_*.ipynb")}
    assert {name for name, state in rows if state == "ready"} == there


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_files_and_commands_that_the_papers_name_exist(name: str):
    text = (PROJECT / name).read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
        assert (PROJECT / target).exists(), target
    for command in re.findall(r"(?:-m course_lib|`course) (?:--debug )?([a-z]+)", text):
        assert cli.find(command)


def test_the_citation_can_be_read():
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text("utf-8"))
    needed = {"cff-version", "message", "title", "authors", "license", "version"}
    assert needed <= set(citation)


def test_the_licences_are_named_where_tools_look():
    assert (PROJECT / "LICENSE").read_text("utf-8").startswith("MIT License")
    assert "CC BY 4.0" in (PROJECT / "LICENSE-CONTENT").read_text("utf-8")
