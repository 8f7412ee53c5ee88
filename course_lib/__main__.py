"""`python3 -m course_lib COMMAND`, called `course COMMAND` once it is installed.

This file and what it imports first must be readable by any Python 3, to say kindly what is wrong.
"""

import os
import sys

from course_lib.i18n import _

if sys.version_info < (3, 11):  # noqa: UP036 - this is the line that says so to an older Python
    print(
        _("course: Python 3.11 or newer is needed, but this is {version}").format(
            version=sys.version.split()[0]
        ),
        file=sys.stderr,
    )
    sys.exit(2)

from course_lib import bootstrap, cli


def main() -> None:
    """Run the command of sys.argv and exit with its status; the user's errors are one line."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # for consoles without ✓
    args = sys.argv[1:]
    if args[:1] == ["--debug"]:
        os.environ["COURSE_DEBUG"] = "1"
        del args[0]
    try:
        status = _run(args)
    except KeyboardInterrupt:
        status = 130
    except (ValueError, OSError) as error:  # a CourseError is a ValueError
        if os.environ.get("COURSE_DEBUG"):
            raise
        print(f"course: {_one_line(error)}", file=sys.stderr)
        status = 2
    sys.exit(status)


def _run(args: list[str]) -> int:
    if not args or args[0] in ("-h", "--help"):
        print(cli.overview())
        return 0
    command = cli.find(args[0])
    bootstrap.ensure(command.needs, args)
    from course_lib.cli import app  # only now are the libraries it imports sure to be there

    return app.call(command, args[1:])


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split())


if __name__ == "__main__":
    main()
