"""Tests that need a working sandbox: skipped, and counted, where there can be none."""

import os

import pytest

from course_lib.classroom.marking.sandbox import probe
from course_lib.errors import CourseError


def why_not() -> str:
    try:
        probe()
    except CourseError as error:
        return str(error)
    return ""


WHY_NOT = why_not()
REQUIRED = bool(os.environ.get("COURSE_REQUIRE_SANDBOX"))
needs_sandbox = pytest.mark.skipif(bool(WHY_NOT) and not REQUIRED, reason=WHY_NOT)
