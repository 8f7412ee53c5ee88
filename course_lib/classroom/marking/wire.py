"""Plain data as bytes, between the judge and a student's process that may be hostile.

Both sides run this same file, so it imports nothing of the course but its two halves: `frames`
brings messages over a pipe, `decoding` reads what is in one, and this writes it. An honest result
arrives whatever it is made of: a subclass counts as what it is a kind of, a tensor as its values.
"""

import struct
import sys
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Set, ValuesView
from typing import Any

import numpy as np

from course_lib.classroom.marking.decoding import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_INT_BITS,
    MAX_ITEMS,
    NUMBERS,
    Budget,
    Opaque,
    decode,
    is_type_name,
)
from course_lib.classroom.marking.frames import (
    Closed,
    TimeUp,
    TooLong,
    WireError,
    read_frame,
    write_frame,
)

__all__ = [
    "Closed",
    "Opaque",
    "TimeUp",
    "TooLong",
    "WireError",
    "decode",
    "encode",
    "read_frame",
    "write_frame",
]


def encode(value: Any) -> bytes:
    """Plain data, as plain as it can be made, as bytes that `decode` takes.

    Raises WireError if the value is too large, too deep, contains itself, or cannot be read.
    """
    writer = Writer()
    try:
        writer.put(value, 0)
    except WireError:
        raise
    except Exception as error:  # a student's own class may do anything when it is read
        raise WireError(f"the value cannot be read: {type(error).__name__}") from error
    data = bytes(writer.out)
    decode(data)  # what the other side would refuse is refused here
    return data


class Writer(Budget):
    """Writes values to `out`."""

    def __init__(self) -> None:
        super().__init__()
        self.out = bytearray()

    def put(self, value: Any, depth: int) -> None:
        """One value; a subclass as what it is a kind of."""
        self.spend(1)
        if depth > MAX_DEPTH:
            raise WireError("nested too deeply")
        torch = sys.modules.get("torch")
        if value is None or isinstance(value, bool):
            self.add({None: b"N", True: b"T", False: b"F"}[value])
        elif isinstance(value, np.ndarray | np.generic) and not isinstance(value, str):
            self.put_array(value, depth)
        elif isinstance(value, int):
            self.put_int(value)
        elif isinstance(value, float):
            self.add(b"f" + struct.pack("<d", value))
        elif isinstance(value, str):
            self.put_text(b"s", value)
        elif torch is not None and isinstance(value, torch.Tensor):
            self.put_tensor(torch, value)
        else:
            self.put_container(value, depth)

    def add(self, data: bytes) -> None:
        """Raises WireError where the bytes become too many."""
        if len(self.out) + len(data) > MAX_BYTES:
            raise WireError(f"more than {MAX_BYTES} bytes")
        self.out += data

    def put_int(self, value: int) -> None:
        """A whole number, in as few bytes as hold it and its sign."""
        if (n_bits := int.bit_length(value)) > MAX_INT_BITS:
            raise WireError(f"a whole number of {n_bits} bits")
        data = int.to_bytes(value, n_bits // 8 + 1, "big", signed=True)
        self.add(b"i" + struct.pack("<H", len(data)) + data)

    def put_text(self, tag: bytes, text: str) -> None:
        """A string, or the name of a type."""
        data = str.encode(text)  # a lone surrogate cannot be sent: UnicodeEncodeError
        self.add(tag + struct.pack("<I", len(data)) + data)

    def put_container(self, value: Any, depth: int) -> None:
        """Lists, dicts and what is like them; anything else as Opaque."""
        if isinstance(value, Mapping):
            tag = b"C" if isinstance(value, Counter) else b"d"
            self.put_items(tag, len(value), (x for pair in value.items() for x in pair), depth)
        elif isinstance(value, Set):
            if len(value) > self.keys:
                raise WireError("too many items")
            # Sorted: the same set is the same bytes in every process, wherever its hashes differ.
            items = sorted(value, key=encode)
            self.put_items(b"Z" if isinstance(value, frozenset) else b"S", len(items), items, depth)
        elif isinstance(value, tuple):
            self.put_items(b"t", len(value), value, depth)
        elif isinstance(value, list | deque | range | ValuesView):
            self.put_items(b"l", len(value), value, depth)
        else:
            name = value.type_name if isinstance(value, Opaque) else type(value).__name__
            self.put_text(b"o", name if is_type_name(name) else "object")

    def put_items(self, tag: bytes, count: int, items: Iterable[Any], depth: int) -> None:
        """A container: how many items, then each (key, value, key, value ... of a dict)."""
        if count > self.items:
            raise WireError("too many items")
        self.add(tag + struct.pack("<I", count))
        for item in items:
            self.put(item, depth + 1)

    def put_array(self, value: np.ndarray | np.generic, depth: int) -> None:
        """An array or a number of NumPy's; strings and objects as a list of them."""
        array = np.asarray(value)
        if array.dtype == np.longdouble:
            array = array.astype(np.float64)
        if array.dtype.name not in NUMBERS:
            self.put(array.tolist(), depth + 1)
            return
        code = NUMBERS.index(array.dtype.name)
        data = array.astype(array.dtype.newbyteorder("<"), order="C").tobytes()
        if isinstance(value, np.generic):
            self.add(b"g" + bytes([code]) + data)
        else:
            self.put_numbers(b"a", code, array.shape, data)

    def put_tensor(self, torch: Any, value: Any) -> None:
        """A tensor's values, wherever and however they are kept."""
        dense = value.detach().to_dense() if value.layout != torch.strided else value.detach()
        dense = dense.dequantize() if dense.is_quantized else dense
        if "float8" in str(dense.dtype) or "float4" in str(dense.dtype):
            dense = dense.float()
        name = str(dense.dtype).removeprefix("torch.")
        if name not in NUMBERS or dense.is_meta or dense.is_nested:
            self.put_text(b"o", "Tensor")
            return
        # A copy: every second of two numbers counts as contiguous, and cannot be seen as bytes.
        copy = dense.cpu().resolve_neg().clone(memory_format=torch.contiguous_format)
        flat = copy.reshape(-1).view(torch.uint8)
        self.put_numbers(b"x", NUMBERS.index(name), dense.shape, flat.numpy().tobytes())

    def put_numbers(self, tag: bytes, code: int, shape: tuple[int, ...], data: bytes) -> None:
        """What arrays and tensors have in common."""
        if len(shape) > MAX_DEPTH or max(shape, default=0) > MAX_ITEMS:
            raise WireError("too many items")
        self.add(tag + bytes([code, len(shape)]) + struct.pack(f"<{len(shape)}I", *shape) + data)
