"""ARPA files: n-gram models as text, the form that KenLM, SRILM and other tools read and write.

    \\data\\                      how many grams there are of each order
    ngram 1=5
    ngram 2=7

    \\1-grams:                   log10 probability, tab, the words, tab, log10 back-off weight
    -1.2041	river	-0.30103

    \\2-grams:                   no weights in the highest order: nothing is longer
    -0.4771	the river

    \\end\\

A missing weight means 0. -99 stands for the logarithm of 0.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.ngram_backoff import BackoffModel
from course_lib.models.ngram_counts import GramTable, spell
from course_lib.storage import read_lines, writing
from course_lib.text.vocab import END, SPECIAL, START, UNK, Vocab

LOG_ZERO = -99.0
NOT_LISTED = -100.0  # log10 p(<unk>) where a file has no <unk>, as in KenLM


def write_arpa(model: BackoffModel, vocab: Vocab, path: str | Path) -> None:
    """Write the model; make one with `models.ngram_backoff.to_backoff`.

    Raises ValueError if the vocabulary is not the model's or a word holds white space; CourseError
    if the disk refuses.
    """
    if len(vocab) != model.vocab_size:
        raise ValueError(f"{len(vocab)} words, but the model was made with {model.vocab_size}")
    if not all(re.fullmatch(r"[^ \t\n\v\f\r\0]+", word) for word in vocab.words):
        raise ValueError("an ARPA file cannot hold an empty word or one with white space in it")
    rows = [np.arange(len(table)) for table in model.tables]
    rows[0] = np.delete(rows[0], Vocab.pad_id)  # <pad> is this course's own affair
    with writing(path) as file:
        file.write("\\data\\\n")
        for order, its_rows in enumerate(rows, start=1):
            file.write(f"ngram {order}={len(its_rows)}\n")
        for order, its_rows in enumerate(rows, start=1):
            file.write(f"\n\\{order}-grams:\n")
            file.writelines(_lines(model, vocab, order, its_rows))
        file.write("\n\\end\\\n")


def _lines(model: BackoffModel, vocab: Vocab, order: int, rows: np.ndarray) -> Iterator[str]:
    """The lines of one order's grams."""
    log_p = np.minimum(_log10(model.log_p[order - 1]), 0)  # 1 + 1e-16 is a rounding error
    highest = order == len(model.tables)
    weights = None if highest else _log10(model.log_weight[order - 1])
    grams = spell(model.tables, order)
    for row in rows:
        words = " ".join(vocab.decode(grams[row]))
        weight = "" if weights is None else f"\t{weights[row]:.9g}"
        yield f"{log_p[row]:.9g}\t{words}{weight}\n"


def _log10(natural: np.ndarray) -> np.ndarray:
    return np.maximum(natural / math.log(10), LOG_ZERO)


def read_arpa(path: str | Path) -> tuple[BackoffModel, Vocab]:
    """Read a file of any order: the model, and its words.

    Raises CourseError, naming the line, if the file is not what its header promises.
    """
    reader = _Reader(path)
    sizes = _read_sizes(reader)
    ids = {word: i for i, word in enumerate(SPECIAL)}
    sections = [_read_section(reader, order, sizes, ids) for order in range(1, len(sizes) + 1)]
    if reader.line != "\\end\\":
        raise reader.error(_("more grams than the header promises"))
    return _model(reader, sections, len(ids)), Vocab(list(ids)[len(SPECIAL) :])


class _Reader:
    """The lines of a file that are not blank, one after the other, and the number of each."""

    def __init__(self, path: str | Path) -> None:
        self.path, self.number, self.line = path, 0, ""
        self.lines = enumerate(read_lines(path), start=1)

    def next_line(self, expected: str) -> None:
        for number, line in self.lines:
            self.number, self.line = number, line.strip(" \t")
            if self.line:
                return
        raise self.error(_("the file ends before {expected}").format(expected=expected))

    def error(self, problem: str, number: int | None = None) -> CourseError:
        message = _("{path}: line {line}: {problem}; an ARPA file was expected")
        return CourseError(
            message.format(path=self.path, line=number or self.number, problem=problem)
        )


def _read_sizes(reader: _Reader) -> list[int]:
    """The header: how many grams there are of orders 1, 2, ...; stops at the first section."""
    reader.next_line("\\data\\")
    if reader.line != "\\data\\":
        raise reader.error(_("the first line is not {begin}").format(begin="\\data\\"))
    sizes: list[int] = []
    reader.next_line("\\1-grams:")
    while match := re.fullmatch(r"ngram +(\d+) *= *(\d+)", reader.line):
        if int(match[1]) != len(sizes) + 1:
            raise reader.error(_("orders must be listed as 1, 2, 3, ..."))
        sizes.append(int(match[2]))
        reader.next_line("\\1-grams:")
    if not sizes:
        raise reader.error(_("the header must say how many grams there are: ngram 1=..."))
    return sizes


class _Section(NamedTuple):
    """One order's grams, as they stand in the file."""

    words: np.ndarray  # (G, order) ids
    numbers: np.ndarray  # (G, 2) log10 probability, log10 back-off weight
    lines: np.ndarray  # (G,) the line of each, for messages


def _read_section(reader: _Reader, order: int, sizes: list[int], ids: dict[str, int]) -> _Section:
    """Read the grams below the line that announces them; at order 1 `ids` learns the words.

    Stops at the first line after them.
    """
    if reader.line != f"\\{order}-grams:":
        raise reader.error(_("{header} was expected here").format(header=f"\\{order}-grams:"))
    words, numbers, lines = [], [], []
    for _gram in range(sizes[order - 1]):
        reader.next_line(_("{n} grams of order {order}").format(n=sizes[order - 1], order=order))
        if reader.line.startswith("\\"):
            raise reader.error(_("fewer grams than the header promises"))
        gram, log_p, log_weight = _parse(reader, order)
        if order == len(sizes) and log_weight != 0:
            raise reader.error(_("a gram of the highest order cannot have a back-off weight"))
        words.append(_encode(reader, gram, ids))
        numbers.append((log_p, log_weight))
        lines.append(reader.number)
    reader.next_line("\\end\\")
    return _Section(
        np.array(words, dtype=np.int64).reshape(-1, order),
        np.array(numbers, dtype=float).reshape(-1, 2),
        np.array(lines, dtype=np.int64),
    )


def _parse(reader: _Reader, order: int) -> tuple[list[str], float, float]:
    """The line's words, log10 probability and log10 back-off weight, which may be missing."""
    fields = re.split(r"[ \t]+", reader.line)
    try:
        if len(fields) not in (order + 1, order + 2):
            raise ValueError
        log_p, log_weight = (float(x) for x in (fields[0], *(fields[order + 1 :] or ["0"])))
    except ValueError:
        problem = _("not a number, {order} words, and a number or nothing")
        raise reader.error(problem.format(order=order)) from None
    if math.isnan(log_p + log_weight) or log_p > 0:
        raise reader.error(_("{x} is no logarithm of a probability").format(x=fields[0]))
    return fields[1 : order + 1], log_p, log_weight


def _encode(reader: _Reader, gram: list[str], ids: dict[str, int]) -> list[int]:
    """Words -> ids. A gram of one word brings a new word; longer ones consist of known words."""
    words = [UNK if word == "<UNK>" else word for word in gram]
    if len(words) == 1:
        return [ids.setdefault(words[0], len(ids))]
    for word in words:
        if word not in ids:
            raise reader.error(_("{word!r} is not among the 1-grams").format(word=word))
    return [ids[word] for word in words]


def _model(reader: _Reader, sections: list[_Section], vocab_size: int) -> BackoffModel:
    """Sections -> sorted tables."""
    tables: list[GramTable] = []
    log_p, log_weight = [], []
    for order, section in enumerate(sections, start=1):
        rows = _context_rows(reader, tables, section)
        keys = rows * vocab_size + section.words[:, -1]
        by_key = np.argsort(keys, kind="stable")
        twice = np.flatnonzero(np.diff(keys[by_key]) == 0)
        if len(twice):
            line = section.lines[by_key[twice[0] + 1]]
            raise reader.error(_("this gram was listed before"), line)
        keys, numbers = keys[by_key], section.numbers[by_key]
        if order == 1:
            numbers = _every_word(reader, section, vocab_size)
            keys = np.arange(vocab_size)
        tables.append(GramTable(keys, vocab_size))
        log_p.append(numbers[:, 0] * math.log(10))
        log_weight.append(numbers[:, 1] * math.log(10))
    return BackoffModel(tables, log_p, log_weight[:-1])


def _context_rows(reader: _Reader, tables: list[GramTable], section: _Section) -> np.ndarray:
    """(G,) the row of each gram's context in the table below, which must have it."""
    if not tables:
        return np.zeros(len(section.words), dtype=np.int64)
    rows = section.words[:, 0]
    for table, words in zip(tables[1:], section.words[:, 1:-1].T, strict=True):
        rows = table.find(rows, words)
    if (rows < 0).any():
        problem = _("the first {n} words of this gram are not listed as a gram themselves")
        line = section.lines[(rows < 0).argmax()]
        raise reader.error(problem.format(n=len(tables)), line)
    return rows


def _every_word(reader: _Reader, section: _Section, vocab_size: int) -> np.ndarray:
    """(V, 2) numbers of order 1 with a row for every word, listed or not, as `GramTable` wants."""
    for word, i in ((START, Vocab.start_id), (END, Vocab.end_id)):
        if i not in section.words:
            message = _("there is no 1-gram {word} up to here").format(word=word)
            raise reader.error(message, section.lines.max(initial=0))
    every = np.column_stack([np.full(vocab_size, -np.inf), np.zeros(vocab_size)])
    every[Vocab.unk_id, 0] = NOT_LISTED
    every[section.words[:, 0]] = section.numbers
    return every
