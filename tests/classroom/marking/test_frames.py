"""Messages over a pipe whose other end may do anything."""

import os
import signal
import threading
import time
import tracemalloc

import pytest

from course_lib.classroom.marking.wire import Closed, TimeUp, TooLong, read_frame, write_frame


@pytest.fixture
def pipe():
    ends = list(os.pipe())
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue  # the test has closed it


def soon() -> float:
    return time.monotonic() + 0.05


def in_background(*calls) -> threading.Thread:
    thread = threading.Thread(target=lambda: [function(*args) for function, *args in calls])
    thread.start()
    return thread


@pytest.mark.parametrize("n_bytes", [0, 1, 3, 4, 5, 65_535, 65_536, 65_537, 3_000_000])
def test_messages_arrive_whole_and_one_after_the_other(pipe, n_bytes):
    reader, writer = pipe
    first = os.urandom(n_bytes)
    thread = in_background((write_frame, writer, first), (write_frame, writer, b"second"))
    assert read_frame(reader) == first
    assert read_frame(reader, time.monotonic() + 60) == b"second"
    thread.join()


def test_a_message_that_comes_byte_by_byte_arrives(pipe):
    reader, writer = pipe
    message = b"\x05\0\0\0hello"
    thread = in_background(*[(os.write, writer, message[i : i + 1]) for i in range(len(message))])
    assert read_frame(reader) == b"hello"
    thread.join()


@pytest.mark.parametrize("sent", [b"", b"\x05", b"\x05\0\0\0", b"\x05\0\0\0hell"])
def test_a_reader_waits_until_the_deadline_and_not_longer(pipe, sent):
    reader, writer = pipe
    os.write(writer, sent)
    deadline = soon()
    with pytest.raises(TimeUp):
        read_frame(reader, deadline)
    assert time.monotonic() >= deadline


def test_bytes_that_keep_coming_do_not_move_the_deadline(pipe):
    reader, writer = pipe
    os.write(writer, b"\xff\xff\0\0")
    done = threading.Event()

    def drip() -> None:
        while not done.wait(0.01):
            os.write(writer, b"a")

    thread = in_background((drip,))
    with pytest.raises(TimeUp):
        read_frame(reader, time.monotonic() + 0.2)
    done.set()
    thread.join()


def test_a_deadline_in_the_past_is_up_at_once_even_if_the_message_is_there(pipe):
    write_frame(pipe[1], b"late")
    with pytest.raises(TimeUp):
        read_frame(pipe[0], time.monotonic() - 1)


@pytest.mark.parametrize("sent", [b"", b"\x05", b"\x05\0\0\0", b"\x05\0\0\0hell"])
def test_the_end_of_the_pipe_is_told(pipe, sent):
    reader, writer = pipe
    os.write(writer, sent)
    os.close(writer)
    with pytest.raises(Closed):
        read_frame(reader)


def test_a_message_that_is_too_long_is_not_read(pipe):
    reader, writer = pipe
    write_frame(writer, b"hello")
    with pytest.raises(TooLong):
        read_frame(reader, None, max_bytes=4)
    os.read(reader, 100)
    write_frame(writer, b"four")
    assert read_frame(reader, None, max_bytes=4) == b"four"


def test_an_announced_length_takes_no_memory(pipe):
    reader, writer = pipe
    os.write(writer, (2**31).to_bytes(4, "little") + b"little")
    tracemalloc.start()
    with pytest.raises(TimeUp):
        read_frame(reader, soon(), max_bytes=2**32)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


@pytest.mark.parametrize("n_unread", [0, 1, 5000, 60_000])
def test_a_reader_that_does_not_read_cannot_stop_the_writer(pipe, n_unread):
    os.write(pipe[1], bytes(n_unread))
    with pytest.raises(TimeUp):
        write_frame(pipe[1], bytes(10**6), soon())


def test_a_reader_that_has_gone_is_told(pipe):
    os.close(pipe[0])
    with pytest.raises(Closed):
        write_frame(pipe[1], b"hello")


def test_a_file_descriptor_that_was_closed_is_told(pipe):
    os.close(pipe[0])
    os.close(pipe[1])
    with pytest.raises(Closed):
        read_frame(pipe[0], soon())
    with pytest.raises(Closed):
        write_frame(pipe[1], b"hello", soon())


def test_a_signal_does_not_end_the_waiting(pipe):
    reader, writer = pipe
    rings = []
    before = signal.signal(signal.SIGALRM, lambda *_args: rings.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    thread = in_background((time.sleep, 0.1), (write_frame, writer, b"hello"))
    try:
        assert read_frame(reader, time.monotonic() + 60) == b"hello"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        thread.join()
    assert rings
