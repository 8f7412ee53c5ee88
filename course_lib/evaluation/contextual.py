"""Does a vector know the sense of its word? Asked of the nearest other use of the same word."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from course_lib.data.lengths import cut
from course_lib.models.looking import layer_vectors


class Use(NamedTuple):
    """A word where a text uses it, and the sense it has there."""

    word: str
    sense: str


def use_vectors(
    model: nn.Module, texts: Sequence[Tensor], places: Sequence[int], n_tokens: int = 8192
) -> Tensor:
    """(N, L + 1, D): the vector of one token of each text, as it enters the model's first block
    and as it leaves each of the L.

    Args:
        texts: N texts as the model reads them, special tokens included, the padding id 0 nowhere.
        places: for each text which token, counted from 0.
        n_tokens: how many tokens to read at a time.
    """
    lengths = [(len(text),) for text in texts]
    order = sorted(range(len(texts)), key=lengths.__getitem__)
    found: dict[int, Tensor] = {}
    for rows in cut(order, lengths, n_tokens):
        layers = layer_vectors(model, pad_sequence([texts[i] for i in rows], batch_first=True))
        for row, i in enumerate(rows):
            found[i] = layers[:, row, places[i]].clone()
    return torch.stack([found[i] for i in range(len(texts))])


def nearest_senses(
    known: Tensor, known_uses: Sequence[Use], asked: Tensor, asked_words: Sequence[str]
) -> list[str]:
    """The sense of each asked use's nearest neighbour, by cosine, among known uses of its word.

    known (N, D), asked (M, D); the two must not come from the same texts, or a use could find a
    twin beside it. Raises ValueError if a word has no known use.
    """
    known, asked = F.normalize(known, dim=1), F.normalize(asked, dim=1)
    senses = [""] * len(asked_words)
    for word in dict.fromkeys(asked_words):
        rows = [i for i, use in enumerate(known_uses) if use.word == word]
        if not rows:
            raise ValueError(f"no known use of {word!r}")
        mine = [i for i, other in enumerate(asked_words) if other == word]
        nearest = (asked[mine] @ known[rows].T).argmax(dim=1)
        for i, best in zip(mine, nearest.tolist(), strict=True):
            senses[i] = known_uses[rows[best]].sense
    return senses


def majority_senses(known_uses: Iterable[Use], asked_words: Sequence[str]) -> list[str]:
    """The best that one vector per word allows: always the word's commonest known sense.

    Raises ValueError if a word has no known use.
    """
    counts: dict[str, dict[str, int]] = {}
    for use in known_uses:
        senses = counts.setdefault(use.word, {})
        senses[use.sense] = senses.get(use.sense, 0) + 1
    missing = sorted(set(asked_words) - set(counts))
    if missing:
        raise ValueError(f"no known use of {missing[0]!r}")
    best = {word: max(senses, key=senses.__getitem__) for word, senses in counts.items()}
    return [best[word] for word in asked_words]
