"""The sandbox that students' code runs in: `open_box` starts one, `probe` shows that it holds.

Nothing is marked where `probe` fails. What makes up a sandbox: `box_command` (what it sees and may
use), `system_calls` (what it may ask of the kernel), `memory_watch`, `box` (starting and ending).
"""

import functools
import json
import os
import secrets
import select
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking.box import Box, open_box
from course_lib.classroom.marking.box_command import variables
from course_lib.errors import CourseError
from course_lib.i18n import _

__all__ = ["Box", "open_box", "probe"]

PROBE_LIMITS = Limits(seconds=10, memory_mb=512, n_processes=16, disk_mb=4)
SECONDS = 30.0
INSIDE = "course_lib.classroom.marking.probe_inside"


@functools.cache
def probe() -> None:
    """Start a sandbox and try from inside what it must prevent; once in a process.

    Raises CourseError, saying what is missing and how to get it, if a sandbox cannot be had here.
    """
    if not sys.platform.startswith("linux"):
        message = _("marking needs Linux: use a Linux machine or the image of docker/Dockerfile")
        raise CourseError(message)
    try:
        found = look_around()
    except CourseError as error:
        message = f"{error}{advice(str(error))}"
        raise CourseError(message) from None
    if failed := holes(found):
        message = _("the sandbox of this machine is not safe ({holes}): nothing was marked")
        raise CourseError(message.format(holes=", ".join(failed)))


def advice(complaint: str) -> str:
    """What usually helps where bubblewrap does not start."""
    if "does not start" not in complaint:
        return ""
    return _(
        "; on Ubuntu 24.04: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; in a "
        "container: start it with the options at the top of docker/Dockerfile"
    )


def look_around() -> dict[str, Any]:
    """What can be done from inside of a sandbox, tried against a file and sockets out here."""
    name = f"course-probe-{secrets.token_hex(8)}"
    with (
        tempfile.NamedTemporaryFile() as canary,
        socket.create_server(("127.0.0.1", 0)) as internet,
        socket.socket(socket.AF_UNIX) as local,
    ):
        canary.write(b"secret")
        canary.flush()
        Path(canary.name).chmod(0o644)
        local.bind("\0" + name)
        local.listen()
        port = str(internet.getsockname()[1])
        with open_box(PROBE_LIMITS, ["-m", INSIDE, port, name, canary.name, __file__]) as box:
            return report(box)


def report(box: Box) -> dict[str, Any]:
    """The probe's reply. Raises CourseError if none comes."""
    reply = b""
    while select.select([box.from_worker], [], [], SECONDS)[0]:
        part = os.read(box.from_worker, 65536)
        reply += part
        if not part:
            break
    try:
        found: dict[str, Any] = json.loads(reply)
    except ValueError:
        message = _("the sandbox's Python ({path}) does not run, or not to its end")
        raise CourseError(message.format(path=sys.executable)) from None
    return found


def holes(found: dict[str, Any]) -> list[str]:
    """What the sandbox should prevent and does not, or should have and has not."""
    allowed = {*variables(), "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}
    checks = {
        _("it runs as root"): found["user"] == 0,
        _("it has rights of root"): found["capabilities"] != 0,
        _("programs can gain rights"): not found["no_new_privileges"],
        _("system calls are not filtered"): not found["filtered"],
        _("files of the machine can be read"): found["host_file"],
        _("the network can be reached"): found["network"],
        _("it can write to {folders}").format(folders=" ".join(found["writable"])): bool(
            found["writable"]
        ),
        _("its own folder cannot be written"): not found["scratch"],
        _("processes of the machine are seen"): found["processes"] > 4,
        _("processes are not limited"): found["children"] >= PROBE_LIMITS.n_processes,
        _("no process can be started"): found["children"] == 0,
        _("it sees environment variables"): not allowed.issuperset(found["environment"]),
        _("it sees the reference answers"): found["answer_book"],
        _("these packages are missing: {names}").format(names=" ".join(found["missing"])): bool(
            found["missing"]
        ),
    }
    return [words for words, failed in checks.items() if failed]
