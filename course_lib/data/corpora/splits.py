"""Train, dev and test: fixed for ever, and nothing of dev or test in train."""

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Splits(Generic[T]):
    """The three parts of a data set. A part that its authors did not publish may be empty."""

    train: list[T]
    dev: list[T]
    test: list[T]
    n_dropped: int = field(default=0, kw_only=True)  # rows left out: empty, or they would leak


def by_group(
    items: Sequence[T], group: Callable[[T], str], dev: float = 0.1, test: float = 0.1
) -> Splits[T]:
    """Split so that items of one group (an article, a sentence) stay on one side.

    Groups are ordered by the SHA-256 of their name and fill test, then dev, until each holds its
    share of the items; the rest is train. So the split depends on nothing but the data.
    """
    sizes = Counter(group(item) for item in items)
    part: dict[str, str] = {}
    n_before = 0
    for name in sorted(sizes, key=lambda name: hashlib.sha256(name.encode()).digest()):
        share = n_before / len(items)
        part[name] = "test" if share < test else "dev" if share < test + dev else "train"
        n_before += sizes[name]
    parts: dict[str, list[T]] = {"train": [], "dev": [], "test": []}
    for item in items:
        parts[part[group(item)]].append(item)
    return Splits(parts["train"], parts["dev"], parts["test"])


def leak_free(
    splits: Splits[T], inputs: Callable[[T], Iterable[Hashable]], held_out: Iterable[T] = ()
) -> Splits[T]:
    """Leave out training items that share an input with dev, test or `held_out`.

    `inputs` gives the things that must not be shared: a model that saw one has seen the question.
    """
    items = [*splits.dev, *splits.test, *held_out]
    forbidden = {key for item in items for key in inputs(item)}
    train = [item for item in splits.train if forbidden.isdisjoint(inputs(item))]
    n_dropped = splits.n_dropped + len(splits.train) - len(train)
    return Splits(train, splits.dev, splits.test, n_dropped=n_dropped)


def normal(text: str) -> str:
    """Letters and digits only, without case: equal for "Don't stop!" and "don 't stop ." ."""
    return "".join(c for c in text.casefold() if c.isalnum())
