"""The instructor's guide: every console block runs, in order, and shows what it says."""

import ast
import os
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.storage import PROJECT

from .console import Block, blocks, execute, not_found
from .made_up_class import hand_in, hand_in_late

GUIDE = PROJECT / "docs" / "instructors.md"
PORTS = ("8766", "8786")
SECONDS = 300
N_NOT_RUN = 1  # apt-get
ROSTER = """Student,ID,SIS User ID,SIS Login ID,Section,week-1 (77)
    Points Possible,,,,,22
"Lee, Ann",1,,ann,A,
"Bo, Ben",2,,ben,A,
"Kai, Chris",3,,chris,A,
"Sol, Dina",4,,dina,A,
"Orr, Eve",5,,eve,A,
花子,6,,花子,A,
"Zoll, Zoe",7,,zoe,A,
"""


def guide() -> list[Block]:
    return list(blocks(GUIDE.read_text("utf-8")))


def collected_in_nbgrader(folder: Path) -> None:
    for place in (folder / "collected" / "week-1").iterdir():
        shutil.copytree(place, folder / "hub" / "submitted" / place.name / "week-1")


STEPS = {
    "the class hands in": lambda folder: hand_in(
        folder / "handout" / "week-1", folder / "collected" / "week-1"
    ),
    "one hands in late": lambda folder: hand_in_late(
        folder / "handout" / "week-1", folder / "late" / "week-1"
    ),
    "the list of the platform": lambda folder: (folder / "canvas.csv").write_text(ROSTER, "utf-8"),
    "collected in nbgrader": collected_in_nbgrader,
}


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def translated(block: Block, ports: dict[str, str]) -> Block:
    """The same commands with ports that are free here."""
    commands = "\n".join(block.commands)
    for port, free in ports.items():
        commands = commands.replace(port, free)
    return replace(block, commands=(commands,))


@pytest.mark.usefixtures("sandbox")
def test_a_whole_term_as_the_guide_tells_it(tmp_path: Path):
    here, ports = str(Path(sys.executable).parent), {port: free_port() for port in PORTS}
    path = os.pathsep.join([here, os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "160"}
    for block in guide():
        if not block.run:
            continue
        if block.step:
            STEPS[block.step](tmp_path)
        output = execute(translated(block, ports), tmp_path, environment, SECONDS)
        for port, free in ports.items():
            output = output.replace(free, port)
        lost = not_found(block.shown, output)
        assert not lost, f"line {block.line}: {lost!r} is not in\n{output}"


def test_hardly_anything_is_only_shown():
    every = guide()
    assert sum(not block.run for block in every) == N_NOT_RUN
    assert len(every) - N_NOT_RUN >= 15
    assert {block.step for block in every if block.step} == set(STEPS)
    assert all(block.commands for block in every)


def test_every_command_of_the_course_about_exercises_is_in_it():
    from course_lib.cli.classroom import exercises_app

    typed = " ".join(command for block in guide() for command in block.commands)
    for command in exercises_app.registered_commands:
        assert f"course exercises {command.name} " in f"{typed} ", command.name


def messages() -> Iterator[str]:
    """Every text that the classroom and its commands show, with … for its placeholders."""
    files = [*(PROJECT / "course_lib" / "classroom").rglob("*.py")]
    files += (PROJECT / "course_lib" / "cli").glob("*.py")
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
                text = ast.literal_eval(node.args[0])
                yield re.sub(r"\{[^{}]*\}", "…", text)


def test_every_trouble_of_the_table_is_one_that_the_course_reports():
    table = GUIDE.read_text("utf-8").partition("## When something goes wrong")[2]
    troubles = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(troubles) == len(re.findall(r"^\| ", table, re.MULTILINE)) - 1 >= 12
    known = list(messages())
    unknown = [trouble for trouble in troubles if not any(trouble in text for text in known)]
    assert unknown == []


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", GUIDE.read_text("utf-8"))
    lost = [link for link in links if not (GUIDE.parent / link).exists()]
    assert lost == []
