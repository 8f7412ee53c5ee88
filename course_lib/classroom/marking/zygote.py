"""Runs inside a sandbox: loads the large libraries once, then forks a worker for each submission.

A fork takes milliseconds where a new Python needs seconds. The price: submissions follow each other
in one sandbox, and one that is hostile might spoil the next. For practice and rehearsals only.

This process alone holds the judge's pipes and passes messages on; a worker has pipes of its own. So
what the judge says here is heard, whatever a worker does: b"start" asks for a worker, b"end" and a
random word for its end, which is confirmed by the word, once nothing of the worker is left.
"""

import contextlib
import ctypes
import importlib
import os
import select
import shutil
import signal
import time
from pathlib import Path

from course_lib.classroom.marking import worker
from course_lib.classroom.marking.frames import HEADER, WireError, read_frame

LIBRARIES = ("numpy.random", "torch", "matplotlib.pyplot")
SCRATCH = ("/tmp", "/dev/shm")
INBOX, OUTBOX = worker.INBOX, worker.OUTBOX
N_FILES = 128
CHUNK = 4096  # a pipe that can be written to at all takes as much without waiting
PR_SET_DUMPABLE = 4  # linux/prctl.h
N_TRIES, PAUSE = 5000, 0.002  # seconds between two attempts to end everything


def main() -> None:
    """Serve one submission after the other until the judge closes its end."""
    for name in LIBRARIES:
        importlib.import_module(name)
    set_open(False)
    end_everything()  # what the libraries have left, too
    os.write(OUTBOX, b"l")  # loaded
    while True:
        try:
            read_frame(INBOX)  # b"start"
        except WireError:
            os._exit(0)
        last_word = pass_messages(*start_worker())
        end_everything()
        os.write(OUTBOX, last_word)


def set_open(is_open: bool) -> None:
    """May processes of the same user read this one's memory and use its pipes?"""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, int(is_open), 0, 0, 0)


def start_worker() -> tuple[int, int]:
    """Fork a worker; file descriptors to and from it."""
    requests, to_worker = os.pipe()
    from_worker, replies = os.pipe()
    if os.fork() == 0:
        try:
            os.dup2(requests, INBOX)
            os.dup2(replies, OUTBOX)
            os.closerange(OUTBOX + 1, N_FILES)
            set_open(True)
            # Not the numbers that every other worker draws; `random` sees to that by itself.
            importlib.import_module("numpy.random").seed()
            worker.main()
        finally:
            os._exit(1)
    os.close(requests)
    os.close(replies)
    return to_worker, from_worker


def pass_messages(to_worker: int, from_worker: int) -> bytes:
    """Between the judge and the worker, until the judge sends b"end"; the word behind that.

    When the worker has gone, so does this process: the judge is to see it.
    """
    down = up = memoryview(b"")
    while True:
        poll = select.poll()
        poll.register(INBOX, select.POLLIN)
        # What came up has to leave before more is taken: a flood stays in the worker's pipe.
        poll.register(*((OUTBOX, select.POLLOUT) if up else (from_worker, select.POLLIN)))
        if down:
            poll.register(to_worker, select.POLLOUT)
        ready = [fd for fd, _event in poll.poll()]
        if INBOX in ready:
            message = read_frame(INBOX)
            if message.startswith(b"end"):
                os.close(to_worker)
                os.close(from_worker)
                return message.removeprefix(b"end")
            down = memoryview(bytes(down) + len(message).to_bytes(HEADER, "little") + message)
        if to_worker in ready:
            down = down[os.write(to_worker, down[:CHUNK]) :]
        if from_worker in ready:
            up = memoryview(os.read(from_worker, CHUNK))
            if not up:
                os._exit(1)
        if OUTBOX in ready:
            up = up[os.write(OUTBOX, up[:CHUNK]) :]


def end_everything() -> None:
    """Kill all other processes of the sandbox and empty its folders, or else end this one, too."""
    for _try in range(N_TRIES):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
        try:
            os.kill(-1, signal.SIGKILL)  # all but this process and the sandbox's first one
        except ProcessLookupError:
            break
        time.sleep(PAUSE)
    else:
        os._exit(1)
    for folder in map(Path, SCRATCH):
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


if __name__ == "__main__":
    main()
