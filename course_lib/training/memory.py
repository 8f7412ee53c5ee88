"""Memory in training: kept between steps, and named when there is too little of it."""

import contextlib
import ctypes
import sys
from collections.abc import Iterator

import torch

from course_lib.errors import CourseError
from course_lib.i18n import _

# mallopt's names, from glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 1 << 30
OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory")


def keep_freed_memory() -> bool:
    """Ask the C library to keep what is freed for the next step; True if it will.

    Every step needs the same large buffers again. glibc by default returns them to the kernel, and
    each page of them costs a page fault the next time: some 1,100 faults and 5 to 10 % of a step's
    time for a GPT of 100,000 weights, more for larger ones. Holds for the whole process, changes
    no result, and does nothing where the C library is another.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):  # a C library without it, such as musl
        return False
    done = [mallopt(option, KEPT_BYTES) for option in (M_MMAP_THRESHOLD, M_TRIM_THRESHOLD)]
    return done == [1, 1]


@contextlib.contextmanager
def explained_memory(step: int) -> Iterator[None]:
    """Turn "out of memory" inside the block into a CourseError that says what to make smaller."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch.OutOfMemoryError is a RuntimeError
        if not _is_out_of_memory(error):
            raise
        message = _(
            "out of memory in step {step}: make the batches smaller (n_accumulate adds them up"
            " again), the texts shorter, or the model smaller"
        )
        raise CourseError(message.format(step=step)) from error


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(error).lower() for words in OUT_OF_MEMORY)
