"""Is a student's result the expected one? If not, where not, in plain words.

Only values count: a list may stand for a tuple, an array or a tensor, 2.0 for 2, float32 for
float64. Nothing here imports torch: a tensor exists only where it is loaded already.
"""

import math
import sys
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from course_lib.classroom.marking.decoding import Opaque
from course_lib.i18n import _


@dataclass(frozen=True)
class Mismatch:
    """What is different: the kind of value, its shape (size, keys), or a value within it."""

    about: Literal["kind", "shape", "value"]
    words: str


def compare(result: Any, expected: Any, tolerance: float, place: str = "") -> Mismatch | None:
    """The first difference, or None. `place` says where we are inside nested data: "[2]['the']"."""
    result, expected = plain(result), plain(expected)
    found, due = kind(result), kind(expected)
    if result is None and expected is not None:
        return Mismatch("kind", at(place, _("nothing came back (None): is a return missing?")))
    if found != due:
        words = _("{found} came back where {due} is due").format(found=found, due=due)
        return Mismatch("kind", at(place, words))
    if isinstance(expected, Mapping):
        return compare_mappings(result, expected, tolerance, place)
    if isinstance(expected, Set):
        return None if result == expected else Mismatch("value", unequal(result, expected, place))
    if isinstance(expected, list):
        return compare_lists(result, expected, tolerance, place)
    if isinstance(expected, int | float):  # also True and False, which only equal themselves
        return compare_numbers(result, expected, tolerance, place)
    return None if result == expected else Mismatch("value", unequal(result, expected, place))


def compare_numbers(
    result: float, expected: float, tolerance: float, place: str
) -> Mismatch | None:
    """Equal within tolerance * max(1, |expected|); infinities and NaN must be the same ones."""
    if result == expected or (is_nan(result) and is_nan(expected)):
        return None
    if is_nan(result):
        words = _("the result is NaN, not a number: look for 0 / 0, inf - inf or log of a negative")
        return Mismatch("value", at(place, words))
    try:
        close = abs(result - expected) <= tolerance * max(1.0, abs(expected)) < math.inf
    except OverflowError:  # a whole number that no float can hold
        close = False
    return None if close else Mismatch("value", unequal(result, expected, place))


def is_nan(number: float) -> bool:
    return isinstance(number, float) and math.isnan(number)


def compare_lists(result: list, expected: list, tolerance: float, place: str) -> Mismatch | None:
    """Same shape first, so that a transposed matrix is called one; then item by item."""
    if (found := shape(result)) != (due := shape(expected)):
        if len(found) == len(due) == 1:
            words = _("{found} items came back where {due} are due")
            words = words.format(found=found[0], due=due[0])
        else:
            words = _("the shape is {found} where {due} is due").format(found=found, due=due)
        return Mismatch("shape", at(place, words))
    pairs = enumerate(zip(result, expected, strict=True))
    mismatches = (compare(r, e, tolerance, f"{place}[{i}]") for i, (r, e) in pairs)
    return next((m for m in mismatches if m), None)


def compare_mappings(
    result: Mapping, expected: Mapping, tolerance: float, place: str
) -> Mismatch | None:
    """Same keys first; in a Counter a missing key means 0, as Python has it."""
    if isinstance(expected, Counter):
        result = {key: value for key, value in result.items() if not is_zero(value)}
        expected = {key: value for key, value in expected.items() if value != 0}
    if missing := [key for key in expected if key not in result]:
        words = _("the key {key} is missing").format(key=short(missing[0]))
        return Mismatch("shape", at(place, words))
    if extra := [key for key in result if key not in expected]:
        words = _("the key {key} should not be there").format(key=short(extra[0]))
        return Mismatch("shape", at(place, words))
    mismatches = (compare(result[k], expected[k], tolerance, f"{place}[{k!r}]") for k in expected)
    return next((m for m in mismatches if m), None)


def plain(value: Any) -> Any:
    """Arrays, tensors, tuples and NumPy's own numbers as Python's lists and numbers."""
    value = untensored(value)
    return list(value) if isinstance(value, tuple) else value


def untensored(value: Any) -> Any:
    """Arrays, tensors and NumPy's own numbers as Python's lists and numbers."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return value.detach().cpu().tolist()
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def kind(value: Any) -> str:
    """What a plain value is, in the reader's words."""
    names: list[tuple[type | tuple[type, ...], str]] = [
        (bool, _("a truth value")),
        ((int, float), _("a number")),
        (str, _("a string")),
        (list, _("a list or tensor")),
        (Mapping, _("a dictionary")),
        (Set, _("a set")),
        (type(None), _("nothing (None)")),
    ]
    type_name = value.type_name if isinstance(value, Opaque) else type(value).__name__
    other = _("an object of type {type}").format(type=type_name)
    return next((name for types, name in names if isinstance(value, types)), other)


def shape(value: Any, max_depth: int = 8) -> tuple[int, ...]:
    """Sizes of a nested list as far as it is regular: [[1, 2], [3, 4]] -> (2, 2); a number -> ().

    What a list contains of itself is not looked into; `max_depth` ends longer circles.
    """
    if not isinstance(value := plain(value), list) or max_depth == 0:
        return ()
    inner = {() if item is value else shape(item, max_depth - 1) for item in value}
    return (len(value), *(inner.pop() if len(inner) == 1 else ()))


def is_zero(value: Any) -> bool:
    """Is it the number 0? (A list or a tensor as a count is wrong, but must not stop us here.)"""
    value = plain(value)
    return isinstance(value, int | float) and value == 0


def at(place: str, words: str) -> str:
    """Words with the place before them, if it is inside something."""
    return _("at {place}: {words}").format(place=place, words=words) if place else words


def unequal(result: Any, expected: Any, place: str) -> str:
    """The two values side by side, numbers with no more digits than it takes to see why."""
    values = [f"{v:.4g}" if isinstance(v, float) else short(v) for v in (result, expected)]
    if values[0] == values[1]:
        values = [short(result), short(expected)]
    words = _("{result} came back where {expected} is due")
    return at(place, words.format(result=values[0], expected=values[1]))


def short(value: Any, width: int = 60) -> str:
    """A value on one line of at most `width` characters."""
    try:
        line = " ".join(repr(untensored(value)).split())
    except Exception:  # a number of 5,000 digits, a list in a list in a list ...
        return kind(value)
    return line if len(line) <= width else line[: width - 1] + "…"
