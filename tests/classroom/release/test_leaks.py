"""Whatever must stay with the instructor is found wherever it is planted."""

import base64
import html
import inspect
import json
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from nbformat import NotebookNode

from course_lib.classroom.registry import find
from course_lib.classroom.release.bundle import Material, release
from course_lib.classroom.release.leaks import leaks, told
from course_lib.errors import CourseError

from .released import LECTURES, material, material_of_lectures, original, read

NOTEBOOK = "07_transformer.ipynb"
WANTED = {NOTEBOOK, "INSTRUCTIONS.md"}
# From the notebook's answer to `attend`, and the whole of it in other words.
LINE = "    weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=1)"
RENAMED = """\
def mine(a, b, c, may_look):
    '''Other names, same thoughts.'''
    points = a @ b.T / sqrt(a.size(1))
    shares = points.masked_fill(~may_look, -torch.inf).softmax(dim=1)
    return shares @ c
"""
BODY = textwrap.dedent("".join(RENAMED.splitlines(keepends=True)[2:]))
REFERENCE = inspect.getsource(find("attend").reference)
VARIANT = inspect.getsource(find("attend").right_variants[0])


@pytest.fixture(scope="module")
def made() -> Material:
    return material("attend", "look_mask")


@pytest.fixture(scope="module")
def bundle(made: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release(made, tmp_path_factory.mktemp("out"))


@pytest.fixture
def folder(bundle: Path, tmp_path: Path) -> Path:
    """A copy of the bundle, to plant things in."""
    return Path(shutil.copytree(bundle, tmp_path / "week"))


def cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == cell_id)


def plant(folder: Path, change: Callable[[NotebookNode], object]) -> None:
    notebook = read(folder / NOTEBOOK)
    change(notebook)
    nbformat.write(notebook, folder / NOTEBOOK)


def add_to(cell_id: str, text: str) -> Callable[[NotebookNode], None]:
    def change(notebook: NotebookNode) -> None:
        cell(notebook, cell_id).source += f"\n{text}"

    return change


def put_metadata(cell_id: str, **values: object) -> Callable[[NotebookNode], None]:
    return lambda notebook: cell(notebook, cell_id).metadata.update(values)


def picture(text: str) -> dict:
    encoded = base64.b64encode(b"\x89PNG\r\n" + text.encode()).decode()
    return {"attachments": {"a.png": {"image/png": encoded}}}


def in_base64(text: str) -> str:
    return base64.encodebytes(text.encode()).decode()


def commented(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines())


def test_the_bundle_itself_tells_nothing(made: Material, bundle: Path):
    assert list(leaks(bundle, made.sources, made.answers)) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (add_to("attend-task", LINE), "a line of an answer to attend"),
        (add_to("attend-think", f"> {LINE.replace(' ', '')}"), "a line of an answer"),
        (add_to("title", LINE.replace("weights =", "weights\t=  ")), "a line of an answer"),
        (add_to("setup", f"# {LINE}"), "a line of an answer"),
        (add_to("look-mask-check", f"print('''{LINE}''')"), "a line of an answer"),
        (add_to("title", html.escape("size = ids.size(1); return past & (ids != 0)[:, None, :]")),
         "a line of an answer to look_mask"),
        (add_to("title", quote(LINE)), "a line of an answer"),
        (add_to("title", json.dumps(REFERENCE)), "answer to attend"),
        (add_to("title", in_base64(LINE)), "a line of an answer"),
        (add_to("title", LINE.encode().hex()), "a line of an answer"),
        (add_to("setup", RENAMED), "an answer to attend"),
        (add_to("setup", f"%matplotlib inline\n!ls\n{BODY}"), "an answer to attend"),
        (add_to("title", f"So:\n\n```python\n{BODY}```\n"), "an answer to attend"),
        (add_to("setup", commented(RENAMED)), "an answer to attend"),
        (add_to("title", f"So:\n\n```python\n{RENAMED}```\n"), "an answer to attend"),
        (add_to("title", f"~~~\n{RENAMED}~~~"), "an answer to attend"),
        (add_to("attend-task", REFERENCE), "answer to attend"),
        (add_to("attend-task", VARIANT), "answer to attend"),
        (add_to("title", "So `past  =  torch.ones(size, size).tril() == 1`."), "look_mask"),
        (add_to("attend-check", "### BEGIN HIDDEN TESTS"), "marks of a solution or of a hidden"),
        (add_to("attend-check", "#begin   hidden\ttests"), "marks of a solution or of a hidden"),
        (add_to("title", "### E N D - S O L U T I O N"), "marks of a solution"),
        (add_to("attend-check", "assert  check( attend )"), "a hidden test"),
        (add_to("attend-check", "check(attend ,\n seed = 1)"), "a hidden test"),
        (add_to("title", "check(attend, 'spring')"), "a hidden test"),
        (add_to("title", "see /home/ann/course/key.md"), "a path of this machine"),
        (add_to("title", r"see C:\Users\ann\key.md"), "a path of this machine"),
        (put_metadata("attend", note=[LINE, "more"]), "a line of an answer"),
        (put_metadata("attend", note={"deep": [{"x": LINE}]}), "a line of an answer"),
        (put_metadata("attend", **{LINE: 1}), "a line of an answer"),
        (lambda nb: nb.metadata.update(hint=RENAMED.splitlines()), "an answer to attend"),
        (lambda nb: nb.metadata.update(a=[in_base64(LINE)]), "a line of an answer"),
        (lambda nb: cell(nb, "title").update(picture(LINE)), "a line of an answer"),
        (
            lambda nb: cell(nb, "attend").outputs.append(
                nbformat.v4.new_output("stream", text=REFERENCE)
            ),
            "answer to attend",
        ),
        (lambda nb: nb.cells.append(nbformat.v4.new_code_cell(RENAMED)), "an answer to attend"),
        (lambda nb: nb.cells.append(nbformat.v4.new_raw_cell(LINE)), "a line of an answer"),
    ],
)  # fmt: skip
def test_what_tells_an_answer_is_found(made: Material, folder: Path, change, problem: str):
    plant(folder, change)
    found = list(told(folder, WANTED, made.answers))
    assert any(problem in line for line in found), found
    assert all(LINE.strip() not in line for line in found)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda nb: cell(nb, "setup").update(execution_count=3), "a count of its runs"),
        (
            lambda nb: cell(nb, "setup").outputs.append(nbformat.v4.new_output("stream", text="x")),
            "has an output",
        ),
        (lambda nb: nb.metadata.update(authors=[{"name": "Ann"}]), "of its own: authors"),
        (lambda nb: nb.metadata.language_info.update(version="3.11.9"), "of its own: language_"),
        (put_metadata("setup", tags=["mine"]), "cell setup has metadata of its own: tags"),
        (put_metadata("attend", nbgrader={"comment": "easy"}), "metadata of its own: nbgrader"),
        (lambda nb: cell(nb, "title").update(picture("")), "an attachment that the source has not"),
        (lambda nb: nb.cells.append(nbformat.v4.new_markdown_cell("hello")), "cells are not those"),
        (lambda nb: nb.cells.pop(), "cells are not those"),
        (add_to("attend", "    pass"), "something else than the source"),
    ],
)
def test_it_is_the_source_and_nothing_more(made: Material, folder: Path, change, problem: str):
    plant(folder, change)
    found = list(leaks(folder, made.sources, made.answers))
    assert any(problem in line for line in found), found


@pytest.mark.parametrize("name", ["key.md", "data.zip", ".ipynb_checkpoints/07-checkpoint.ipynb"])
def test_no_other_file_is_in_it(made: Material, folder: Path, name: str):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    assert any(
        "does not belong to it" in line for line in leaks(folder, made.sources, made.answers)
    )


def test_the_instructions_are_read_too(made: Material, folder: Path):
    with (folder / "INSTRUCTIONS.md").open("a") as file:
        file.write(VARIANT)
    found = list(leaks(folder, made.sources, made.answers))
    assert found
    assert all(line.startswith("INSTRUCTIONS.md: ") for line in found)


def planted_source(cell_id: str, text: str) -> Material:
    made = material("attend", "look_mask")
    cell(made.sources["07_transformer"], cell_id).source += f"\n{text}"
    return made


@pytest.mark.parametrize(
    ("cell_id", "text", "problem"),
    [
        (
            "attend-task",
            LINE,
            "07_transformer.ipynb: cell attend-task, source: a line of an answer",
        ),
        ("setup", RENAMED, "cell setup, source: an answer to attend"),
        ("attend-check", "# begin  Hidden tests\nx = 1", "cell attend-check, source: marks of"),
        (
            "look-mask-think",
            "Try `check(look_mask, seed=1)`.",
            "look-mask-think, source: a hidden test",
        ),
    ],
)
def test_a_source_that_tells_is_not_released(tmp_path: Path, cell_id, text, problem: str):
    with pytest.raises(CourseError, match=f"nothing was released: .*{problem}") as caught:
        release(planted_source(cell_id, text), tmp_path)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_output_of_the_source_does_not_come_along(tmp_path: Path):
    made = material("attend")
    setup = cell(made.sources["07_transformer"], "setup")
    setup.update(execution_count=7, outputs=[nbformat.v4.new_output("stream", text=RENAMED)])
    released = read(release(made, tmp_path) / NOTEBOOK)
    assert cell(released, "setup").outputs == []
    assert cell(released, "setup").execution_count is None


def test_an_attachment_of_the_source_comes_along_unless_it_tells(tmp_path: Path):
    made = material("attend")
    cell(made.sources["07_transformer"], "title").update(picture("a river"))
    released = read(release(made, tmp_path) / NOTEBOOK)
    assert cell(released, "title").attachments == picture("a river")["attachments"]
    cell(made.sources["07_transformer"], "title").update(picture(LINE))
    with pytest.raises(CourseError, match=r"title, attachments, a\.png, image/png: a line of an"):
        release(made, tmp_path / "other")


def test_metadata_of_an_author_stop_the_release(tmp_path: Path):
    made = material("attend")
    made.sources["07_transformer"].metadata["authors"] = [{"name": "Ann"}]
    with pytest.raises(CourseError, match="the notebook has metadata of its own: authors"):
        release(made, tmp_path)


@pytest.mark.parametrize("lecture", LECTURES)
def test_every_answer_of_every_lecture_would_be_noticed(tmp_path: Path, lecture: str):
    """As it stands in the instructor's notebook, in one cell after the other."""
    made = material_of_lectures(lecture)
    source = original(lecture)
    for solution in source.cells:
        if not solution.metadata.get("nbgrader", {}).get("solution"):
            continue
        name = solution.metadata.nbgrader.grade_id
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell(solution.source.partition("BEGIN SOLUTION")[2])]
        )
        nbformat.write(notebook, tmp_path / f"{lecture}.ipynb")
        found = list(told(tmp_path, {f"{lecture}.ipynb"}, made.answers))
        assert any(f"answer to {name}" in line for line in found), name
