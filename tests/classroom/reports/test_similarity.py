"""Planted copies are listed, independent answers are not; and no submission can do harm."""

import os
import tracemalloc

import nbformat
import pytest

from course_lib.classroom.marking.submissions import find_submissions
from course_lib.classroom.registry import LECTURES, all_exercises
from course_lib.classroom.reports.likeness import FLOOR, Pair, compare_all
from course_lib.classroom.reports.similarity import compare_submissions, groups
from course_lib.classroom.reports.submitted_code import (
    MOST_CHARACTERS,
    SubmittedCode,
    given_code,
    read_code,
    shared_part,
    summed_up,
)
from course_lib.classroom.reports.winnowing import SURE

from . import copies
from .copies import hand_in, solutions, variants
from .markup import stands_alone, texts_of

WITH_EXERCISES = sorted({exercise.lecture for exercise in all_exercises()})
DISGUISES = {
    "none": lambda s: s,
    "names": copies.rename,
    "comments": copies.comments_changed,
    "prints": copies.prints_added,
    "loops": copies.loops_rewritten,
    "idle statements": copies.statements_inserted,
    "names and loops": lambda s: copies.loops_rewritten(copies.rename(s)),
}


def likeness(*submissions: list[str]) -> dict[tuple[int, int], float]:
    codes = [summed_up(SubmittedCode("", tuple(cells))).fingerprints for cells in submissions]
    return {(p.first, p.second): p.likeness for p in compare_all(codes, limit=1e-6).pairs}


@pytest.mark.parametrize("lecture", WITH_EXERCISES)
def test_independent_right_answers_are_not_listed(lecture):
    found = likeness(solutions(lecture), variants(lecture, 0), variants(lecture, 1))
    assert max(found.values(), default=0) < FLOOR


@pytest.mark.parametrize("disguise", DISGUISES)
# Lecture 00 has three exercises of one line: too little to compare.
@pytest.mark.parametrize("lecture", WITH_EXERCISES[1:])
def test_a_copy_is_listed_whatever_is_changed_and_in_any_order(lecture, disguise):
    original = solutions(lecture)
    copy = [DISGUISES[disguise](source) for source in reversed(original)]
    found = likeness(original, variants(lecture, 0), variants(lecture, 1), copy)
    assert found[0, 3] == max(found.values())
    assert found[0, 3] >= FLOOR


def test_one_line_answers_are_not_compared():
    codes = [summed_up(SubmittedCode("", tuple(solutions(LECTURES[0])))).fingerprints] * 2
    assert compare_all(codes).compared == []


def test_what_the_task_gives_is_not_shared_work():
    stubs = [
        "\n".join(source.splitlines()[:1]) + '\n    """Doc."""\n    raise NotImplementedError()'
        for source in solutions("07_transformer")
    ]
    assert likeness(stubs, stubs) == {}


def test_code_of_the_exercise_notebooks_counts_as_given(monkeypatch, tmp_path):
    given = "given = [f(x) for x in range(10) if x not in known and g(x).mean() > 0]"
    own = nbformat.v4.new_code_cell(given)
    prose = nbformat.v4.new_markdown_cell(f"Now try this:\n\n```python\n{given}\n```")
    answer = nbformat.v4.new_code_cell(given, metadata={"nbgrader": {"solution": True}})
    for name, cell in {"own": own, "prose": prose, "answer": answer}.items():
        folder = tmp_path / name / "notebooks" / "exercises" / "01"
        folder.mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "01.ipynb")
    code = summed_up(SubmittedCode("", (given,))).fingerprints
    for name, counts in {"own": True, "prose": True, "answer": False, "nothing": False}.items():
        monkeypatch.setattr("course_lib.classroom.reports.submitted_code.PROJECT", tmp_path / name)
        assert (code <= given_code()) == counts


def test_the_page_shows_both_codes_with_the_shared_parts_marked(tmp_path):
    original = solutions("07_transformer")
    hand_in(tmp_path / "in", "ann", original)
    hand_in(tmp_path / "in", "山田", [copies.rename(source) for source in original])
    hand_in(tmp_path / "in", "bob", variants("07_transformer", 0))
    hand_in(tmp_path / "in", "cyd", variants("07_transformer", 1))
    found = compare_submissions(find_submissions(tmp_path / "in"), tmp_path / "out.html")
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 3)]
    html = (tmp_path / "out.html").read_text("utf-8")
    stands_alone(html)
    shown = texts_of(html)
    assert "ann · 山田" in "".join(shown["summary"])
    assert "my_serocs = my_q @ my_k.T" in "".join(shown["mark"])
    assert "scores = q @ k.T" in "".join(shown["mark"])
    assert "bob" not in "".join(shown["summary"])
    assert "4 of 4 submissions" in html
    assert "Likeness is not proof" in html


def test_what_is_marked_is_what_both_have():
    same = "total = sum(x * y for x, y in zip(a, b)) / (len(a) + 1) - min(a)"
    one = SubmittedCode("", ("first = 1", f"{same}\nwhile True: <pass>"))
    other = SubmittedCode("", (f"if a < 0: raise\n{same.replace('total', 'n')}\nx &= 1",))
    both = one.all_hashes() & other.all_hashes()
    part = shared_part(one, both)
    assert part.html == f"first = 1\n\n<mark>{same}</mark>\nwhile True: &lt;pass&gt;"
    assert part.n_tokens == part.longest + 3 + 6
    assert part.n_shared == part.longest == shared_part(other, both).longest


def test_groups_are_what_pairs_link():
    pairs = [Pair(0.9, 1, 5), Pair(0.8, 2, 3), Pair(0.7, 5, 7), Pair(0.6, 7, 1), Pair(0.5, 8, 9)]
    assert groups(pairs) == [[1, 5, 7]]
    assert groups([*pairs, Pair(0.5, 3, 9), Pair(0.4, 0, 9)]) == [[0, 2, 3, 8, 9], [1, 5, 7]]


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither such names nor pipes")
def test_hostile_submissions_harm_nobody(tmp_path):
    folder = tmp_path / "in"
    code = solutions("07_transformer")
    hostile = "</pre><script>alert('x')</script><img src=x onerror=y>"
    for student in ("<script>one", "<b>two\x85"):
        hand_in(folder, student, [*code, f'x = "{hostile}" + y\n# {hostile}'])
    for name, cells in {
        "huge": ["x = [" + "1," * 300_000 + "]"],
        "deep": ["(" * 40_000],
        "null": ["\0" * 1000],
        "broken": ["def f(:\n  '''"],
        "none": [],
    }.items():
        hand_in(folder, name, cells)
    (folder / "text").mkdir()
    (folder / "text" / "a.ipynb").write_text("{" * 100_000)
    (folder / "away").mkdir()
    (folder / "away" / "a.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(folder / "away" / "b.ipynb")
    (folder / "bytes").mkdir()
    (folder / "bytes" / "a.ipynb").write_bytes(b"\xff\xfe\x00")
    found = compare_submissions(find_submissions(folder), tmp_path / "out.html")
    assert len(found.pairs) == 1
    html = (tmp_path / "out.html").read_text("utf-8")
    stands_alone(html)
    assert hostile not in html
    assert "root:" not in html
    assert any("<script>one" in text for text in texts_of(html)["summary"])
    for name in ("away", "bytes", "text"):
        assert f"<li><bdi>{name}</bdi>: " in html
    assert "only the beginning was compared: <bdi>huge</bdi>" in html


def test_a_submission_counts_up_to_so_many_characters(tmp_path):
    hand_in(tmp_path, "long", ["a = 1\n" * 10_000, "b = 2\n" * 10_000, "c"])
    hand_in(tmp_path, "short", ["a = 1\n"])
    long, short = map(read_code, find_submissions(tmp_path))
    assert sum(map(len, long.cells)) == MOST_CHARACTERS
    assert (long.shortened, short.shortened) == (True, False)


def test_short_pieces_are_counted():
    code = SubmittedCode("", ("def f(x):\n    return x", "\n".join(["a = b + c"] * SURE)))
    assert summed_up(code).n_short == 1


def test_nothing_of_a_submission_is_run(tmp_path):
    spy = tmp_path / "spy"
    line = f"open({str(spy)!r}, 'w')"
    hand_in(tmp_path / "in", "ann", [line, f"!touch {spy}", *solutions("01_ngrams")])
    hand_in(tmp_path / "in", "bob", [line, *solutions("01_ngrams")])
    compare_submissions(find_submissions(tmp_path / "in"), tmp_path / "out.html")
    assert not spy.exists()


def test_no_tokens_are_kept_of_what_was_read():
    lines = [f"v = f(a, {i}) {'+-*/'[i % 4]} b.c{i}" for i in range(500)]
    codes = [SubmittedCode(f"student {i}", ("\n".join(lines),)) for i in range(4)]
    tracemalloc.start()
    found = [summed_up(code) for code in codes]
    kept = tracemalloc.get_traced_memory()[0] / len(codes)
    tracemalloc.stop()
    assert min(len(summary.fingerprints) for summary in found) > 1000
    assert kept < 300_000  # bytes; 6,000 tokens as Python objects are a megabyte
