"""A vocabulary: a fixed list of words, each with its number."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

PAD, UNK, START, END = "<pad>", "<unk>", "<s>", "</s>"
SPECIAL = (PAD, UNK, START, END)


class Vocab:
    """Words and their ids. The first four ids are always <pad> 0, <unk> 1, <s> 2, </s> 3.

    Raises ValueError if a word is listed twice.
    """

    pad_id, unk_id, start_id, end_id = range(4)

    def __init__(self, words: Iterable[str]) -> None:
        self.words = [*SPECIAL, *(w for w in words if w not in SPECIAL)]
        self.ids = {word: i for i, word in enumerate(self.words)}
        if len(self.ids) < len(self.words):
            twice = next(w for w, n in Counter(self.words).items() if n > 1)
            raise ValueError(f"{twice!r} is in the word list twice")

    @classmethod
    def from_texts(
        cls, texts: Iterable[Sequence[str]], min_count: int = 1, max_size: int | None = None
    ) -> "Vocab":
        """The words of `texts` that occur at least `min_count` times, frequent ones first.

        Equally frequent words stand in alphabetical order, so the ids depend on nothing but the
        texts. `max_size` counts the special words too.
        """
        counts = Counter(itertools.chain.from_iterable(texts))
        words = sorted(counts, key=lambda word: (-counts[word], word))
        kept = [w for w in words if counts[w] >= min_count and w not in SPECIAL]
        return cls(kept if max_size is None else kept[: max(0, max_size - len(SPECIAL))])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self.ids

    def encode(self, words: Iterable[str]) -> Tensor:
        """Words -> (T,) ids, int64; words not in the vocabulary become <unk>."""
        return torch.tensor([self.ids.get(w, self.unk_id) for w in words], dtype=torch.long)

    def decode(self, ids: Iterable[int] | Tensor) -> list[str]:
        """(T,) ids -> words."""
        return [self.words[int(i)] for i in ids]
