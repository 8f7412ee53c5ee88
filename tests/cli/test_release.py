"""`course exercises release`, as an instructor types it."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course_lib import bootstrap
from course_lib.classroom.marking.assignment import read_assignment
from course_lib.classroom.release.ai_policy import policy
from course_lib.classroom.release.instructions import Terms
from course_lib.cli.classroom import exercises_app
from course_lib.cli.release import terms_of
from course_lib.errors import CourseError
from tests.classroom.release.catalogues import install_catalogue

ASK = "Whoever gave you this assignment can tell you how to install it."


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Which requirement sets were asked for; nothing is installed and nothing starts again."""
    calls: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(bootstrap, "ensure", lambda needs, args: calls.append((needs, args)))
    return calls


def release(*args: object):
    return CliRunner().invoke(exercises_app, ["release", *map(str, args)])


def error(*args: object) -> str:
    """The one line of what the user did wrong."""
    caught = release(*args).exception
    assert isinstance(caught, CourseError), caught
    assert "\n" not in str(caught)
    return str(caught)


def test_a_lecture_by_its_number(tmp_path: Path, asked: list):
    result = release("00", "--out", tmp_path, "--due", "Friday noon", "--zip")
    assert result.exit_code == 0, result.output
    assert result.output.strip().endswith("00_welcome: 3 exercises, 6 points, about 20 min")
    assert {path.name for path in tmp_path.iterdir()} == {
        "00_welcome",
        "00_welcome.assignment.toml",
        "00_welcome.zip",
    }
    assert "**Due: Friday noon**" in (tmp_path / "00_welcome" / "INSTRUCTIONS.md").read_text(
        "utf-8"
    )
    assert asked == [("grading", sys.argv[1:])]


def test_two_lectures_and_some_of_their_exercises(tmp_path: Path):
    options = ["--exercises", " mean_bits,add_k_probs ", "--name", "week-1", "--lang", "en"]
    result = release("00_welcome", "01", "--out", tmp_path, *options)
    assert result.exit_code == 0, result.output
    names = {path.name for path in (tmp_path / "week-1").iterdir()}
    assert names == {"00_welcome.ipynb", "01_ngrams.ipynb", "INSTRUCTIONS.md"}
    assignment = read_assignment(tmp_path / "week-1.assignment.toml")
    assert assignment.exercises == ("mean_bits", "add_k_probs")


def test_exercises_without_their_lectures_in_teaching_order(tmp_path: Path):
    result = release("--exercises", "add_k_probs,mean_bits", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assignment = read_assignment(tmp_path / "exercises-00-01.assignment.toml")
    assert assignment.exercises == ("mean_bits", "add_k_probs")


def test_how_to_install_and_the_policy_are_the_instructors(tmp_path: Path):
    (tmp_path / "rule.md").write_text("Bring a pencil.", "utf-8")
    options = ["--install", "%pip install\n  the-course", "--ai-policy", tmp_path / "rule.md"]
    assert release("--exercises", "mean_bits", "--out", tmp_path, *options).exit_code == 0
    folder = tmp_path / "00_welcome"
    assert "Bring a pencil." in (folder / "INSTRUCTIONS.md").read_text("utf-8")
    for name in ("INSTRUCTIONS.md", "00_welcome.ipynb"):
        assert "%pip install the-course" in (folder / name).read_text("utf-8")


def test_no_package_is_named_that_nobody_vouches_for(tmp_path: Path):
    """An unclaimed name in a registry could be anybody's: without --install none is suggested."""
    assert release("00", "--out", tmp_path).exit_code == 0
    for path in (tmp_path / "00_welcome").iterdir():
        assert "pip install" not in path.read_text("utf-8")


def test_a_task_that_speaks_of_another_is_noted(tmp_path: Path):
    result = release("--exercises", "learn_bpe", "--out", tmp_path)
    assert "note: the task of learn_bpe speaks of merge_pair" in result.stderr
    assert "note" not in result.stdout


def test_into_an_nbgrader_course(tmp_path: Path):
    result = release("--exercises", "mean_bits", "--course-dir", tmp_path, "--name", "week")
    assert result.exit_code == 0, result.output
    for step in ("source", "release"):
        assert (tmp_path / step / "week" / "00_welcome.ipynb").exists()
    assert "week is there already" in error("00", "--course-dir", tmp_path, "--name", "week")
    assert release("00", "--course-dir", tmp_path, "--name", "week", "--force").exit_code == 0


def test_the_terms_are_in_the_students_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    entries = {policy("open"): "使ってよい。", ASK: "先生に聞いてください。"}
    install_catalogue(tmp_path, monkeypatch, entries)
    japanese = Terms("使ってよい。", "先生に聞いてください。", "金曜日")
    assert terms_of("open", "", "金曜日", "ja") == japanese
    assert terms_of("open", "", "", "en") == Terms(policy("open"), ASK)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "which? name lectures"),
        (["--exercises", ","], "which? name lectures"),
        (["16"], "lecture 16 has no exercises; did you mean"),
        (["7_transformer"], "did you mean 07_transformer"),
        (["00", "--exercises", "mean_bit"], "no exercise is called mean_bit; did you mean mean_b"),
        (["00", "--exercises", "attend"], "attend belongs to lecture 07_transformer"),
        (["00", "--name", "a/b"], "'a/b' cannot name an assignment"),
        (["00", "--ai-policy", "sometimes"], "'sometimes' is no AI policy"),
        (["00", "--lang", "ja"], "no exercises in the language 'ja' yet; there are: en"),
        (["00", "--lang", "../en"], "no exercises in the language '../en' yet"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing(tmp_path: Path, args: list[str], message: str):
    assert message in error(*args, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_where_to_is_asked():
    assert "--out FOLDER or, for nbgrader, --course-dir FOLDER" in error("00")


def test_what_is_there_stays_unless_forced(tmp_path: Path):
    assert release("00", "--out", tmp_path).exit_code == 0
    assert "is there already; choose another --name" in error("00", "--out", tmp_path)
    assert release("00", "--out", tmp_path, "--force").exit_code == 0


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert "cannot write to" in error("00", "--out", tmp_path / "file")
