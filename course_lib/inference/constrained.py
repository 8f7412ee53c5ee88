"""Structured output: a small grammar says which words may come next; the model chooses among them.

A pattern is a regular expression over words. What may follow is found by its derivatives: the
derivative of a pattern by a word is the pattern of all that may come after that word.
Sources: Brzozowski (1964); for language models, Willard & Louf (2023).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference.decoding import greedy
from course_lib.text.vocab import Vocab


@dataclass(frozen=True)
class Pattern:
    """`parts` are words or patterns, as `kind` says: never, empty, word, then, either, many."""

    kind: str
    parts: tuple["Pattern | str", ...] = ()

    @property
    def may_end(self) -> bool:
        """Whether it allows the empty sequence."""
        kept = (part.may_end for part in self.parts if isinstance(part, Pattern))
        if self.kind in ("empty", "many"):
            return True
        if self.kind == "then":
            return all(kept)
        return self.kind == "either" and any(kept)

    def first(self) -> frozenset[str]:
        """The words that may come first."""
        if self.kind == "word":
            return frozenset(map(str, self.parts))
        found: set[str] = set()
        for part in self.parts:
            assert isinstance(part, Pattern)
            found |= part.first()
            if self.kind == "then" and not part.may_end:
                break
        return frozenset(found)

    def every_word(self) -> Iterator[str]:
        """The words it is made of."""
        for part in self.parts:
            yield from (part,) if isinstance(part, str) else part.every_word()

    def after(self, word: str) -> "Pattern":
        """The derivative: all that may come once `word` has come first."""
        if self.kind == "word":
            return EMPTY if word in self.parts else NEVER
        patterns = [part for part in self.parts if isinstance(part, Pattern)]
        if self.kind == "either":
            return either(*(part.after(word) for part in patterns))
        if self.kind == "many":
            return then(patterns[0].after(word), self)
        if self.kind != "then":
            return NEVER
        head, tail = patterns[0], then(*patterns[1:])
        rest = then(head.after(word), tail)
        return either(rest, tail.after(word)) if head.may_end else rest


NEVER, EMPTY = Pattern("never"), Pattern("empty")


def words(text: str) -> Pattern:
    """These words, one after the other: words("stars :")."""
    return then(*(Pattern("word", (word,)) for word in text.split()))


def one_of(choices: Iterable[str]) -> Pattern:
    """Any one of these; each may have several words."""
    return either(*(words(choice) for choice in choices))


def then(*parts: Pattern) -> Pattern:
    """All of them, in this order."""
    flat: list[Pattern | str] = []
    for part in parts:
        if part == NEVER:
            return NEVER
        flat += part.parts if part.kind == "then" else () if part == EMPTY else (part,)
    if len(flat) == 1 and isinstance(flat[0], Pattern):
        return flat[0]
    return Pattern("then", tuple(flat)) if flat else EMPTY


def either(*parts: Pattern) -> Pattern:
    """Any one of them."""
    flat: dict[Pattern | str, None] = {}
    for part in parts:
        flat |= dict.fromkeys(part.parts if part.kind == "either" else (part,))
    flat.pop(NEVER, None)
    if len(flat) == 1:
        (only,) = flat
        assert isinstance(only, Pattern)
        return only
    return Pattern("either", tuple(flat)) if flat else NEVER


def many(part: Pattern, separator: Pattern = EMPTY) -> Pattern:
    """None or more of them, with `separator` in between."""
    if separator == EMPTY:
        return Pattern("many", (part,))
    return maybe(then(part, Pattern("many", (then(separator, part),))))


def maybe(part: Pattern) -> Pattern:
    """It, or nothing."""
    return either(EMPTY, part)


def allows(pattern: Pattern, sentence: Iterable[str]) -> bool:
    """Whether the whole sentence is as the pattern says."""
    return reduce(Pattern.after, sentence, pattern).may_end


class Grammar:
    """A pattern over the words of a vocabulary; ended by `end`, a word of it.

    Raises CourseError for a pattern that nothing can fulfil, or with words that are not known.
    """

    def __init__(self, pattern: Pattern, vocab: Vocab, end: str) -> None:
        self.start, self.vocab, self.end_id = pattern, vocab, vocab.ids[end]
        self.masks: dict[Pattern, Tensor] = {}
        if pattern == NEVER:
            raise CourseError(_("the grammar allows no text at all"))
        for word in pattern.every_word():
            if word not in vocab:
                message = _("the grammar has the word {word!r}, which the model does not know")
                raise CourseError(message.format(word=word))

    def allowed(self, state: Pattern) -> Tensor:
        """(V,) True for the words that may come next; the end mark, if the text may end here."""
        if state not in self.masks:
            mask = torch.zeros(len(self.vocab), dtype=torch.bool)
            mask[[self.vocab.ids[word] for word in state.first()]] = True
            mask[self.end_id] |= state.may_end
            self.masks[state] = mask
        return self.masks[state]

    def next(self, state: Pattern, token: int) -> Pattern:
        """The state after one more token; the end mark changes nothing any more."""
        if token == self.end_id:
            return EMPTY
        return state.after(self.vocab.words[token])


class Constrained:
    """A `choose` for one call of `generate`: whatever the model wants, the text fits the grammar.

    Words that may not come get probability 0, and the others share what is left in proportion;
    then `choose` takes one. Each row has a state of its own.
    """

    def __init__(self, grammar: Grammar, choose: Callable[[Tensor], Tensor] = greedy) -> None:
        self.grammar, self.choose = grammar, choose
        self.states: list[Pattern] | None = None

    def filter(self, logits: Tensor) -> Tensor:
        """(B, V) -> (B, V), a new tensor: -inf for what may not come next in each row."""
        if self.states is None:
            self.states = [self.grammar.start] * len(logits)
        mask = torch.stack([self.grammar.allowed(state) for state in self.states])
        return logits.masked_fill(~mask.to(logits.device), -torch.inf)

    def __call__(self, logits: Tensor) -> Tensor:
        """(B, V) logits -> (B, 1) tokens."""
        tokens = self.choose(self.filter(logits))
        assert self.states is not None
        pairs = zip(self.states, tokens[:, 0].tolist(), strict=True)
        self.states = [self.grammar.next(state, token) for state, token in pairs]
        return tokens
