"""What holds for all tests."""

import os

import pytest
from hypothesis import settings

from course_lib.classroom.marking.sandbox import probe
from course_lib.errors import CourseError

# A busy machine is no error: no test fails for being slow.
settings.register_profile("course", deadline=None)
settings.load_profile("course")


@pytest.fixture(scope="session")
def sandbox() -> None:
    """For tests that run students' code; COURSE_REQUIRE_SANDBOX=1 lets none of them be skipped."""
    try:
        probe()
    except CourseError as error:
        if os.environ.get("COURSE_REQUIRE_SANDBOX"):
            pytest.fail(str(error))
        pytest.skip(str(error))
