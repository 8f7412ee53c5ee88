"""A user's own text files: each line, or each paragraph, that is not blank is one text."""

import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines
from course_lib.text.packed import PackedTexts
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.word_tokenizer import WAYS, WordTokenizer
from course_lib.text.words import SPLITTERS

UNITS = ("line", "paragraph")
STDIN = "-"  # the file name that stands for standard input


class TextFiles:
    """The texts of some files, in order; read anew, line by line, at each iteration.

    unit: what one text is; paragraphs have blank lines between them, and keep their line ends.
    Raises CourseError for another unit.
    """

    def __init__(self, paths: Sequence[Path], unit: str = "line") -> None:
        self.paths, self.unit = paths, choice(unit, UNITS, _("unit of text"))

    def __iter__(self) -> Iterator[str]:
        for path in self.paths:
            lines = read_lines(path)
            yield from filter(str.strip, lines) if self.unit == "line" else paragraphs(lines)

    def encode(self, tokenizer: Tokenizer) -> PackedTexts:
        """All texts as ids. Raises CourseError if the files hold no token."""
        pieces = filter(None, map(_pieces(tokenizer), self))
        packed = PackedTexts.encode(pieces, tokenizer.vocab)
        if not len(packed):
            names = ", ".join(map(str, self.paths))
            raise CourseError(_("there are no words in {names}; give a text").format(names=names))
        return packed

    def n_characters(self) -> int:
        """How many characters the texts have, the end of each counted as one."""
        return sum(len(text) + 1 for text in self)


def word_tokenizer(texts: TextFiles, split: str, min_count: int = 1) -> WordTokenizer:
    """A tokenizer of the words that occur often enough in the texts; others are <unk>.

    Raises CourseError if text cannot be split that way.
    """
    split = choice(split, tuple(SPLITTERS), _("way to split texts"))
    return WordTokenizer.train(texts, None, (), False, split, min_count)


def choice(name: str, names: Sequence[str], what: str) -> str:
    """`name`, if it is one of `names`. Raises CourseError, which lists them, if it is not."""
    if name not in names:
        message = _("there is no {what} {name!r}; choose one of: {names}")
        raise CourseError(message.format(what=what, name=name, names=", ".join(names)))
    return name


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a file, or of standard input."""
    if str(path) == STDIN:
        yield from (line.rstrip("\r\n") for line in sys.stdin)
    else:
        yield from read_lines(path)


def paragraphs(lines: Iterator[str]) -> Iterator[str]:
    """Lines between blank ones, put together."""
    for is_text, some in itertools.groupby(lines, key=lambda line: bool(line.strip())):
        if is_text:
            yield "\n".join(some)


def _pieces(tokenizer: Tokenizer) -> Callable[[str], list[str]]:
    """From a text to its tokens; which of them are unknown, the packed texts will find."""
    if isinstance(tokenizer, WordTokenizer) and not tokenizer.byte_fallback:
        return WAYS[tokenizer.split_by]  # `tokens` would look up every word twice
    return tokenizer.tokens


def check_writable(path: Path) -> None:
    """Raise CourseError now, and not after an hour's work, if a file cannot be made at `path`."""
    if path.is_dir():
        raise CourseError(_("{path} is a folder; name a file in it").format(path=path))
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = _("cannot write {path}: {why}")
        raise CourseError(message.format(path=path, why=error.strerror)) from None
