"""Messages over a pipe: four bytes say how long a message is, then it comes.

Neither a reader nor a writer at the other end who stops half-way, sends byte by byte, or lies about
a length can make this side wait beyond its deadline or take more memory than came in.
"""

import math
import os
import select
import time

HEADER = 4  # bytes, the smallest first
CHUNK = 2**16


class WireError(ValueError):
    """What was to be sent or came in is not plain data within the limits."""


class TimeUp(WireError):  # noqa: N818 (what happened, not what failed)
    """The deadline passed before the whole message was through."""


class Closed(WireError):  # noqa: N818
    """The other side has gone."""


class TooLong(WireError):  # noqa: N818
    """A message is longer than allowed."""


def write_frame(fd: int, data: bytes, deadline: float | None = None) -> None:
    """Send a message. `deadline` is a value of time.monotonic(); None waits for ever.

    Raises TimeUp, Closed or TooLong.
    """
    if len(data) >= 2 ** (8 * HEADER):
        raise TooLong(f"a message of {len(data)} bytes")
    rest = memoryview(len(data).to_bytes(HEADER, "little") + data)
    try:
        os.set_blocking(fd, False)  # or a write larger than the pipe's free space would wait
        while rest:
            wait(fd, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(fd, rest[:CHUNK]) :]
            except BlockingIOError:  # less space than poll had promised
                continue
    except OSError as error:
        raise Closed(str(error)) from error


def read_frame(fd: int, deadline: float | None = None, max_bytes: int = 2**24) -> bytes:
    """Receive a message of at most `max_bytes` bytes; `deadline` as above.

    Raises TimeUp, Closed or TooLong. After any of them the pipe is of no more use.
    """
    n_bytes = int.from_bytes(read_bytes(fd, HEADER, deadline), "little")
    if n_bytes > max_bytes:
        raise TooLong(f"a message of {n_bytes} bytes, more than {max_bytes}")
    return read_bytes(fd, n_bytes, deadline)


def read_bytes(fd: int, n_bytes: int, deadline: float | None) -> bytes:
    """Exactly that many bytes. Memory grows with what comes, not with what was announced."""
    data = bytearray()
    while len(data) < n_bytes:
        try:
            wait(fd, select.POLLIN, deadline)
            part = os.read(fd, min(n_bytes - len(data), CHUNK))
        except BlockingIOError:
            continue
        except OSError as error:
            raise Closed(str(error)) from error
        if not part:
            raise Closed("the pipe ended")
        data += part
    return bytes(data)


def wait(fd: int, event: int, deadline: float | None) -> None:
    """Until `fd` is ready, or its other end closed. Raises TimeUp at the deadline."""
    poll = select.poll()
    poll.register(fd, event)
    while True:
        rest = math.inf if deadline is None else deadline - time.monotonic()
        if rest <= 0:
            raise TimeUp("the deadline has passed")
        # In slices, because poll takes no number of milliseconds above 2^31.
        if poll.poll(math.ceil(1000 * min(rest, 3600.0))):
            return
