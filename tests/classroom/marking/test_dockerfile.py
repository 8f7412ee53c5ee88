"""The image is not built here; what its recipe names must exist and be enough."""

import re
import shlex

from course_lib.classroom.marking import box_command
from course_lib.storage import PROJECT

RECIPE = (PROJECT / "docker" / "Dockerfile").read_text("utf-8")
STEPS = [line for line in RECIPE.replace("\\\n", " ").splitlines() if not line.startswith("#")]


def test_what_it_copies_and_installs_from_is_there():
    copied = [shlex.split(step)[1:-1] for step in STEPS if step.startswith("COPY")]
    asked = re.findall(r"-[rc] (\S+)", RECIPE)
    for name in [name for names in copied for name in names] + asked:
        assert (PROJECT / name).exists(), name
    assert {"requirements/student.txt", "requirements/grading.txt"} <= set(asked)


def test_it_installs_the_programs_that_a_sandbox_needs():
    installed = next(step for step in STEPS if "apt-get install" in step).split()
    assert {"bubblewrap", "util-linux"} <= set(installed)


def test_the_answers_lie_outside_the_folders_that_a_sandbox_shows():
    folder = next(step for step in STEPS if step.startswith("WORKDIR")).split()[1]
    shown = [str(path) for path in box_command.python_folders()]
    assert not any(folder.startswith(path) for path in shown)
    assert not folder.startswith("/usr")


def test_it_runs_as_an_ordinary_user():
    assert STEPS.index("USER marker") > max(i for i, s in enumerate(STEPS) if s.startswith("RUN"))
