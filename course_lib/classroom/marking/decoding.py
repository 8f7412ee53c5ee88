"""Bytes of a student's process as plain data, or WireError: nothing else can happen.

What comes back is built here from exact built-ins, NumPy arrays and tensors alone: no byte can run
code. Every size is checked against the bytes that are really there before memory is taken. One
value is one tag (a byte) and what belongs to it:

    N T F                     None, True, False
    i  length (2), bytes      whole number, two's complement, big end first
    f  8 bytes                float
    s  length (4), UTF-8      string
    l t d C S Z  count (4)    list, tuple, dict, Counter, set, frozenset: then its items
    a x  type, n_dims, sizes (4 each), data    array, tensor: little end first
    g  type, data             NumPy's own number
    o  length (4), UTF-8      something else: only the name of its type
"""

import math
import struct
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.classroom.marking.frames import WireError

MAX_BYTES = 16 * 2**20
MAX_STRING = 2**20  # bytes
MAX_INT_BITS = 4096
MAX_DEPTH = 32  # a dimension of an array counts as one
MAX_ITEMS = 1_000_000  # numbers in arrays included; all limits together: under 256 MiB of memory
COSTLY = 16  # items: what a dict, a set, an array, a tensor costs, even an empty one
# Keys of dicts and sets that are chosen to collide cost their square in time.
MAX_KEYS = 10_000  # in all
MAX_ALIKE = 64  # with the same hash, in one dict or set; by chance: -1 and -2, in tuples of six

# A type's byte is its place here.
INTS = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
NUMBERS = (*INTS, "float16", "float32", "float64", "bfloat16")
WIDTHS = (1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 2)  # bytes
N_NUMPY = len(NUMBERS) - 1  # all but bfloat16, which NumPy does not know
SEQUENCES: dict[bytes, type] = {b"l": list, b"t": tuple, b"S": set, b"Z": frozenset}
MAPPINGS: dict[bytes, type] = {b"d": dict, b"C": Counter}
CONSTANTS = {b"N": None, b"T": True, b"F": False}


@dataclass(frozen=True)
class Opaque:
    """Stands for a value that is not plain data."""

    type_name: str


def decode(data: bytes) -> Any:
    """The value that `data` stands for. Raises WireError, and nothing else, if there is none."""
    if len(data) > MAX_BYTES:
        raise WireError(f"{len(data)} bytes, more than {MAX_BYTES}")
    reader = Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise WireError("bytes are left over")
    return value


class Budget:
    """Counts down what a value may still use."""

    def __init__(self) -> None:
        self.items, self.keys = MAX_ITEMS, MAX_KEYS

    def spend(self, items: int, keys: int = 0) -> None:
        """Raises WireError where the budget ends."""
        self.items -= items
        self.keys -= keys
        if min(self.items, self.keys) < 0:
            raise WireError("too many items")


class Reader(Budget):
    """Reads values from `data`, trusting none of it."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data, self.at = data, 0

    def take(self, n_bytes: int) -> bytes:
        """The next bytes."""
        if n_bytes > len(self.data) - self.at:
            raise WireError("the data ends too early")
        self.at += n_bytes
        return self.data[self.at - n_bytes : self.at]

    def number(self, n_bytes: int) -> int:
        """A size or a count."""
        return int.from_bytes(self.take(n_bytes), "little")

    def value(self, depth: int) -> Any:
        """The next value; `depth` containers are around it."""
        self.spend(1)
        if depth > MAX_DEPTH:
            raise WireError("nested too deeply")
        tag = self.take(1)
        if tag in CONSTANTS:
            return CONSTANTS[tag]
        if tag == b"f":
            return struct.unpack("<d", self.take(8))[0]
        if tag == b"i":
            return self.whole()
        if tag == b"s":
            return self.text()
        if tag in SEQUENCES:
            return self.sequence(tag, depth)
        if tag in MAPPINGS:
            return self.mapping(tag, depth)
        if tag in (b"a", b"x", b"g"):
            return self.numbers(tag, depth)
        if tag == b"o" and is_type_name(name := self.text()):
            return Opaque(name)
        raise WireError(f"no value begins with {tag!r}")

    def whole(self) -> int:
        """A whole number of at most MAX_INT_BITS bits."""
        n_bytes = self.number(2)
        value = int.from_bytes(self.take(n_bytes), "big", signed=True)
        if n_bytes == 0 or value.bit_length() > MAX_INT_BITS:
            raise WireError("a whole number that is too long or empty")
        return value

    def text(self) -> str:
        """A string of at most MAX_STRING bytes, in UTF-8."""
        if (n_bytes := self.number(4)) > MAX_STRING:
            raise WireError(f"a string of {n_bytes} bytes")
        try:
            return self.take(n_bytes).decode()
        except UnicodeDecodeError:
            raise WireError("a string that is not UTF-8") from None

    def sequence(self, tag: bytes, depth: int) -> Any:
        """A list, tuple, set or frozenset."""
        count = self.number(4)  # costs nothing: items are made as they come
        if tag in (b"l", b"t"):
            items = [self.value(depth + 1) for _ in range(count)]
            return items if tag == b"l" else tuple(items)
        self.spend(COSTLY, keys=count)
        hashes: Counter[int] = Counter()
        found = {self.key(depth + 1, hashes) for _ in range(count)}
        if len(found) < count:
            raise WireError("an item of a set came twice")
        return found if tag == b"S" else frozenset(found)

    def mapping(self, tag: bytes, depth: int) -> Any:
        """A dict or Counter, its keys in the order they came."""
        count = self.number(4)
        self.spend(COSTLY, keys=count)
        found, hashes = MAPPINGS[tag](), Counter[int]()
        for _ in range(count):
            key = self.key(depth + 1, hashes)
            found[key] = self.value(depth + 1)
        if len(found) < count:
            raise WireError("a key came twice")
        return found

    def key(self, depth: int, hashes: Counter[int]) -> Any:
        """A value that dicts and sets find again: no list, no tensor, and no NaN.

        `hashes` counts those of the keys before it.
        """
        key = self.value(depth)
        if not is_key(key):
            raise WireError("a value that cannot be a key")
        hashes[hash(key)] += 1
        if hashes[hash(key)] > MAX_ALIKE:
            raise WireError("too many keys with the same hash")
        return key

    def numbers(self, tag: bytes, depth: int) -> Any:
        """An array, a tensor, or a single number of NumPy's."""
        code = self.number(1)
        if code >= len(NUMBERS) or (code >= N_NUMPY and tag != b"x"):
            raise WireError(f"no numbers have type {code}")
        n_dims = 0 if tag == b"g" else self.number(1)
        shape = tuple(self.number(4) for _ in range(min(n_dims, MAX_DEPTH + 1)))
        if depth + len(shape) > MAX_DEPTH:
            raise WireError("nested too deeply")
        # A size of 0 counts as 1: as lists, the shape (1000000, 0) is a million lists.
        self.spend(COSTLY + math.prod(max(size, 1) for size in shape))
        data = self.take(math.prod(shape) * WIDTHS[code])
        if NUMBERS[code] == "bool" and data.translate(None, b"\0\1"):
            raise WireError("a truth value that is neither 0 nor 1")
        if tag == b"x":
            return tensor(NUMBERS[code], shape, data)
        array = np.frombuffer(data, np.dtype(NUMBERS[code]).newbyteorder("<")).reshape(shape)
        return array[()] if tag == b"g" else array.astype(NUMBERS[code])


def tensor(type_name: str, shape: tuple[int, ...], data: bytes) -> Any:
    """A tensor of these numbers."""
    import torch  # half a second or more, and most submissions send none

    dtype = getattr(torch, type_name)
    if not data:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


def is_key(value: Any) -> bool:
    """Can it be found again, by its value?"""
    if isinstance(value, tuple | frozenset):
        return all(is_key(item) for item in value)
    if isinstance(value, float | np.floating):
        return not math.isnan(value)
    return value is None or isinstance(value, int | str | np.generic | Opaque)


def is_type_name(name: Any) -> bool:
    """Short and harmless enough to be shown."""
    return isinstance(name, str) and name.isascii() and name.isidentifier() and len(name) <= 40
