"""A language is a folder of notebooks with the same code; where there is none, one line says so."""

import os
from pathlib import Path

import nbformat
import pytest

from course_lib.classroom.marking.assignment import Assignment
from course_lib.classroom.release.bundle import gather, release
from course_lib.classroom.release.editions import editions, find_edition, speaking
from course_lib.errors import CourseError
from course_lib.i18n import _

from .catalogues import install_catalogue
from .released import TERMS, original, read

LECTURE = "00_welcome"


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """English exercises, and the same with a Japanese heading."""
    folder = tmp_path / "notebooks"
    for place, title in (("exercises", ""), ("ja/exercises", "# 練習問題 00\n\n")):
        source = original(LECTURE)
        source.cells[0].source = title + source.cells[0].source
        if title:
            source.cells[2].source = source.cells[2].source.replace("## ★ ", "## ★ 単語を数える ")
        path = folder / place / LECTURE / f"{LECTURE}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(source, path)
    return folder


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_catalogue(tmp_path, monkeypatch, {"points": "点"})


def test_each_folder_is_a_language_and_english_comes_first(notebooks: Path):
    assert list(editions(notebooks)) == ["en", "ja"]
    assert next(iter(editions())) == "en"


def test_a_language_that_is_not_there_is_one_line_with_those_that_are(notebooks: Path):
    message = "no exercises in the language 'fr' yet; there are: en, ja"
    with pytest.raises(CourseError, match=message):
        find_edition("fr", notebooks)
    with pytest.raises(CourseError, match="there are: en"):
        find_edition("../en")


@pytest.mark.usefixtures("catalogue")
def test_an_edition_is_released_in_its_language(notebooks: Path, tmp_path: Path):
    assignment = Assignment("week", ("count_words",))
    folder = release(gather(assignment, TERMS, "ja", notebooks), tmp_path)
    notebook = read(folder / f"{LECTURE}.ipynb")
    assert notebook.cells[0].source.startswith("# 練習問題 00")
    text = (folder / "INSTRUCTIONS.md").read_text("utf-8")
    assert "| 点 |" in text
    assert "`count_words` | 単語を数える" in text
    assert gather(assignment, TERMS, "en", notebooks).text.count("点") == 0


@pytest.mark.usefixtures("catalogue")
def test_the_language_is_only_spoken_meanwhile(monkeypatch: pytest.MonkeyPatch):
    for before in (None, "en"):
        if before is None:
            monkeypatch.delenv("COURSE_LANG", raising=False)
        else:
            monkeypatch.setenv("COURSE_LANG", before)
        with speaking("ja"):
            assert _("points") == "点"
        assert _("points") == "points"
        assert os.environ.get("COURSE_LANG") == before


def test_an_edition_with_other_code_is_refused(notebooks: Path):
    path = notebooks / "ja" / "exercises" / LECTURE / f"{LECTURE}.ipynb"
    other = read(path)
    other.cells[3].source += "\n"
    nbformat.write(other, path)
    with pytest.raises(CourseError, match="00_welcome: the code cells of the 'ja' edition differ"):
        gather(Assignment("week", ("count_words",)), TERMS, "ja", notebooks)


@pytest.mark.parametrize("content", [b"hello", b"{}", b"\xff\xfe", b"[1]", None])
def test_a_notebook_that_cannot_be_read_is_one_line(notebooks: Path, content: bytes | None):
    path = notebooks / "exercises" / LECTURE / f"{LECTURE}.ipynb"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=r"00_welcome\.ipynb") as caught:
        gather(Assignment("week", ("count_words",)), TERMS, "en", notebooks)
    assert "\n" not in str(caught.value)
