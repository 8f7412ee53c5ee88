"""A user's own text files: each line that is not blank is one text."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines
from course_lib.text.packed import PackedTexts
from course_lib.text.vocab import Vocab
from course_lib.text.words import SPLITTERS


def splitter(name: str) -> Callable[[str], list[str]]:
    """The function of that name. Raises CourseError if there is none."""
    if name not in SPLITTERS:
        message = _("text cannot be split into {name!r}; choose one of: {names}")
        raise CourseError(message.format(name=name, names=", ".join(SPLITTERS)))
    return SPLITTERS[name]


class TextFiles:
    """The texts of some files as lists of words; read anew, line by line, at each iteration."""

    def __init__(self, paths: Sequence[Path], split: str) -> None:
        self.paths, self.split = paths, splitter(split)

    def __iter__(self) -> Iterator[list[str]]:
        for path in self.paths:
            for line in read_lines(path):
                tokens = self.split(line)
                if tokens:
                    yield tokens

    def vocabulary(self, min_count: int = 1) -> Vocab:
        """The words that occur often enough. Raises CourseError if the files hold no word."""
        vocab = Vocab.from_texts(self, min_count)
        if len(vocab) == len(Vocab([])) and not any(True for _text in self):
            raise self._empty()
        return vocab

    def encode(self, vocab: Vocab) -> PackedTexts:
        """All texts as ids. Raises CourseError if the files hold no word."""
        packed = PackedTexts.encode(self, vocab)
        if not len(packed):
            raise self._empty()
        return packed

    def _empty(self) -> CourseError:
        names = ", ".join(map(str, self.paths))
        return CourseError(_("there are no words in {names}; give a text").format(names=names))


def join(words: Sequence[str], split: str) -> str:
    """Words -> a line to read."""
    return ("" if split == "characters" else " ").join(words)


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
