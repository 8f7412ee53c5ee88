"""Words with their vectors, and what directions and distances between them say."""

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.text.vocab import SPECIAL, Vocab


class WordVectors:
    """A list of words and a matrix with one row for each.

    Args:
        words: V different words.
        matrix: (V, D); kept as float32 on the CPU.

    Raises ValueError if they do not match or a word is listed twice. Every method raises
    CourseError for a word that has no vector.
    """

    def __init__(self, words: Sequence[str], matrix: Tensor) -> None:
        if matrix.dim() != 2 or len(matrix) != len(words):
            raise ValueError(f"{len(words)} words do not match a matrix {tuple(matrix.shape)}")
        self.words = list(words)
        self.ids = {word: i for i, word in enumerate(self.words)}
        if len(self.ids) < len(self.words):
            raise ValueError("a word is listed twice")
        self.matrix = matrix.detach().float().cpu()
        self.unit = F.normalize(self.matrix, dim=1)  # dot products of these are cosines

    @classmethod
    def from_table(cls, vocab: Vocab, table: Tensor) -> "WordVectors":
        """The rows (V, D) of a model's embedding table, without those of the special words."""
        return cls(vocab.words[len(SPECIAL) :], table[len(SPECIAL) :])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self.ids

    def __getitem__(self, word: str) -> Tensor:
        """(D,) the word's vector."""
        return self.matrix[self.id_of(word)]

    def id_of(self, word: str) -> int:
        """The word's row."""
        if word not in self.ids:
            message = _(
                "there is no vector for {word!r}; choose one of the {n} words that have one"
            )
            raise CourseError(message.format(word=word, n=len(self)))
        return self.ids[word]

    def similarity(self, a: str, b: str) -> float:
        """Cosine of the angle between two words, -1 to 1."""
        return (self.unit[self.id_of(a)] @ self.unit[self.id_of(b)]).item()

    def neighbours(self, word: str, n: int = 10) -> list[tuple[str, float]]:
        """The n words nearest by cosine, nearest first, each with its cosine."""
        return self.nearest(self.unit[self.id_of(word)], n, [word])

    def analogy(self, a: str, b: str, c: str, n: int = 1) -> list[tuple[str, float]]:
        """a is to b as c is to ...? The n words nearest to b - a + c, none of the three among them.

        On vectors of length 1 (3CosAdd). Source: Mikolov et al. (2013); Levy & Goldberg (2014).
        """
        unit_a, unit_b, unit_c = (self.unit[self.id_of(word)] for word in (a, b, c))
        return self.nearest(unit_b - unit_a + unit_c, n, [a, b, c])

    def nearest(
        self, direction: Tensor, n: int, leave_out: Iterable[str] = ()
    ) -> list[tuple[str, float]]:
        """The n words whose vectors point most nearly along (D,), each with its cosine."""
        cosines = self.unit @ F.normalize(direction.float(), dim=0)  # (V,)
        left_out = {self.id_of(word) for word in leave_out}
        cosines[list(left_out)] = -torch.inf
        best = cosines.topk(min(n, len(self) - len(left_out)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        return [(self.words[i], cosine) for i, cosine in pairs]

    def map(self, words: Sequence[str]) -> Tensor:
        """Where to draw the words on a plane: (N, 2), `plane` of their vectors of length 1."""
        return plane(self.unit[[self.id_of(word) for word in words]])


def plane(vectors: Tensor) -> Tensor:
    """(N, D) -> (N, 2): the view from which most of the vectors' spread is seen.

    Principal components, by singular value decomposition. The sign of each axis is free; here the
    vector farthest out lies on its positive side.
    """
    centred = vectors - vectors.mean(dim=0)
    axes = torch.linalg.svd(centred).Vh[:2]  # (2, D), longest spread first
    places: Tensor = centred @ axes.T
    farthest = places.gather(0, places.abs().argmax(dim=0, keepdim=True))  # (1, 2)
    return places * torch.where(farthest < 0, -1.0, 1.0)
