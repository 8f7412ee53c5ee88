"""Very many texts in little memory."""

import itertools
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
import torch
from torch import Tensor

from course_lib.text.vocab import SPECIAL, Vocab


class PackedTexts(Sequence[Tensor]):
    """A list of texts as ids, kept end to end in one array: 4 bytes a word.

    Behaves as a list of (T,) int64 tensors, which are made when asked for; ten million small
    tensors would take several gigabytes. A slice is packed, too, and shares the memory.

    ids: (N,) int32, all texts. ends: (B,) int64, where each text ends.
    """

    def __init__(self, ids: np.ndarray, ends: np.ndarray, start: int = 0) -> None:
        self.ids, self.ends, self.start = ids, ends, start

    @classmethod
    def encode(cls, texts: Iterable[Sequence[str]], vocab: Vocab) -> "PackedTexts":
        """Texts as words, one at a time -> ids. Words that are not in `vocab` become <unk>.

        So do <pad>, <s> and </s>: in a text they are no more than strange words.
        """
        known = {word: i for i, word in enumerate(vocab.words) if i >= len(SPECIAL)}
        ids, lengths = array("i"), array("q")
        rest = iter(texts)
        while some := list(itertools.islice(rest, 1000)):  # many at a time are encoded faster
            words = itertools.chain.from_iterable(some)
            ids.extend(map(known.get, words, itertools.repeat(vocab.unk_id)))
            lengths.extend(map(len, some))
        return cls(np.frombuffer(ids, dtype=np.int32), np.cumsum(lengths, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def lengths(self) -> np.ndarray:
        """(B,) number of words of each text."""
        return np.diff(self.ends, prepend=self.start)

    @property
    def words(self) -> np.ndarray:
        """(N,) int32 ids of all texts, one after the other."""
        return self.ids[self.start : self.ends[-1]] if len(self) else self.ids[:0]

    @overload
    def __getitem__(self, i: int) -> Tensor: ...
    @overload
    def __getitem__(self, i: slice) -> "PackedTexts": ...
    def __getitem__(self, i: int | slice) -> "Tensor | PackedTexts":
        if isinstance(i, slice):
            first, end, step = i.indices(len(self))
            if step != 1:
                raise ValueError("packed texts can be sliced with a step of 1 only")
            return PackedTexts(self.ids, self.ends[first:end], self._start_of(first))
        i = range(len(self))[i]  # negative numbers, and an IndexError beyond the end
        return torch.from_numpy(self.ids[self._start_of(i) : self.ends[i]].astype(np.int64))

    def _start_of(self, i: int) -> int:
        return int(self.ends[i - 1]) if i else self.start

    def batches(self, n_words: int) -> Iterator["PackedTexts"]:
        """The texts in order, in packs of about `n_words` words, at least one text each."""
        first = 0
        while first < len(self):
            most = self._start_of(first) + n_words
            end = max(int(np.searchsorted(self.ends, most, side="right")), first + 1)
            yield self[first:end]
            first = end


def pack(texts: Sequence[Tensor]) -> PackedTexts:
    """A list of (T,) id tensors -> the same, packed; what is packed already is left as it is."""
    if isinstance(texts, PackedTexts):
        return texts
    ids = torch.cat([*texts, torch.zeros(0, dtype=torch.long)]).cpu().numpy()
    return PackedTexts(ids, np.cumsum([len(text) for text in texts], dtype=np.int64))
