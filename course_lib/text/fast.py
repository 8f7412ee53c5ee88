"""The same tokenizers at full speed: the `tokenizers` library, written in Rust, does the work.

A fast tokenizer is made from one written by hand (`Fast(slow)`) and gives the same ids; or it is
trained here, which gives the same merges.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import tokenizers
import torch
from tokenizers import Regex, decoders, models, pre_tokenizers, trainers
from torch import Tensor

from course_lib.text.bpe import BPETokenizer, n_merges_for
from course_lib.text.byte_bpe import LETTERS, ByteBPETokenizer
from course_lib.text.pair_counts import Pair
from course_lib.text.splitting import PATTERN
from course_lib.text.tokenizer import BYTES, check_text, checked, cut_out
from course_lib.text.vocab import SPECIAL, UNK
from course_lib.text.word_tokenizer import alphabet
from course_lib.text.wordpiece import LONGEST_WORD, MARK, WordPieceTokenizer, marked_alphabet

WORDS = pre_tokenizers.Split(Regex(PATTERN), "isolated")  # as `split_words`

Subwords = BPETokenizer | ByteBPETokenizer | WordPieceTokenizer


class Fast:
    """A tokenizer with the ids of `slow`, many times as fast. Both follow the same protocol."""

    def __init__(self, slow: Subwords) -> None:
        self.slow, self.vocab, self.special = slow, slow.vocab, slow.special
        self.rust = to_rust(slow)

    def __len__(self) -> int:
        return len(self.vocab)

    def tokens(self, text: str, special: Collection[str] = ()) -> list[str]:
        return self.vocab.decode(self._ids(text, special))

    def encode(self, text: str, special: Collection[str] = ()) -> Tensor:
        return torch.tensor(self._ids(text, special), dtype=torch.long)

    def encode_all(self, texts: Sequence[str]) -> list[Tensor]:
        """Many texts at once, on all cores."""
        for text in texts:
            check_text(text)
        found = self.rust.encode_batch(list(texts), add_special_tokens=False)
        return [torch.tensor(self._mended(text, e)) for text, e in zip(texts, found, strict=True)]

    def decode(self, ids: Iterable[int] | Tensor) -> str:
        return self.slow.decode(ids)

    def token_bytes(self, token: str) -> bytes:
        return self.slow.token_bytes(token)

    def to_settings(self) -> dict[str, Any]:
        return self.slow.to_settings()

    def _ids(self, text: str, special: Collection[str]) -> list[int]:
        check_text(text)
        ids: list[int] = []
        for part, is_special in cut_out(text, special, (*SPECIAL, *self.special)):
            found = self.rust.encode(part, add_special_tokens=False)
            ids += [self.vocab.ids[part]] if is_special else self._mended(part, found)
        return ids

    def _mended(self, text: str, found: tokenizers.Encoding) -> list[int]:
        """The ids found; where the library's WordPiece gave up a word, its pieces and bytes."""
        if not isinstance(self.slow, WordPieceTokenizer) or not self.slow.byte_fallback:
            return list(found.ids)
        ids: list[int] = []
        for i, (start, end) in zip(found.ids, found.offsets, strict=True):
            given_up = self.slow.split_word(text[start:end]) if i == self.vocab.unk_id else ()
            ids += [self.vocab.ids[token] for token in given_up] or [i]
        return ids


def train_bpe(
    texts: Iterable[str],
    vocab_size: int,
    special: Sequence[str] = (),
    byte_fallback: bool = True,
    min_count: int = 2,
    min_letter_count: int = 1,
) -> Fast:
    """What `BPETokenizer.train` learns, learnt fast; the same arguments."""
    texts = list(texts)
    letters = alphabet(texts, min_letter_count)
    n_fixed = len(SPECIAL) + len(special) + (len(BYTES) if byte_fallback else 0)
    n_merges = n_merges_for(vocab_size, n_fixed + len(letters))
    rust = tokenizers.Tokenizer(models.BPE())
    rust.pre_tokenizer = known_words(letters)
    trainer = trainers.BpeTrainer(
        vocab_size=len(letters) + n_merges, min_frequency=max(1, min_count), show_progress=False
    )
    rust.train_from_iterator(texts, trainer)
    return Fast(BPETokenizer(letters, merges_of(rust), special, byte_fallback))


def train_byte_bpe(
    texts: Iterable[str], vocab_size: int, special: Sequence[str] = (), min_count: int = 2
) -> Fast:
    """What `ByteBPETokenizer.train` learns, learnt fast; the same arguments."""
    n_merges = n_merges_for(vocab_size, len(SPECIAL) + len(special) + len(LETTERS))
    rust = tokenizers.Tokenizer(models.BPE())
    rust.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=len(LETTERS) + n_merges,
        min_frequency=max(1, min_count),
        initial_alphabet=LETTERS,
        show_progress=False,
    )
    rust.train_from_iterator(checked(texts), trainer)
    return Fast(ByteBPETokenizer(merges_of(rust), special))


def train_wordpiece(
    texts: Iterable[str],
    vocab_size: int,
    special: Sequence[str] = (),
    byte_fallback: bool = True,
    min_count: int = 2,
    min_letter_count: int = 1,
) -> Fast:
    """WordPiece as the `tokenizers` library trains it: by joining the most frequent pair, like BPE.

    So the pieces are not those of `WordPieceTokenizer.train`, which goes by a score. The arguments
    are the same, and so is what is made of the pieces afterwards.
    """
    texts = list(texts)
    letters = marked_alphabet(alphabet(texts, min_letter_count))
    n_fixed = len(SPECIAL) + len(special) + (len(BYTES) if byte_fallback else 0)
    n_pieces = n_merges_for(vocab_size, n_fixed + len(letters))
    plain = [letter for letter in letters if not letter.startswith(MARK)]
    rust = tokenizers.Tokenizer(models.BPE())
    rust.pre_tokenizer = known_words(plain)
    trainer = trainers.BpeTrainer(
        vocab_size=len(letters) + n_pieces,
        min_frequency=max(1, min_count),
        special_tokens=letters,  # fixes their ids, which the library would draw by lot
        continuing_subword_prefix=MARK,
        show_progress=False,
    )
    rust.train_from_iterator(texts, trainer)
    ids = rust.get_vocab()
    return Fast(WordPieceTokenizer(sorted(ids, key=ids.__getitem__), special, byte_fallback))


def to_rust(slow: Subwords) -> tokenizers.Tokenizer:
    """The library's own tokenizer with the ids of `slow`; nothing in a text is special to it."""
    ids = slow.vocab.ids
    if isinstance(slow, WordPieceTokenizer):
        rust = tokenizers.Tokenizer(
            models.WordPiece(ids, unk_token=UNK, max_input_chars_per_word=LONGEST_WORD)
        )
        first = decoders.Replace(Regex(f"^{MARK}"), "")
        rust.decoder = decoders.Sequence([first, decoders.ByteFallback(), decoders.Fuse()])
    elif isinstance(slow, ByteBPETokenizer):
        rust = tokenizers.Tokenizer(models.BPE(ids, slow.merges))
        rust.decoder = decoders.ByteLevel()
    else:
        model = models.BPE(ids, slow.merges, unk_token=UNK, byte_fallback=slow.byte_fallback)
        rust = tokenizers.Tokenizer(model)
        rust.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    bytewise = isinstance(slow, ByteBPETokenizer)
    rust.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False) if bytewise else WORDS
    return rust


def merges_of(rust: tokenizers.Tokenizer) -> list[Pair]:
    """The merges of a trained BPE model, in order."""
    return [(a, b) for a, b in json.loads(rust.to_str())["model"]["merges"]]


def known_words(letters: Sequence[str]) -> pre_tokenizers.PreTokenizer:
    """`split_words`, then every word cut where a character is not one of `letters`."""
    if not letters:
        return WORDS
    codes = "".join(f"\\x{{{ord(letter):X}}}" for letter in letters)
    others = pre_tokenizers.Split(Regex(f"[^{codes}]+"), "removed")
    return pre_tokenizers.Sequence([WORDS, others])
