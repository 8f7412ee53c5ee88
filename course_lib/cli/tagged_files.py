"""Tagged words of a user's own: CoNLL files, a word and its tag in each line."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines

DOCUMENT = "-DOCSTART-"  # begins a document in the files of CoNLL-2003; no word


class Sentence(NamedTuple):
    """Words and as many tags; no tags where they are to be found."""

    words: list[str]
    tags: list[str]


def read_sentences(paths: Sequence[Path], tagged: bool) -> list[Sentence]:
    """All sentences of all files, in order. Blank lines stand between them.

    The first column is the word and the last one the tag; tabs, or else spaces, are between them.
    Lines that begin with "# " and have no tab are remarks. Raises CourseError, naming file and
    line, for a word without a tag where tags are wanted, and if there is no word at all.
    """
    found = [sentence for path in paths for sentence in sentences_of(path, tagged)]
    if not found:
        names = ", ".join(map(str, paths))
        raise CourseError(_("there are no words in {names}; give a text").format(names=names))
    return found


def sentences_of(path: Path, tagged: bool) -> Iterator[Sentence]:
    """The sentences of one file."""
    return split_sentences(read_lines(path), str(path), tagged)


def split_sentences(lines: Iterator[str], name: str, tagged: bool) -> Iterator[Sentence]:
    """Sentences from lines; the rest as in `read_sentences`."""
    words: list[str] = []
    tags: list[str] = []
    for number, line in enumerate(lines, start=1):
        columns = [part.strip() for part in line.split("\t")] if "\t" in line else line.split()
        is_remark = line.startswith("# ") and "\t" not in line
        if is_remark or (columns and columns[0] == DOCUMENT):
            continue
        if not any(columns):
            if words:
                yield Sentence(words, tags)
            words, tags = [], []
            continue
        if tagged and (len(columns) < 2 or not columns[0] or not columns[-1]):
            message = _("{path}, line {n}: {line!r} is not a word and its tag")
            raise CourseError(message.format(path=name, n=number, line=line))
        words.append(columns[0])
        tags += [columns[-1]] if tagged else []
    if words:
        yield Sentence(words, tags)


def has_tags(path: Path) -> bool:
    """Does the first line with words have more than one column?"""
    for line in read_lines(path):
        if line.strip() and not line.startswith(("# ", DOCUMENT)):
            return len(line.split("\t") if "\t" in line else line.split()) > 1
    return False
