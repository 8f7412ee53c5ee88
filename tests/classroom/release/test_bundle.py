"""The bundle: everything that belongs in it, the same bytes each time, all or nothing."""

import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from course_lib.classroom.marking.assignment import read_assignment
from course_lib.classroom.registry import all_exercises
from course_lib.classroom.release import bundle, nbgrader_tool
from course_lib.classroom.release.bundle import gather, release
from course_lib.classroom.release.instructions import Terms
from course_lib.classroom.release.sources import solution_name
from course_lib.errors import CourseError

from .released import LECTURES, code, filled_in, material, material_of_lectures, original, read, run


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All lectures in one bundle."""
    made = material_of_lectures(*LECTURES, name="everything")
    return release(made, tmp_path_factory.mktemp("out"), zipped=True)


def contents(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_there_is_a_notebook_for_each_lecture_and_one_page_to_read(everything: Path):
    wanted = {"INSTRUCTIONS.md", *(f"{lecture}.ipynb" for lecture in LECTURES)}
    assert {path.name for path in everything.iterdir()} == wanted


def test_the_instructors_file_lies_beside_it(everything: Path):
    assignment = read_assignment(everything.with_name("everything.assignment.toml"))
    assert assignment.exercises == tuple(record.name for record in all_exercises())


@pytest.mark.parametrize("lecture", LECTURES)
def test_a_released_notebook_is_valid_and_nbgrader_can_read_it(everything: Path, lecture: str):
    notebook = read(everything / f"{lecture}.ipynb")
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    MetadataValidator().validate_nb(notebook)
    assert all("nbgrader" in cell.metadata for cell in notebook.cells if cell.cell_type == "code")


@pytest.mark.parametrize("lecture", LECTURES)
def test_every_answer_is_a_stub_and_filled_in_it_is_right(everything: Path, lecture: str):
    notebook = read(everything / f"{lecture}.ipynb")
    names = [record.name for record in all_exercises() if record.lecture == lecture]
    _names, printed = run(code(notebook))
    assert printed.count("Not written yet") == len(names)
    _names, printed = run(code(filled_in(notebook, lecture)))
    assert [f"✓ {name}:" in printed for name in names] == [True] * len(names)


@pytest.mark.parametrize("lecture", LECTURES)
def test_nothing_points_out_of_the_folder(everything: Path, lecture: str):
    text = (everything / f"{lecture}.ipynb").read_text("utf-8")
    assert "](.." not in text
    assert ".ipynb)" not in text


@pytest.mark.parametrize("lecture", LECTURES)
def test_each_exercise_can_be_released_alone(tmp_path: Path, lecture: str):
    every = [record.name for record in all_exercises() if record.lecture == lecture]
    for name in every:
        folder = release(material(name, name=name), tmp_path)
        notebook = read(folder / f"{lecture}.ipynb")
        assert [solution_name(c) for c in notebook.cells if solution_name(c)] == [name]
        code_cells = code(notebook)
        assert len(code_cells) == 3  # setup, answer, check
        printed = run(code_cells)[1]
        assert printed.count("Not written yet") == 1
        for other in set(every) - {name}:  # no task is left without its answer
            assert f"check({other})" not in "".join(code_cells)
            assert not any(f"\n`{other}` · " in cell.source for cell in notebook.cells)


def test_the_same_bytes_twice(tmp_path: Path):
    for folder in ("a", "b"):
        release(material("attend", "learn_bpe"), tmp_path / folder, zipped=True)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert len(contents(tmp_path / "a")) == 5


def test_the_archive_holds_the_folder(everything: Path):
    with zipfile.ZipFile(everything.with_name("everything.zip")) as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    assert packed == {f"everything/{k}": v for k, v in contents(everything).items()}


def test_what_is_there_stays_unless_forced(tmp_path: Path):
    release(material("attend"), tmp_path)
    before = contents(tmp_path)
    with pytest.raises(CourseError, match=r"week is there already; .*--force"):
        release(material("look_mask"), tmp_path)
    assert contents(tmp_path) == before
    release(material("look_mask"), tmp_path, force=True)
    after = contents(tmp_path)
    assert after.keys() == before.keys()
    assert b"look_mask" in after["week.assignment.toml"]
    assert b"look_mask" in after["week/07_transformer.ipynb"]


def test_no_archive_of_an_older_bundle_is_left(tmp_path: Path):
    release(material("attend"), tmp_path, zipped=True)
    release(material("look_mask"), tmp_path, force=True)
    assert {path.name for path in tmp_path.iterdir()} == {"week", "week.assignment.toml"}


def test_the_instructors_file_alone_is_not_overwritten_either(tmp_path: Path):
    (tmp_path / "week.assignment.toml").write_text("mine")
    with pytest.raises(CourseError, match=r"week\.assignment\.toml is there already"):
        release(material("attend"), tmp_path)
    assert contents(tmp_path) == {"week.assignment.toml": b"mine"}


@pytest.mark.parametrize("step", ["generate", "refuse_leaks", "write_assignment", "write_zip"])
def test_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str):
    release(material("attend"), tmp_path, zipped=True)
    before = contents(tmp_path)

    def broken(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nbgrader_tool if step == "generate" else bundle, step, broken)
    with pytest.raises(CourseError, match=r"cannot write to .*: No space left"):
        release(material("look_mask"), tmp_path, zipped=True, force=True)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("fails_at", "zipped"), [*((n, True) for n in range(1, 7)), (4, False), (5, False)]
)
def test_a_disk_that_fails_while_moving_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int, zipped: bool
):
    release(material("attend"), tmp_path, zipped=True)
    before = contents(tmp_path)
    rename, calls = Path.rename, []

    def failing(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == fails_at:
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(bundle.Path, "rename", failing)
    with pytest.raises(CourseError, match="Input/output error"):
        release(material("look_mask"), tmp_path, zipped, force=True)
    monkeypatch.undo()
    assert contents(tmp_path) == before


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match=r"cannot write to .*file"):
        release(material("attend"), tmp_path / "file")


def test_what_a_task_speaks_of_and_is_not_handed_out_is_told():
    assert material("learn_bpe", "kl_by_temperature").missing == {
        "learn_bpe": ["merge_pair"],
        "kl_by_temperature": ["heated_probs"],
    }
    assert material("learn_bpe", "merge_pair").missing == {}


def test_what_nbgrader_refuses_is_one_line(tmp_path: Path):
    made = material("attend")
    cell = next(c for c in made.sources["07_transformer"].cells if solution_name(c) == "attend")
    cell.source = cell.source.replace("### END SOLUTION", "")
    with pytest.raises(CourseError, match=r"nbgrader cannot release week: .*no end solution"):
        release(made, tmp_path)
    assert contents(tmp_path) == {}


def test_nothing_of_the_source_changes():
    before = original("07_transformer")
    made = gather(material("attend").assignment, Terms(policy="", install=""))
    assert original("07_transformer") == before
    assert len(made.sources["07_transformer"].cells) < len(before.cells)
