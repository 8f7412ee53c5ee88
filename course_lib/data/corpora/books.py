"""Running text for language models, word vectors and tokenizers."""

import itertools
import re
from pathlib import Path

from course_lib.data.corpora.records import Document
from course_lib.data.corpora.registry import choose, data_set
from course_lib.data.corpora.splits import Splits, by_group
from course_lib.data.corpora.store import ensure
from course_lib.storage import read_lines, read_text

# Whole books are held out, of authors of whom train holds other books.
GUTENBERG_DEV = ("Ozma-of-Oz_486", "The-Sign-of-the-Four_2097")
GUTENBERG_TEST = ("Through-the-Looking-Glass_12", "The-Hound-of-the-Baskervilles_2852")
AOZORA_DEV = ("776_ruby_6020", "43737_ruby_19028", "92_ruby_164")  # 草枕、銀河鉄道の夜、蜘蛛の糸
AOZORA_TEST = (  # 坊っちゃん、風の又三郎、羅生門、高瀬舟
    "752_ruby_2438",
    "462_ruby_716",
    "127_ruby_150",
    "45245_ruby_21882",
)
CREDITS = re.compile(r"^Produced by |Project Gutenberg|\b[Ee]text\b")  # of those who typed it
RULE = re.compile(r"-{20,}")  # the dashed lines around the notes on notation


def language_modelling(name: str) -> Splits[Document]:
    """Running text. Each paragraph of a document is one text for a language model.

    - gutenberg_en_core: 27 English books; dev and test are two whole books each.
    - aozora_ja: 44 Japanese works; dev are three and test four whole works.
    - tinyshakespeare: train is the first 90 % of the characters, dev and test 5 % each.
    - names: first names, one a paragraph; 80/10/10 by name, since some names occur twice.
    """
    readers = {
        "gutenberg_en_core": _gutenberg,
        "aozora_ja": _aozora,
        "tinyshakespeare": _shakespeare,
        "names": _names,
    }
    return choose(name, "language_modelling", readers)


def _gutenberg() -> Splits[Document]:
    books = {path.stem: read_text(path) for path in _paths("gutenberg_en_core")}
    documents = {stem: gutenberg_document(text) for stem, text in books.items()}
    return _held_out(documents, GUTENBERG_DEV, GUTENBERG_TEST)


def gutenberg_document(text: str) -> Document:
    """The book in a Project Gutenberg file: no header, footer or credits, no line wraps."""
    title = re.search(r"^Title: *(.+)", text, re.MULTILINE)
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", gutenberg_body(text)))
    kept = tuple(part for part in paragraphs if part and not CREDITS.search(part))
    return Document(title[1].strip() if title else "", kept)


def gutenberg_body(text: str) -> str:
    """What stands between the START and END markers; without markers, the whole text."""
    start = re.search(r"^\*\*\* ?START OF.*?\*\*\*", text, re.MULTILINE | re.DOTALL)
    body = text[start.end() :] if start else text
    return re.split(r"^\*\*\* ?END OF", body, maxsplit=1, flags=re.MULTILINE)[0]


def _aozora() -> Splits[Document]:
    works = {path.stem: read_text(path, "cp932") for path in _paths("aozora_ja")}
    documents = {stem: aozora_document(text) for stem, text in works.items()}
    return _held_out(documents, AOZORA_DEV, AOZORA_TEST)


def aozora_document(text: str) -> Document:
    """The work in an Aozora Bunko file: no notes, ruby or colophon; every line a paragraph."""
    title = text.lstrip().partition("\n")[0].strip()
    body = strip_markup(resolve_characters(aozora_body(text)))
    lines = [line.strip() for line in body.split("\n")]  # strips the full-width indent too
    return Document(title, tuple(line for line in lines if line))


def aozora_body(text: str) -> str:
    """From the second dashed line to the colophon; without dashed lines, the whole text."""
    return RULE.split(text, maxsplit=2)[-1].split("底本：", maxsplit=1)[0]


def strip_markup(text: str) -> str:
    """Without readings 《…》, the mark ｜ where their base begins, and notes ［＃…］."""
    return re.sub(r"《[^》]*》|［＃[^］]*］|｜", "", text)


def resolve_characters(text: str) -> str:
    """Put characters in that Shift_JIS lacks: "※［＃…、第3水準1-87-71］" -> "犍".

    The note gives plane, row and cell of JIS X 0213, or the code point; else ※ is kept.
    """
    note = r"※［＃[^］]*?、(?:第\d水準)?(?:([12])-(\d{1,2})-(\d{1,2})|U\+([0-9A-F]{4,5}))[^］]*］"
    return re.sub(note, _character, text)


def _character(match: re.Match[str]) -> str:
    plane, row, cell, code_point = match.groups()
    if code_point:
        return chr(int(code_point, 16))
    two_bytes = bytes([0xA0 + int(row), 0xA0 + int(cell)])
    euc = two_bytes if plane == "1" else b"\x8f" + two_bytes
    return euc.decode("euc_jis_2004", errors="replace").replace("\ufffd", "※")


def _shakespeare() -> Splits[Document]:
    text = read_text(ensure("tinyshakespeare") / "input.txt")
    cuts = [0, len(text) * 90 // 100, len(text) * 95 // 100, len(text)]
    parts = [text[start:end] for start, end in itertools.pairwise(cuts)]
    return Splits(*([Document("Shakespeare", tuple(part.split("\n\n")))] for part in parts))


def _names() -> Splits[Document]:
    names = by_group(list(read_lines(ensure("names") / "names.txt")), group=str)
    parts = (names.train, names.dev, names.test)
    return Splits(*([Document("names", tuple(part))] for part in parts))


def _paths(name: str) -> list[Path]:
    """The text files of a set in alphabetical order, whatever the manifest's."""
    folder = ensure(name)
    files = (folder / Path(file.file).name for file in data_set(name).files)
    return sorted(path for path in files if path.suffix == ".txt")


def _held_out(
    documents: dict[str, Document], dev: tuple[str, ...], test: tuple[str, ...]
) -> Splits[Document]:
    train = [doc for stem, doc in documents.items() if stem not in dev + test]
    return Splits(train, [documents[s] for s in dev], [documents[s] for s in test])
