"""Tokens of code: as Python's own tokenizer has them, and the same for what copies change."""

import inspect
import io
import keyword
import tokenize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.classroom import checker, compare, registry
from course_lib.classroom.marking import submissions
from course_lib.classroom.registry import all_exercises
from course_lib.classroom.reports import code_tokens, likeness
from course_lib.classroom.reports.code_tokens import passages, tokens

LENGTH = 200_000
SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
SKIPPED |= {tokenize.ENCODING, tokenize.ENDMARKER}


def texts(*cells: str) -> list[str]:
    return [" ".join(token.text for token in passage) for passage in passages(cells)]


def pythons_own(source: str) -> list[tuple[str, str]]:
    """Kind and text of each token by the standard library; an f-string is one token."""
    found, depth = [], 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        depth += (name == "FSTRING_START") - (name == "FSTRING_END")
        if depth == 0 and token.type not in SKIPPED:
            string = name in ("STRING", "FSTRING_END")
            kind = "s" if string else "0" if name == "NUMBER" else "other"
            found.append((kind, "s" if string else token.string))
    return found


@pytest.mark.parametrize("module", [checker, compare, registry, submissions, code_tokens, likeness])
def test_the_pieces_are_those_of_pythons_own_tokenizer(module):
    source = inspect.getsource(module)
    ours = [token for token in tokens(source) if token.text != "\n"]
    due = pythons_own(source)
    assert len(ours) == len(due)
    for token, (kind, text) in zip(ours, due, strict=True):
        if kind == "other":
            assert source[token.start : token.end] == text
            assert token.text in (text, "n")
        else:
            assert token.text == kind


def test_names_numbers_strings_comments_and_layout_make_no_difference():
    one = 'total = 1 + x  # sum\ny = f(total, "a")\nreturn total.sum(dim=1)'
    other = (
        "s   =  2.5e-3 + b\n\n\n# anything\nz = g(\n    s,\n    r'''b\n'''\n)\nreturn s.sum(dim=9)"
    )
    assert texts(one) == texts(other) == ["n = 0 + n n = n ( n , s ) return n . sum ( n = 0 )"]


def test_attributes_builtins_keywords_and_operators_make_one():
    base = texts("a = sum(b).mean()")
    for other in ("a = max(b).mean()", "a = sum(b).std()", "a += sum(b).mean()", "a = c(b).mean()"):
        assert texts(other) != base


def test_what_everybody_writes_is_left_out():
    cell = '''\
import torch
from math import (log,
    exp)
%matplotlib inline
!pip list
@cache
def f(x: dict[str, int] = {}, *, y) -> list[int]:
    """What it does.

    >>> f({}, 1)
    """
    print("here", x,
          y)
    return x[y]
check(f)
hint(f, 2)
'''
    assert texts(cell) == ["return n [ n ]"]


def test_a_body_in_the_line_of_its_head_is_kept():
    assert texts("def f(x: int): return x + 1\nclass A(B): y = 2") == ["return n + 0", "n = 0"]


def test_each_function_is_a_passage_and_so_is_each_cell():
    assert texts("a = 1\ndef f():\n    b\n    def g():\n        c + 1", "d") == [
        "n = 0",
        "n",
        "n + 0",
        "n",
    ]


def test_a_string_that_is_not_closed_ends_with_its_line():
    for quote in "\"'":
        assert texts(f"a = {quote}open\nb = c.d") == ["n = s n = n . d"]


def test_words_that_only_begin_like_a_left_out_one_are_kept():
    assert texts("printed = 1\nimporter = 2\nchecked = 3") == ["n = 0 n = 0 n = 0"]


@given(st.lists(st.text(), max_size=4))
def test_any_text_is_read_and_the_places_are_right(cells):
    source = "\n\n".join(cells)
    last = 0
    for passage in passages(cells):
        for token in passage:
            assert last <= token.start < token.end <= len(source)
            last = token.end
            if token.text not in ("n", "0", "s"):
                assert source[token.start : token.end] == token.text


@given(st.text(alphabet="\"'\\\nrfb# a0.(", max_size=60))
def test_no_character_but_space_and_comments_is_lost(cell):
    covered = {place for t in tokens(cell) for place in range(t.start, t.end)}
    for place in set(range(len(cell))) - covered:
        line = cell[: place + 1].rpartition("\n")[2]
        joined = cell[place : place + 2] == "\\\n" or cell[place - 1 : place + 1] == "\\\n"
        assert cell[place].isspace() or "#" in line or joined


HOSTILE = {
    "open": "(",
    "blank lines": "\t\n",
    "quotes": '"',
    "three quotes": '"""\\',
    "strings": "'%(",
    "back-slashes": "\\",
    "f-strings": 'f"{',
    "numbers": "1e",
    "prefixes": "rb",
    "null": "\0",
    "half characters": "\ud800",
    "heads": "def ",
    "lines": "x\n",
    "names": "é",
}


@pytest.mark.timeout(60)  # linear: well under a second; quadratic would take hours
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_code_made_to_harm_does_not(piece):
    source = (piece * LENGTH)[:LENGTH]
    assert sum(map(len, passages([source]))) <= LENGTH


def test_no_exercise_has_the_name_of_something_left_out():
    names = {exercise.name for exercise in all_exercises()}
    assert not names & {*code_tokens.OMITTED, *code_tokens.HEADS, *keyword.kwlist}
