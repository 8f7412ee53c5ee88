import nbformat
import pytest
from typer.testing import CliRunner

from course_lib.cli.classroom import exercises_app
from course_lib.storage import PROJECT

SOLVED = PROJECT / "notebooks" / "exercises" / "01_ngrams" / "01_ngrams.ipynb"

HALF_DONE = """\
def chain_rule_log_prob(conditionals):
    return sum(math.log(p) for p in conditionals)

def text_perplexity(log_probs):
    raise NotImplementedError

def add_k_probs(context, counts, vocab, k):
    return {word: k for word in vocab}

def kneser_ney_prob(word, previous, bigrams, discount):
    while True:
        pass
"""


def invoke(*args: object):
    return CliRunner().invoke(exercises_app, [str(arg) for arg in args])


def notebook(folder, *cells: str):
    path = folder / "mine.ipynb"
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    # The notebook's own checks are not needed, and may be anything by now: they are not run.
    spoiling = nbformat.v4.new_code_cell("del chain_rule_log_prob")
    spoiling.metadata["nbgrader"] = {"grade": True, "grade_id": "x", "schema_version": 3}
    content.cells.append(spoiling)
    nbformat.write(content, path)
    return path


def test_the_list_shows_every_exercise():
    result = invoke("list")
    assert result.exit_code == 0
    assert "kneser_ney_prob" in result.output
    assert "★★★" in result.output


def test_a_solved_notebook_gets_all_points():
    result = invoke("check", SOLVED)
    assert result.exit_code == 0, result.output
    assert "6 of 6 exercises pass, 22 of 22 points" in result.output


def test_a_half_done_notebook_is_answered_exercise_by_exercise(tmp_path):
    path = notebook(tmp_path, "import math", "1 / 0", "print('hello')", HALF_DONE)
    result = invoke("check", path, "--seconds", 3)
    assert result.exit_code == 1
    right, stub, wrong, endless, *missing = (
        line for line in result.output.splitlines() if line[0] in "✓✗"
    )
    assert right == "✓ chain_rule_log_prob: 4 / 4. Well done!"
    assert "Not written yet" in stub
    assert "add_k_probs, case 1 of 4: The probabilities sum to" in wrong
    assert endless == "✗ kneser_ney_prob: stopped after 3 seconds; does a loop never end?"
    assert missing == [
        "✗ sample_next: not in the notebook, or its cell did not run",
        "✗ bits_by_order: not in the notebook, or its cell did not run",
    ]
    assert "1 of 6 exercises pass, 2 of 22 points" in result.output


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["x = 1"], "defines no function that is an exercise"),
        (["def sample_next(p, u): pass", "import os; os._exit(1)"], "kernel died"),
    ],
)
def test_what_cannot_be_checked_is_one_clear_line(tmp_path, cells, message):
    error = invoke("check", notebook(tmp_path, *cells)).exception
    assert message in str(error)
    assert type(error).__name__ == "CourseError"


def test_a_file_that_is_no_notebook_is_one_clear_line(tmp_path):
    (tmp_path / "mine.ipynb").write_text("hello")
    for name in ("mine.ipynb", "none.ipynb"):
        assert type(invoke("check", tmp_path / name).exception).__name__ == "CourseError"
