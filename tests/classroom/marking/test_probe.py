import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking import box, box_command, sandbox
from course_lib.errors import CourseError
from course_lib.storage import PROJECT

needs_sandbox = pytest.mark.usefixtures("sandbox")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user"
)


def without(*dropped: str):
    """The real command less one of its options, which stands there with its values."""

    def command(*args: object) -> list[str]:
        full = box_command.box_command(*args)
        for start in range(len(full)):
            if full[start : start + len(dropped)] == list(dropped):
                return full[:start] + full[start + len(dropped) :]
        raise AssertionError(f"{dropped} is no part of the command")

    return command


@needs_sandbox
def test_the_probe_finds_nothing_wrong():
    assert sandbox.holes(sandbox.look_around()) == []


@needs_sandbox
@pytest.mark.parametrize(
    ("dropped", "hole"),
    [
        (["--unshare-net"], "the network can be reached"),
        (["--unshare-pid"], "processes of the machine are seen"),
        (["--remount-ro", "/"], "it can write to /"),
        (["--clearenv"], "it sees environment variables"),
        (["--nproc=16"], "processes are not limited"),
    ],
)
def test_the_probe_finds_what_is_missing(monkeypatch, dropped, hole):
    monkeypatch.setattr(box, "box_command", without(*dropped))
    if dropped == ["--clearenv"]:
        monkeypatch.setattr(box, "NO_ENVIRONMENT", {"SECRET": "1"})
    if dropped == ["--remount-ro", "/"]:  # a folder of root's is closed to the sandbox anyway
        open_root = {"--perms": "0777"}
        monkeypatch.setattr(box, "box_command", lambda *a: opened(without(*dropped)(*a), open_root))
    assert any(hole in words for words in sandbox.holes(sandbox.look_around()))


def opened(command: list[str], modes: dict[str, str]) -> list[str]:
    """With folders on the way that anybody may write to."""
    changed = list(command)
    for i, word in enumerate(command[:-1]):
        if word in modes and command[i + 1] == "0755":
            changed[i + 1] = modes[word]
    return [*changed[:1], "--perms", "0777", "--tmpfs", "/", *changed[1:]]


@needs_sandbox
def test_the_probe_finds_a_missing_filter_and_rights_of_root(monkeypatch):
    def careless(limits: Limits, argv: list[str], seccomp: int) -> list[str]:
        full = without("--seccomp", str(seccomp))(limits, argv, seccomp)
        if "--inh-caps=-all" not in full:
            return full
        start, end = full.index("--inh-caps=-all") - 5, full.index("--bounding-set=-all") + 2
        return full[:start] + full[end:]

    monkeypatch.setattr(box, "box_command", careless)
    found = sandbox.holes(sandbox.look_around())
    assert "system calls are not filtered" in found
    if os.geteuid() == 0:
        assert {"it runs as root", "it has rights of root"} <= set(found)


GOOD = {
    "user": 1000,
    "capabilities": 0,
    "no_new_privileges": True,
    "filtered": True,
    "host_file": False,
    "network": False,
    "writable": [],
    "scratch": True,
    "processes": 2,
    "children": 15,
    "environment": ["HOME"],
    "answer_book": False,
    "missing": [],
}


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("user", 0),
        ("capabilities", 1),
        ("no_new_privileges", False),
        ("filtered", False),
        ("host_file", True),
        ("network", True),
        ("writable", ["/usr"]),
        ("scratch", False),
        ("processes", 90),
        ("children", 16),
        ("children", 0),
        ("environment", ["HOME", "AWS_SECRET"]),
        ("answer_book", True),
        ("missing", ["numpy"]),
    ],
)
def test_any_one_bad_sign_is_a_hole(fact, value):
    assert sandbox.holes(GOOD) == []
    assert len(sandbox.holes({**GOOD, fact: value})) == 1


@pytest.fixture
def fresh_probe():
    sandbox.probe.cache_clear()
    yield
    sandbox.probe.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="there is no sandbox elsewhere")
@pytest.mark.parametrize("lacking", ["bwrap", "prlimit", pytest.param("setpriv", marks=as_root)])
def test_a_program_that_is_not_installed_is_named(tmp_path, monkeypatch, fresh_probe, lacking):
    for name in {"bwrap", "prlimit", "setpriv"} - {lacking}:
        fake(tmp_path / name, "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CourseError, match=f"needs {lacking}, which is not installed: apt-get"):
        sandbox.probe()


@pytest.mark.skipif(sys.platform != "linux", reason="there is no sandbox elsewhere")
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'bwrap: No permissions to create new namespace' >&2; exit 1", "No permissions"),
        ("exit 0", "it gave no reason"),
        ("echo nonsense", "it gave no reason"),
    ],
)
def test_a_bubblewrap_that_fails_is_one_line_with_advice(
    tmp_path, monkeypatch, fresh_probe, script, why
):
    fake(tmp_path / "bwrap", script)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(CourseError, match=f"does not start: .*{why}.*apparmor.*Dockerfile") as told:
        sandbox.probe()
    assert "\n" not in str(told.value)


def test_other_systems_are_told_what_to_use(monkeypatch, fresh_probe):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(CourseError, match="marking needs Linux"):
        sandbox.probe()


def fake(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


@needs_sandbox
@as_root
def test_an_ordinary_user_gets_as_good_a_sandbox(tmp_path):
    """In an outer sandbox that makes this Python readable for a user who is not root."""
    code = "from course_lib.classroom.marking import sandbox\nimport os\n"
    code += "print(os.getuid(), sandbox.holes(sandbox.look_around()))"
    python = Path(sys.executable).absolute()
    shown = [Path(sys.base_prefix), python.parents[1], PROJECT / "course_lib"]
    shown += [Path("/usr"), *(p for p in map(Path, ("/bin", "/lib", "/lib64")) if p.exists())]
    command = [
        shutil.which("bwrap"),
        "--unshare-ipc",
        "--die-with-parent",
        "--dev-bind",
        "/dev",
        "/dev",
        "--perms",
        "1777",
        "--tmpfs",  # before the others: they may lie in it
        "/tmp",
    ]
    for place in shown:
        command += box_command.read_only(str(place))
    command += ["--bind", "/proc", "/proc", "--", "setpriv"]
    command += ["--reuid=12345", "--regid=12345", "--clear-groups", str(python), "-c", code]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd="/")
    if re.search("No permissions|Operation not permitted|not allowed", done.stderr):
        pytest.skip(f"user namespaces are closed here: {done.stderr.splitlines()[-1]}")
    assert done.stdout == "12345 []\n", done.stderr
