"""word2vec's own file formats, which gensim and most other tools read and write.

Both start with a line "number of words, length of a vector". Then *text* has a line per word: the
word and its numbers, with spaces between. *Binary* has the word, a space, the numbers as 4-byte
little-endian floats, and a line end that some writers leave out.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models.word_vectors import WordVectors
from course_lib.storage import read_lines, writing


def save_text(vectors: WordVectors, path: str | Path) -> None:
    """Write the text format, with digits enough to read the same numbers back.

    Raises CourseError if a word holds a space or a line end, which the format cannot express.
    """
    _check_words(vectors, path)
    with writing(path) as file:
        file.write(f"{len(vectors)} {vectors.matrix.size(1)}\n")
        for word, row in zip(vectors.words, vectors.matrix.numpy(), strict=True):
            file.write(f"{word} {' '.join(map(str, row))}\n")


def save_binary(vectors: WordVectors, path: str | Path) -> None:
    """Write the binary format, a third of the size. Raises CourseError as `save_text` does."""
    _check_words(vectors, path)
    with writing(path, "wb") as file:
        file.write(f"{len(vectors)} {vectors.matrix.size(1)}\n".encode())
        for word, row in zip(vectors.words, vectors.matrix.numpy().astype("<f4"), strict=True):
            file.write(word.encode() + b" " + row.tobytes() + b"\n")


def _check_words(vectors: WordVectors, path: str | Path) -> None:
    for word in vectors.words:
        if not word or any(sign in word for sign in " \n\r"):
            message = _("cannot write {path}: the word {word!r} is empty or holds a space")
            raise CourseError(message.format(path=path, word=word))


def load_text(path: str | Path) -> WordVectors:
    """Read the text format. Raises CourseError, naming the line, if the file is not that."""
    lines = read_lines(path)
    n_words, width = _header(next(lines, ""), path)
    return _collect(_text_rows(lines, width, path), n_words, width, path)


def load_binary(path: str | Path) -> WordVectors:
    """Read the binary format. Raises CourseError if the file is not that, or is cut off."""
    try:
        with Path(path).open("rb") as file:
            header = file.readline(100)
            n_words, width = _header(header.decode("utf-8", "replace"), path)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                rows = _binary_rows(data, len(header), n_words, width, path)
                return _collect(rows, n_words, width, path)
    except OSError as error:
        raise CourseError(
            _("cannot read {path}: {why}").format(path=path, why=error.strerror)
        ) from None


def _header(line: str, path: str | Path) -> tuple[int, int]:
    """The first line: number of words and length of a vector."""
    parts = line.split()
    if len(parts) != 2 or not all(p.isdecimal() for p in parts) or int(parts[1]) == 0:
        message = _(
            "{path} is not a file of word vectors: its first line should be two numbers, how many "
            "words and how long a vector"
        )
        raise CourseError(message.format(path=path))
    return int(parts[0]), int(parts[1])


def _text_rows(
    lines: Iterator[str], width: int, path: str | Path
) -> Iterator[tuple[str, np.ndarray]]:
    for number, line in enumerate(lines, start=2):
        word, *values = line.rstrip(" ").rsplit(" ", width)
        try:
            numbers = [float(value) for value in values]
        except ValueError:
            numbers = []
        if len(numbers) != width:
            message = _("{path}: line {number} should be a word and {width} numbers")
            raise CourseError(message.format(path=path, number=number, width=width))
        yield word, np.array(numbers, dtype=np.float32)


def _binary_rows(
    data: mmap.mmap, position: int, n_words: int, width: int, path: str | Path
) -> Iterator[tuple[str, np.ndarray]]:
    for number in range(1, n_words + 1):
        if data[position : position + 1] == b"\n":
            position += 1
        space = data.find(b" ", position)
        end = space + 1 + 4 * width
        if space < 0 or end > len(data):
            message = _("{path} is cut off at word {number} of {n}; get the file again")
            raise CourseError(message.format(path=path, number=number, n=n_words))
        try:
            word = data[position:space].decode()
        except UnicodeDecodeError:
            message = _("{path}: word {number} is not UTF-8 text, so this may not be word vectors")
            raise CourseError(message.format(path=path, number=number)) from None
        yield word, np.frombuffer(data[space + 1 : end], dtype="<f4")
        position = end
    if data[position:].strip(b"\n"):
        message = _("{path} goes on after the {n} words of its first line; get the file again")
        raise CourseError(message.format(path=path, n=n_words))


def _collect(
    rows: Iterator[tuple[str, np.ndarray]], n_words: int, width: int, path: str | Path
) -> WordVectors:
    """All words and numbers, checked: as many as promised, none twice, every number finite."""
    found: dict[str, np.ndarray] = {}
    for word, row in rows:
        if word in found:
            message = _("{path} has two vectors for {word!r}; remove one")
            raise CourseError(message.format(path=path, word=word))
        if not np.isfinite(row).all():
            message = _("{path}: the vector of {word!r} holds something that is not a number")
            raise CourseError(message.format(path=path, word=word))
        found[word] = row
    if len(found) != n_words:
        message = _("{path} holds {found} words, but its first line says {n}; get the file again")
        raise CourseError(message.format(path=path, found=len(found), n=n_words))
    matrix = np.stack(list(found.values())) if found else np.empty((0, width), np.float32)
    return WordVectors(list(found), torch.from_numpy(matrix.astype(np.float32)))
