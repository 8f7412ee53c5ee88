"""Tokenizers as `transformers` keeps them: tokenizer.json and tokenizer_config.json in a folder.

`AutoTokenizer` opens them; so does the course, which keeps its own settings beside the library's.
Special tokens are recognised in a text there, as here with `encode(text, special=...)`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from course_lib.interop.library_tokenizer import to_library
from course_lib.storage import writing
from course_lib.text.fast import Fast
from course_lib.text.marks import CLASS, MASK, SEPARATOR
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.tokenizer_file import load_tokenizer
from course_lib.text.translation_inputs import ASKED
from course_lib.text.vocab import END, PAD, SPECIAL, START, UNK, Vocab
from course_lib.text.word_tokenizer import WordTokenizer, words_of

TOKENIZER, SETTINGS = "tokenizer.json", "tokenizer_config.json"
# What is put around a text: [CLS] a [SEP] b [SEP]; <s> a; a </s>; or nothing.
Around = Literal["encoder", "decoder", "source", "nothing"]
FORMS: dict[Around, tuple[str, str]] = {
    "encoder": (f"{CLASS} $A {SEPARATOR}", f"{CLASS} $A {SEPARATOR} $B:1 {SEPARATOR}:1"),
    "decoder": (f"{START} $A", f"{START} $A $B"),
    "source": (f"$A {END}", f"$A $B {END}"),
}
ROLES = {"pad_token": PAD, "unk_token": UNK, "bos_token": START, "eos_token": END}
ENCODER_ROLES = {"cls_token": CLASS, "sep_token": SEPARATOR, "mask_token": MASK}


def save_tokenizer_folder(
    tokenizer: Tokenizer | Vocab,
    folder: str | Path,
    around: Around,
    max_length: int,
    prefix: str = "",
) -> None:
    """Write both files.

    tokenizer: a `Vocab` stands for words with spaces between them. around: what the model wants to
    see around a text. max_length: the most tokens the model reads. prefix: what is put before the
    letters of every text. Raises ValueError if the vocabulary lacks a mark that is to be put there;
    CourseError if the disk refuses.
    """
    tokenizer = words_of(tokenizer) if isinstance(tokenizer, Vocab) else tokenizer
    content = to_library(tokenizer)
    content["model"]["course"] = _course_settings(tokenizer, content["model"])
    content["added_tokens"] = [_added(name, tokenizer) for name in special_tokens(tokenizer)]
    if prefix:
        content["normalizer"] = _prepending(prefix, content["normalizer"])
    if around != "nothing":
        content["post_processor"] = _post_processor(FORMS[around], tokenizer.vocab)
    with writing(Path(folder) / TOKENIZER) as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
    with writing(Path(folder) / SETTINGS) as file:
        json.dump(_settings(tokenizer, around, max_length), file, ensure_ascii=False, indent=2)
        file.write("\n")


def load_tokenizer_folder(folder: str | Path) -> Tokenizer:
    """Read what `save_tokenizer_folder` wrote. Raises CourseError for anything else."""
    return load_tokenizer(Path(folder) / TOKENIZER)


def special_tokens(tokenizer: Tokenizer) -> tuple[str, ...]:
    """<pad>, <unk>, <s>, </s>, what the tokenizer has besides, and the marks of a translator."""
    asked = (mark for mark in ASKED if mark in tokenizer.vocab)
    return tuple(dict.fromkeys((*SPECIAL, *tokenizer.to_settings()["special"], *asked)))


def _course_settings(tokenizer: Tokenizer, model: Mapping[str, Any]) -> dict[str, Any]:
    """What the library's part of the file does not say."""
    settings = tokenizer.to_settings()
    if model["vocab"] == tokenizer.vocab.ids:
        settings = {k: v for k, v in settings.items() if k not in ("letters", "merges", "pieces")}
    return settings


def _added(name: str, tokenizer: Tokenizer) -> dict[str, Any]:
    """A special token. A hole stands for a word and the space before it, which is part of it."""
    takes_space = name == MASK and _keeps_spaces(tokenizer)
    flags = {"single_word": False, "lstrip": takes_space, "rstrip": False}
    return {
        "id": tokenizer.vocab.ids[name],
        "content": name,
        **flags,
        "normalized": False,
        "special": True,
    }


def _prepending(prefix: str, others: Mapping[str, Any] | None) -> dict[str, Any]:
    """The library's normalizers: the prefix, then what there was before."""
    first = {"type": "Prepend", "prepend": prefix}
    return {"type": "Sequence", "normalizers": [first, others]} if others else first


def _keeps_spaces(tokenizer: Tokenizer) -> bool:
    slow = tokenizer.slow if isinstance(tokenizer, Fast) else tokenizer
    return not isinstance(slow, WordTokenizer) or slow.split_by == "pieces"


def _post_processor(forms: tuple[str, str], vocab: Vocab) -> dict[str, Any]:
    """The library's TemplateProcessing of a text, and of a pair."""
    single, pair = ([_piece(part) for part in form.split()] for form in forms)
    names = [p["SpecialToken"]["id"] for p in single if "SpecialToken" in p]
    if missing := [name for name in names if name not in vocab]:
        raise ValueError(f"the vocabulary lacks {', '.join(missing)}")
    tokens = {n: {"id": n, "ids": [vocab.ids[n]], "tokens": [n]} for n in names}
    return {"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": tokens}


def _piece(part: str) -> dict[str, Any]:
    name, _colon, segment = part.partition(":")
    kind = "Sequence" if name.startswith("$") else "SpecialToken"
    return {kind: {"id": name.removeprefix("$"), "type_id": int(segment or 0)}}


def _settings(tokenizer: Tokenizer, around: Around, max_length: int) -> dict[str, Any]:
    roles = {**ROLES, **(ENCODER_ROLES if around == "encoder" else {})}
    others = [name for name in special_tokens(tokenizer) if name not in roles.values()]
    inputs = ["input_ids", "token_type_ids", "attention_mask"]
    if around != "encoder":
        inputs.remove("token_type_ids")
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": max_length,
        "model_input_names": inputs,
        "clean_up_tokenization_spaces": False,
        "padding_side": padding_side(around),
        **roles,
        **_more(others),
    }


def padding_side(around: Around) -> str:
    """A language model goes on where a text ends, so its padding stands before the text."""
    return "left" if around == "decoder" else "right"


def _more(names: Sequence[str]) -> dict[str, Any]:
    return {"extra_special_tokens": list(names)} if names else {}
