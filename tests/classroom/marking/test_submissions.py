"""What lies in a folder of submissions, however it got there."""

import json
import os
import threading
from pathlib import Path

import pytest

from course_lib.classroom.marking.submissions import (
    MOST_BYTES,
    NotebookError,
    code_cells,
    find_submissions,
    read_file,
    take,
)
from course_lib.errors import CourseError

from .notebooks import saved


def lay(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(saved(["x = 1"]))


def found(folder: Path, assignment: str = "") -> dict[str, list[str]]:
    submissions = find_submissions(folder, assignment)
    return {s.student: [p.relative_to(folder).as_posix() for p in s.paths] for s in submissions}


def test_a_folder_or_a_notebook_for_each_student(tmp_path: Path):
    lay(tmp_path, "ann/07.ipynb", "ann/08.ipynb", "bob.ipynb", "花子/課題/解答.ipynb")
    (tmp_path / "cy").mkdir()
    (tmp_path / "notes.txt").write_text("not a submission")
    assert found(tmp_path) == {
        "ann": ["ann/07.ipynb", "ann/08.ipynb"],
        "bob": ["bob.ipynb"],
        "cy": [],
        "花子": ["花子/課題/解答.ipynb"],
    }


def test_only_the_assignments_folder_counts_where_there_is_one(tmp_path: Path):
    lay(tmp_path, "ann/week1/07.ipynb", "ann/week2/08.ipynb", "bob/07.ipynb")
    assert found(tmp_path, "week1") == {"ann": ["ann/week1/07.ipynb"], "bob": ["bob/07.ipynb"]}


def test_what_front_ends_leave_behind_is_no_submission(tmp_path: Path):
    lay(tmp_path, "ann/.ipynb_checkpoints/07-checkpoint.ipynb", "ann/07.ipynb", ".trash/x.ipynb")
    assert found(tmp_path) == {"ann": ["ann/07.ipynb"]}


def test_folders_too_deep_or_linked_are_not_entered(tmp_path: Path):
    lay(tmp_path / "in", "ann/a/b/07.ipynb", "bob/a/b/c/08.ipynb")
    lay(tmp_path / "outside", "secret.ipynb")
    (tmp_path / "in" / "cy").mkdir()
    (tmp_path / "in" / "cy" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "week1").symlink_to(tmp_path / "outside")
    (tmp_path / "in" / "cy" / "week1").symlink_to(tmp_path / "outside")
    assert found(tmp_path / "in", "week1") == {"ann": ["ann/a/b/07.ipynb"], "bob": [], "cy": []}


def test_a_folder_without_submissions_says_so(tmp_path: Path):
    with pytest.raises(CourseError, match="holds no submissions"):
        find_submissions(tmp_path)
    with pytest.raises(CourseError, match="No such file"):
        find_submissions(tmp_path / "nowhere")


def test_two_files_have_one_hash_that_both_change(tmp_path: Path):
    lay(tmp_path, "ann/07.ipynb", "ann/08.ipynb", "bob.ipynb")
    ann, bob = map(take, find_submissions(tmp_path))
    assert (ann.path, bob.path) == ("ann", "bob.ipynb")
    assert ann.sha256 != bob.sha256
    (tmp_path / "ann" / "08.ipynb").write_bytes(saved(["x = 2"]))
    assert take(find_submissions(tmp_path)[0]).sha256 != ann.sha256


def test_links_and_special_files_are_a_problem_and_nobody_waits(tmp_path: Path):
    (tmp_path / "secret").write_bytes(saved(["x = 1"]))
    for student in ("ann", "bob", "cy"):
        (tmp_path / "in" / student).mkdir(parents=True)
    (tmp_path / "in" / "ann" / "07.ipynb").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "in" / "bob" / "07.ipynb")
    taken = []
    reader = threading.Thread(
        target=lambda: taken.extend(map(take, find_submissions(tmp_path / "in"))), daemon=True
    )
    reader.start()
    reader.join(30)
    assert [handed.notebooks for handed in taken] == [(), (), ()]
    problems = [handed.problem for handed in taken]
    assert problems[0].startswith("cannot be read")
    assert problems[1:] == ["not an ordinary file", "no notebook was handed in"]


def test_a_file_that_is_too_big_is_not_read(tmp_path: Path):
    path = tmp_path / "big.ipynb"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(NotebookError, match="larger than 16 MB"):
        read_file(path)


def test_a_name_that_is_not_utf8_can_still_be_stored(tmp_path: Path):
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()
    student = find_submissions(tmp_path)[0].student
    assert student == "caf�"
    assert student.encode()


def test_cells_of_every_front_end_are_the_same():
    cells = ["import torch\nx = 1", "y = '猫'"]
    notebook = json.loads(saved(cells))
    as_lists = [{**c, "source": c["source"].splitlines(True)} for c in notebook["cells"]]
    windows = [{**c, "source": c["source"].replace("\n", "\r\n")} for c in notebook["cells"]]
    for variant in (notebook["cells"], as_lists, windows):
        text = json.dumps({**notebook, "cells": variant}, ensure_ascii=False)
        for content in (
            text.encode(),
            text.encode("utf-8-sig"),
            text.replace("{", "{\r\n").encode(),
        ):
            assert code_cells(content) == cells


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"cells": 3}',
        b'{"cells": [3]}',
        b'{"cells": [{"cell_type": "code"}]}',
        b'{"cells": [{"cell_type": "code", "source": 3}]}',
        b'{"cells": [{"cell_type": "code", "source": [3]}]}',
        b'{"cells": [{"cell_type": "code", "source": null}]}',
        b'{"cells": ' + b"9" * 10_000 + b"}",
        b'{"cells": [' + b'{"cell_type": "code", "source": ""},' * 1000,
    ],
)
def test_what_is_no_notebook_is_a_problem_of_one_line(content: bytes):
    with pytest.raises(NotebookError) as error:
        code_cells(content)
    assert "\n" not in str(error.value)


def test_a_thousand_cells_are_enough():
    assert len(code_cells(saved(["x"] * 1000))) == 1000
    with pytest.raises(NotebookError, match="more than 1000"):
        code_cells(saved(["x"] * 1001))


def test_a_lone_surrogate_in_a_cell_can_be_sent_on():
    content = b'{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}'
    assert code_cells(content) == ["x = '?'"]
