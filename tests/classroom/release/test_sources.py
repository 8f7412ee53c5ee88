"""A selection of exercises is clean, links stay at home, and `check` may be missing."""

import re

import nbformat
import pytest

from course_lib.classroom.registry import all_exercises
from course_lib.classroom.release.sources import IMPORT, prepared, solution_name

from .released import LECTURES, code, filled_in, original, run


@pytest.mark.parametrize("lecture", LECTURES)
def test_all_exercises_of_a_lecture_are_the_whole_notebook(lecture: str):
    source = original(lecture)
    names = [solution_name(cell) for cell in source.cells if solution_name(cell)]
    whole = prepared(source, names, "")
    assert [cell.id for cell in whole.cells] == [cell.id for cell in source.cells]
    assert [c.metadata for c in whole.cells] == [c.metadata for c in source.cells]


@pytest.mark.parametrize("lecture", LECTURES)
def test_the_last_exercise_alone_has_opening_setup_and_its_own_cells(lecture: str):
    source = original(lecture)
    names = [solution_name(cell) for cell in source.cells if solution_name(cell)]
    part = prepared(source, names[-1:], "")
    opening, last = (
        source.cells[:2],
        source.cells.index(next(cell for cell in source.cells if solution_name(cell) == names[-1])),
    )
    wanted = [*opening, *source.cells[last - 1 : last + 3]]
    assert [cell.id for cell in part.cells[:6]] == [cell.id for cell in wanted]
    for cell in (part.cells[0], *part.cells[6:]):  # nothing speaks of what is not there
        assert not [name for name in names[:-1] if re.search(rf"\b{name}\b", cell.source)]


def test_the_opening_shows_hints_of_an_exercise_that_is_there():
    opening = prepared(original("01_ngrams"), ["sample_next"], "").cells[0].source
    assert "`hint(sample_next, 3)`" in opening
    assert "add_k_probs" not in opening


def test_what_closes_the_notebook_stays_if_all_that_it_speaks_of_is_there():
    source = original("01_ngrams")
    assert prepared(source, ["bits_by_order"], "").cells[-1].id == source.cells[-1].id
    assert prepared(source, ["sample_next"], "").cells[-1].id != source.cells[-1].id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see [lecture 07](../../07_transformer.ipynb).", "see lecture 07."),
        ("[a](b.md), [c](/d/e)", "a, c"),
        ("[paper](https://arxiv.org/abs/1706.03762)", "[paper](https://arxiv.org/abs/1706.03762)"),
        ("[above](#setup)", "[above](#setup)"),
        ("![bank](attachment:a.png)", "![bank](attachment:a.png)"),
        ("`x[0](y)` is [here](z.ipynb)", "`x[0](y)` is here"),
        ("$f[i](x)$", "$f[i](x)$"),
    ],
)
def test_links_to_files_become_plain_text(text: str, expected: str):
    source = original("07_transformer")
    source.cells[0].source = text
    names = [solution_name(cell) for cell in source.cells if solution_name(cell)]
    assert prepared(source, names, "").cells[0].source == expected


@pytest.mark.parametrize("lecture", LECTURES)
def test_the_way_to_check_is_in_the_first_code_cell_only(lecture: str):
    names = [record.name for record in all_exercises() if record.lecture == lecture]
    first, *others = code(prepared(original(lecture), names, "Do this."))
    assert first.count(IMPORT) == 1
    assert "except ModuleNotFoundError" in first
    assert "Do this." in first
    assert not any("course_lib" in source for source in others)


def without_the_package(source: str) -> str:
    return source.replace("from course_lib.", "from not_installed_here.")


@pytest.mark.parametrize("lecture", ["00_welcome", "07_transformer"])
def test_without_the_package_all_runs_and_says_so_once(lecture: str):
    names = [record.name for record in all_exercises() if record.lecture == lecture]
    install = "Try: %pip install 'the \"course\"' {now} \\ %s"
    ready = filled_in(prepared(original(lecture), names, install), lecture)
    cells = [without_the_package(source) for source in code(ready)]
    hints = [f"hint({names[0]})", f"hint({names[0]}, 2)", f"hint('{names[0]}', level=3)"]
    defined, printed = run([*without_hidden(cells), *hints])
    first, *others = printed.splitlines()
    assert first.startswith("course_lib is not installed here")
    assert first.endswith(install)
    assert others[: len(names)] == [
        f"{name} was not checked: course_lib is not installed" for name in names
    ]
    assert len(others) == len(names) + len(hints)
    assert all(callable(defined[name]) for name in names)


def without_hidden(cells: list[str]) -> list[str]:
    return [cell.partition("### BEGIN HIDDEN")[0] for cell in cells]


def test_another_error_of_the_package_is_not_swallowed():
    cell = prepared(original("00_welcome"), ["count_words"], "").cells[1].source
    broken = cell.replace(IMPORT, "import json; json.nothing")
    with pytest.raises(AttributeError):
        run([broken])


def test_a_prepared_notebook_is_valid():
    ready = prepared(original("04_tokenization"), ["learn_bpe"], "x")
    nbformat.validate(ready)
