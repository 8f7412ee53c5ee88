import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.errors import CourseError
from course_lib.storage import read_lines, read_text, sha256, writing


def test_line_ends_and_byte_order_mark_do_not_matter(tmp_path: Path):
    path = tmp_path / "a.txt"
    for raw in (b"one\ntwo\n", b"one\r\ntwo\r\n", b"\xef\xbb\xbfone\rtwo", b"one\ntwo"):
        path.write_bytes(raw)
        assert list(read_lines(path)) == ["one", "two"]


def test_an_empty_file_has_no_lines(tmp_path: Path):
    (tmp_path / "a.txt").touch()
    assert list(read_lines(tmp_path / "a.txt")) == []


def test_bad_bytes_are_located(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"fine\nbad \xff byte\n")
    with pytest.raises(CourseError, match="line 2, byte 5 is not UTF-8"):
        read_text(path)


def test_shift_jis_is_read_as_such(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_bytes("川の岸\r\n表".encode("cp932"))  # 表 ends in the byte of a backslash
    assert list(read_lines(path, "cp932")) == ["川の岸", "表"]


@pytest.mark.parametrize("path", ["missing.txt", "."])
def test_what_cannot_be_opened_is_one_line(tmp_path: Path, path: str):
    with pytest.raises(CourseError, match="cannot read") as error:
        read_text(tmp_path / path)
    assert "\n" not in str(error.value)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), writing(path) as file:
        print("half", 1 / 0, file=file)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to set")
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path):
    """A limit on the size of files stands in for the full disk: the write fails in the same way."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from course_lib.storage import writing\n"
        "with writing(sys.argv[1]) as file: file.write('x' * 100_000)\n"
    )
    target = tmp_path / "a.txt"
    done = subprocess.run([sys.executable, "-c", code, target], capture_output=True, text=True)
    assert f"CourseError: cannot write {target}: File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_one_line(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(CourseError, match="cannot write"), writing(tmp_path / "a.txt"):
        pass


def test_a_finished_file_has_ordinary_rights_and_a_known_digest(tmp_path: Path):
    with writing(tmp_path / "deep" / "a.txt") as file:
        file.write("abc")
    path = tmp_path / "deep" / "a.txt"
    assert sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    fresh = tmp_path / "fresh"
    fresh.touch()
    assert path.stat().st_mode == fresh.stat().st_mode


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])))
def test_text_round_trips(tmp_path_factory: pytest.TempPathFactory, text: str):
    path = tmp_path_factory.mktemp("round") / "a.txt"
    with writing(path) as file:
        file.write(text + "\n")
    assert read_text(path) == text.removeprefix("\ufeff")
