"""Figures as files."""

import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.image import imread

from course_lib.display.plots import ladder
from course_lib.display.style import save, use_style
from course_lib.errors import CourseError
from course_lib.evaluation.ladder import Rung

RUNGS = [Rung("bigram", 3.7, 0.1), Rung("GPT", 1.97, 0.1), Rung("floor", 1.9, 0.1)]


@pytest.fixture(autouse=True)
def look():
    with mpl.rc_context():
        use_style()
        yield


@pytest.mark.parametrize("name", ["ladder.svg", "ladder.PNG"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, name):
    files = [tmp_path / "one" / name, tmp_path / "two" / name]
    for path in files:
        save(ladder(RUNGS), path)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_files_are_what_their_names_say(tmp_path):
    save(ladder(RUNGS), tmp_path / "a.svg")
    save(ladder(RUNGS), tmp_path / "a.png")
    assert ET.parse(tmp_path / "a.svg").getroot().tag.endswith("}svg")
    height, width, _colours = imread(tmp_path / "a.png").shape
    assert width > height > 100


def test_a_date_would_change_from_day_to_day(tmp_path):
    save(ladder(RUNGS), tmp_path / "a.svg")
    assert "<dc:date>" not in (tmp_path / "a.svg").read_text()


def test_other_endings_are_refused_and_leave_no_file(tmp_path):
    with pytest.raises(CourseError, match=r"a\.gif"):
        save(ladder(RUNGS), tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())
