"""Sets of phrases, chosen word by word: the next word always tells which phrases are left."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from course_lib.data.riverbank.words import Slot, Token

Choose = Callable[[Mapping[Token, float]], str]
Phrase = tuple[Sequence[Token | Slot], float, Any]  # its pieces, its weight, what it means


class Phrases:
    """A tree of weighted phrases, none of which is the beginning of another.

    At a leaf, `value` is what the phrase means; where a slot comes next, `slot` names it; anywhere
    else `chances` holds the probability of each next word. Raises ValueError for two phrases that
    the next word could not tell apart.
    """

    __slots__ = ("chances", "follow", "next", "slot", "value")

    def __init__(self, phrases: Iterable[Phrase], depth: int = 0) -> None:
        groups: dict[Token | Slot | None, list[Phrase]] = {}
        for phrase in phrases:
            piece = phrase[0][depth] if depth < len(phrase[0]) else None
            groups.setdefault(piece, []).append(phrase)
        self.chances: dict[Token, float] = {}
        self.next: dict[str, Phrases] = {}
        self.follow: Phrases | None = None
        self.slot: Slot | None = None
        self.value: Any = None
        if len(groups) == 1 and None in groups and len(groups[None]) == 1:
            self.value = groups[None][0][2]
        elif len(groups) == 1 and isinstance(slot := next(iter(groups)), Slot):
            self.slot, self.follow = slot, Phrases(groups[slot], depth + 1)
        else:
            self.branch(groups, depth)

    def branch(self, groups: dict[Token | Slot | None, list[Phrase]], depth: int) -> None:
        """Several next words: each gets its share of the weight and its own subtree."""
        weights: dict[Token, float] = {}
        for piece, phrases in groups.items():
            if not isinstance(piece, Token):
                raise ValueError(f"nothing tells these phrases apart: {example(groups)}")
            weights[piece] = sum(weight for _pieces, weight, _value in phrases)
            self.next[piece] = Phrases(phrases, depth + 1)
        self.chances = share(weights)


def example(groups: Mapping[Any, Sequence[Phrase]]) -> str:
    """The first phrase of each group, for an error."""
    return " / ".join(
        " ".join(str(piece) for piece in phrases[-1][0]) for phrases in groups.values()
    )


def share(weights: Mapping[Token, float]) -> dict[Token, float]:
    """Weights -> probabilities that sum to 1."""
    total = sum(weights.values())
    return {token: weight / total for token, weight in weights.items()}


def follow(node: Phrases, choose: Choose, fill: Callable[[Slot], None]) -> Any:
    """Choose one phrase of `node`, word by word, filling its slots; returns what it means."""
    while node.value is None:
        if node.slot:
            fill(node.slot)
            assert node.follow is not None
            node = node.follow
        else:
            node = node.next[choose(node.chances)]
    return node.value
