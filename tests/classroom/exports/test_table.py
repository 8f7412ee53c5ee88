"""Tables go to a file and come back, in any form a platform uses, and no cell is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.classroom.exports.table import Table, harmless, number, read_table, write_table
from course_lib.errors import CourseError

NAMES = ("安藤 花", "Zoë, B.", 'said "hi"', "two\nlines", "a;b\tc", "", " blank ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_comes_back_as_it_was(tmp_path, delimiter, encoding):
    table = Table(("Student", "学籍番号"), tuple((n, "x1") for n in NAMES), delimiter, encoding)
    write_table(table, tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv") == table


def test_the_bytes_begin_as_the_reader_expects(tmp_path):
    first = {}
    for encoding in ("utf-8", "utf-8-sig", "utf-16-le"):
        write_table(Table(("é",), (), encoding=encoding), tmp_path / "t")
        first[encoding] = (tmp_path / "t").read_bytes()
    assert first == {
        "utf-8": b"\xc3\xa9\r\n",
        "utf-8-sig": b"\xef\xbb\xbf\xc3\xa9\r\n",
        "utf-16-le": b"\xff\xfe\xe9\x00\r\x00\n\x00",
    }


def test_a_table_of_another_machine_is_read(tmp_path):
    text = 'Name;Email;Grade\r"Lee; Ann";ann@x.org\r\r\n;;\nBob;bob@x.org;3;extra\n'
    (tmp_path / "t.csv").write_bytes(b"\xfe\xff" + text.encode("utf-16-be"))
    table = read_table(tmp_path / "t.csv")
    assert table.rows == (("Lee; Ann", "ann@x.org", ""), ("Bob", "bob@x.org", "3"))
    assert table.column("EMAIL", "e-mail") == 1
    assert table.column("login") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n,,\n", "is empty"),
        ("名前\n安藤\n".encode("cp932"), "neither UTF-8 nor UTF-16 text"),
        (b"a,b\n" + b'"' + b"x" * 200_000 + b'"\n', "is not a table"),
        (None, "cannot read"),
    ],
)
def test_what_is_no_table_is_one_line(tmp_path, content, message):
    path = tmp_path / "t.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CourseError, match=message) as error:
        read_table(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "=cmd|' /C calc'!A0", "+A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1"),
        *("＝1＋1", "＋A1", "－1＋A1", "＠SUM(A1)", "-A1", "+81 90", "=", "@"),
    ],
)
def test_a_formula_becomes_text(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell", ["", "-", "-1", "+3.5", "-0,5", "12", "a=b", "Ann -", "'=1", "安藤"]
)
def test_other_cells_stay_as_they_are(cell):
    assert harmless(cell) == cell


@given(st.lists(st.text(st.sampled_from("=+-@\t\r\n ,;\"'＝１1a安"), max_size=6), min_size=1))
def test_no_cell_of_a_written_file_starts_a_formula(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    write_table(Table(("h", *cells), ()), path)
    (row,) = csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))
    for cell, written in zip(cells, row[1:], strict=True):
        assert written in (cell, "'" + cell)
        if written.strip()[:1] in tuple("=+-@＝＋－＠") or written[:1] in tuple("\t\r\n"):
            assert written[0] in "+-"
            assert set(written[1:]) <= set("1,")  # a number, of which this alphabet has few


@pytest.mark.parametrize(
    ("points", "shown"),
    [(0, "0"), (4.0, "4"), (2.5, "2.5"), (10 / 3, "3.33"), (100, "100"), (0.001, "0"), (20, "20")],
)
def test_points_have_at_most_two_decimals(points, shown):
    assert number(points) == shown
