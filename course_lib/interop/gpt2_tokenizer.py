"""GPT-2's own tokenizer files, vocab.json and merges.txt, in and out.

Their ids are the course's minus 4, because the course's vocabularies begin with <pad>, <unk>, <s>
and </s>; GPT-2's only special token, <|endoftext|>, comes last there and is left out here.
"""

import json
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines, read_text, writing
from course_lib.text.byte_bpe import ByteBPETokenizer
from course_lib.text.fast import Fast
from course_lib.text.vocab import SPECIAL

END_OF_TEXT = "<|endoftext|>"
VERSION = "#version: 0.2"  # how merges.txt begins


def load_gpt2_tokenizer(folder: str | Path) -> Fast:
    """Byte-level BPE from a folder with both files. Raises CourseError if they do not fit."""
    folder = Path(folder)
    first, *lines = [*read_lines(folder / "merges.txt"), ""]
    lines = lines if first.startswith("#version") else [first, *lines]
    try:
        merges = [(a, b) for a, b in (line.split(" ") for line in lines if line)]
        tokenizer = ByteBPETokenizer(merges)
        ids = json.loads(read_text(folder / "vocab.json"))
        ids.pop(END_OF_TEXT, None)
        if ids != {piece: i for i, piece in enumerate(tokenizer.pieces)}:
            raise ValueError("the ids are not in the order of the merges")
    except (ValueError, AttributeError, TypeError):
        message = _("{folder}: vocab.json and merges.txt are not those of a GPT-2, or are damaged")
        raise CourseError(message.format(folder=folder)) from None
    return Fast(tokenizer)


def save_gpt2_tokenizer(tokenizer: ByteBPETokenizer | Fast, folder: str | Path) -> None:
    """Write both files, which `transformers` reads. Raises ValueError for other tokenizers."""
    slow = tokenizer.slow if isinstance(tokenizer, Fast) else tokenizer
    if not isinstance(slow, ByteBPETokenizer):
        raise ValueError(f"GPT-2's files hold byte-level BPE, not {slow.kind}")
    names = [*slow.pieces, END_OF_TEXT]
    with writing(Path(folder) / "vocab.json") as file:
        json.dump({name: i for i, name in enumerate(names)}, file, ensure_ascii=False)
    with writing(Path(folder) / "merges.txt") as file:
        file.write("\n".join([VERSION, *map(" ".join, slow.merges)]) + "\n")


def to_gpt2_id(i: int) -> int:
    """The id that GPT-2's files give to one of the course's ordinary tokens."""
    return i - len(SPECIAL)
