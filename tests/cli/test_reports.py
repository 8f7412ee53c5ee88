"""`course exercises feedback`, `report` and `similar`, as they are called."""

from pathlib import Path

import pytest

from course_lib.classroom.marking.assignment import write_assignment
from course_lib.cli import app, find
from course_lib.errors import CourseError

from ..classroom.reports.copies import hand_in, solutions, variants
from ..classroom.reports.made_up import ASSIGNMENT, book_of, marking


def call(*args: object) -> int:
    return app.call(find("exercises"), [str(arg) for arg in args])


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.db"
    book_of(path, marking("ann"), marking("山田", "stub", "wrong", "time")).close()
    return path


def test_feedback_makes_a_page_for_each_and_a_list(book: Path, tmp_path: Path, capsys):
    assert call("feedback", book, "--out", tmp_path / "out") == 0
    assert "2 pages are in" in capsys.readouterr().out
    assert sorted(p.name[:3] for p in (tmp_path / "out" / "pages").iterdir()) == ["ann", "山田-"]
    assert (tmp_path / "out" / "index.html").is_file()


def test_secret_names_need_the_file(book: Path, tmp_path: Path):
    out, key = tmp_path / "out", tmp_path / "key"
    with pytest.raises(CourseError, match="cannot read"):
        call("feedback", book, "--out", out, "--secret-names", key)
    key.write_bytes(b"\n")
    with pytest.raises(CourseError, match="is empty"):
        call("feedback", book, "--out", out, "--secret-names", key)
    assert not out.exists()
    names = []
    for content in (b"one", b"one", b"two"):
        key.write_bytes(content)
        call("feedback", book, "--out", out, "--secret-names", key)
        names.append({path.name for path in (out / "pages").iterdir()})
    assert names[0] == names[1]
    assert not names[0] & names[2]


def test_report_writes_the_page_and_the_table(book: Path, tmp_path: Path, capsys):
    call("report", book, "--out", tmp_path / "r.html", "--csv", tmp_path / "r.csv")
    assert "r.html is written" in capsys.readouterr().out
    assert "Report on week7" in (tmp_path / "r.html").read_text("utf-8")
    assert (tmp_path / "r.csv").read_text("utf-8-sig").startswith("exercise,title,n,right,")


def test_similar_lists_pairs(tmp_path: Path, capsys):
    folder = tmp_path / "in"
    hand_in(folder, "ann", solutions("01_ngrams"))
    hand_in(folder, "bob", solutions("01_ngrams"))
    hand_in(folder, "cyd", variants("01_ngrams", 0))
    call("similar", folder, "--out", tmp_path / "s.html")
    assert "1 of 3 pairs are alike" in capsys.readouterr().out
    call("similar", folder, "--out", tmp_path / "s.html", "--limit", "0.01")
    assert "3 of 3 pairs are alike" in capsys.readouterr().out


def test_similar_looks_into_the_folders_of_the_assignment(tmp_path: Path, capsys):
    folder = tmp_path / "in"
    for student in ("ann", "bob"):
        hand_in(folder, f"{student}/week7", solutions("07_transformer"))
    hand_in(folder, "ann/other", solutions("01_ngrams"))
    hand_in(folder, "bob/other", variants("01_ngrams", 0))
    write_assignment(ASSIGNMENT, tmp_path / "week7.assignment.toml")
    args = ("similar", folder, "--out", tmp_path / "s.html")
    call(*args, "--assignment", tmp_path / "week7.assignment.toml")
    assert "1 of 1 pairs" in capsys.readouterr().out
    page = (tmp_path / "s.html").read_text("utf-8")
    assert "100%" in page
    assert "def add_k_probs" not in page


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("feedback", "none.db", "--out", "out"), "none.db"),
        (("report", "none.db"), "none.db"),
        (("similar", "nowhere"), "nowhere"),
        (("similar", ".", "--limit", "2"), "less than or equal to 1"),
        (("report", "none.db", "--lang", "tlh"), "there is no edition in 'tlh'; there are: en"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(args, message, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CourseError, match=message) as caught:
        call(*args)
    assert "\n" not in str(caught.value)


def test_the_language_is_that_of_the_page(book: Path, tmp_path: Path, monkeypatch):
    catalogue = tmp_path / "xx" / "LC_MESSAGES"
    catalogue.mkdir(parents=True)
    (catalogue / "course_lib.mo").touch()
    monkeypatch.setattr("course_lib.cli.reports.LOCALE_DIR", tmp_path)
    monkeypatch.setenv("COURSE_LANG", "en")  # and back again afterwards
    call("report", book, "--out", tmp_path / "r.html", "--lang", "xx")
    assert '<html lang="xx">' in (tmp_path / "r.html").read_text("utf-8")
