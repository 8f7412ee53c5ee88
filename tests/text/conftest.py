import os

import pytest

from course_lib.data.corpora import data_home, data_set


@pytest.fixture
def need():
    """Skip unless COURSE_DATA_HOME holds the named sets, so that no test uses the network."""

    def check(*names: str) -> None:
        if not os.environ.get("COURSE_DATA_HOME"):
            pytest.skip("COURSE_DATA_HOME is not set")
        for name in names:
            if not all((data_home() / file.file).exists() for file in data_set(name).files):
                pytest.skip(f"COURSE_DATA_HOME lacks {name}")

    return check
