"""Runs inside the outer sandbox: nbgrader in another one, and then what stands in its grade book.

Arguments: an empty folder for the course, the course to copy into it, seconds for autograding.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

USER = "77777"


def main() -> None:
    course, handed, seconds = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    project = Path(__file__).resolve().parents[2]
    shutil.copytree(handed, course, dirs_exist_ok=True)
    subprocess.run(["chown", "-R", USER, str(course)], check=True)
    variables = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": "/tmp",
        "PYTHONPATH": str(project),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "COURSE_ATTACK_CANARY": "in-the-environment",
    }
    inner = ["bwrap", "--unshare-pid", "--die-with-parent", "--bind", "/", "/", "--dev", "/dev"]
    inner += ["--proc", "/proc", "--chdir", str(course), "--"]
    inner += ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs"]
    inner += ["--inh-caps=-all", "--bounding-set=-all", "--", "prlimit", "--nproc=150"]
    inner += [f"--as={3 * 2**30}", f"--fsize={250 * 2**20}", "--core=0", "--", sys.executable]
    inner += ["-m", "nbgrader", "autograde", "exercises"]
    timed = ["timeout", "--signal=KILL", seconds, *inner]
    done = subprocess.run(timed, env=variables, capture_output=True, text=True, check=False)
    print(done.stderr[-1500:], file=sys.stderr)
    os.environ |= {"PYTHONPATH": str(project), "HOME": "/tmp"}
    sys.path.insert(0, str(project))
    print(json.dumps(scores(course)))


def scores(course: Path) -> dict[str, dict[str, float | None]]:
    """Student -> exercise -> score; nothing where the grade book cannot be read any more."""
    from benchmarks.marking.nbgrader_course import points

    found: dict[str, dict[str, float | None]] = {}
    if not (course / "gradebook.db").exists():
        return found
    for (student, exercise), score in points(course).items():
        found.setdefault(student, {})[exercise] = score
    return found


if __name__ == "__main__":
    main()
