"""Warm workers: the same answers, and nothing of a notebook is left for the next one."""

import threading
from collections.abc import Iterator

import pytest

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking.marker import mark_submission
from course_lib.classroom.marking.session import Session, WorkerError
from course_lib.classroom.marking.warm import WarmWorkers

from .boxes import gone
from .notebooks import handed
from .test_marker import ONE, RIGHT, short

pytestmark = pytest.mark.usefixtures("sandbox")
FORKS = """import os
def f():
    while True:
        try: os.fork()
        except OSError: pass"""
LIMITS = Limits(seconds=60, memory_mb=1500)


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmWorkers]:
    with WarmWorkers() as workers:
        yield workers


def answer(warm: WarmWorkers, cell: str, seconds: float = 100):
    with Session([cell], LIMITS, warm) as session:
        return session.call("f", (), seconds).value


def pid_of_the_free(warm: WarmWorkers) -> list[int]:
    return [box.pid for boxes in warm.free.values() for box in boxes]


def test_a_notebook_is_marked_as_in_a_worker_of_its_own(warm):
    submission = handed(RIGHT)
    papers = short(ONE, 20)
    (hot,) = mark_submission(submission, papers, warm).marks
    (cold,) = mark_submission(submission, papers).marks
    assert hot.status == cold.status == "right"
    assert (hot.points, hot.n_passed) == (cold.points, cold.n_passed)


def test_a_sandbox_is_used_again_and_remembers_nothing(warm):
    leave = (
        "import builtins, math, os, sys, torch\n"
        "builtins.secret, math.pi, sys.left = 1, 3, 1\n"
        "torch.tensor, torch.left = None, 1\n"
        "os.environ['LEFT'] = '1'\n"
        "for place in ('/tmp', '/dev/shm'):\n"
        "    os.mkdir(place + '/folder')\n"
        "    open(place + '/folder/file', 'w').write('left')\n"
        "    os.symlink('/usr', place + '/link')\n"
        "def f(): return 1"
    )
    look = (
        "import builtins, math, os, sys, torch\n"
        "def f():\n"
        "    files = os.listdir('/tmp') + os.listdir('/dev/shm')\n"
        "    left = [hasattr(m, 'left') for m in (sys, torch)] + [hasattr(builtins, 'secret')]\n"
        "    return files, left, math.pi > 3, torch.tensor(2), os.environ.get('LEFT')"
    )
    assert answer(warm, leave) == 1
    before = pid_of_the_free(warm)
    assert answer(warm, look) == ([], [False] * 3, True, 2, None)
    assert pid_of_the_free(warm) == before


def test_processes_that_a_notebook_leaves_are_ended(warm):
    spawn = (
        "import os, signal, time\n"
        "for _ in range(5):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 3, 15)]\n"
        "        time.sleep(1000)\n"
        "def f(): return len([p for p in os.listdir('/proc') if p.isdigit()])"
    )
    assert answer(warm, spawn) == 3 + 5  # the first one, the one that forks, the worker
    assert answer(warm, "import os\n" + spawn.splitlines()[-1]) == 3


def test_workers_do_not_draw_the_same_random_numbers(warm):
    draw = "import random, numpy\ndef f(): return random.random(), numpy.random.rand()"
    first, second = answer(warm, draw), answer(warm, draw)
    assert first[0] != second[0]
    assert first[1] != second[1]


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("import os\ndef f(): os._exit(0)", "died"),
        ("import os\ndef f(): os.kill(-1, 9)", "died"),
        ("import os\ndef f(): os.kill(os.getppid(), 9) or f()", "died"),
        ("def f():\n    while True: pass", "time"),
        (FORKS, "time"),
        ("import os\ndef f():\n    while True: os.write(4, b'\\0\\0\\0\\0' * 9999)", "protocol"),
        ("import os\ndef f(): os.write(4, b'\\xff\\xff\\xff\\0'); f()", "time"),
        ("import os\ndef f(): os.close(3); os.close(4)", "died"),
        ("def f():\n    x = []\n    while True: x.append(b'x' * 2**26)", "memory"),
        ("import os\nos.mkdir('/tmp/a')\nos.chmod('/tmp/a', 0)\ndef f(): os.abort()", "died"),
    ],
)
def test_who_is_hostile_harms_nobody_else(warm, cell, status):
    with pytest.raises(WorkerError) as error:
        answer(warm, cell, seconds=2 if status == "time" else 100)
    assert error.value.status == status
    assert answer(warm, "def f(): return 'fine'") == "fine"


def test_a_folder_that_cannot_be_emptied_costs_the_sandbox(warm):
    lock = "import os\nos.makedirs('/tmp/a/b')\nos.chmod('/tmp/a', 0)\ndef f(): return 1"
    assert answer(warm, lock) == 1
    assert answer(warm, "import os\ndef f(): return os.listdir('/tmp')") == []


def test_a_worker_can_neither_read_nor_answer_for_the_process_it_comes_from(warm):
    pry = (
        "import os\n"
        "def f():\n"
        "    parent, found = os.getppid(), []\n"
        "    for name in ('mem', 'fd', 'fd/4', 'environ', 'maps'):\n"
        "        path = f'/proc/{parent}/{name}'\n"
        "        try:\n"
        "            found.append(os.listdir(path) if name == 'fd' else open(path, 'rb').read(1))\n"
        "        except OSError:\n"
        "            found.append(None)\n"
        "    return found"
    )
    assert answer(warm, pry) == [None] * 5


def test_several_threads_get_several_sandboxes_and_all_end(warm):
    with WarmWorkers() as workers:
        together = threading.Barrier(2, timeout=60)
        found = []

        def work() -> None:
            with Session(["def f(): return 1"], LIMITS, workers) as session:
                together.wait()
                found.append(session.call("f", (), 100).value)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [1, 1]
        pids = pid_of_the_free(workers)
        assert len(pids) == 2
    assert gone(pids)


def test_a_large_message_passes_in_both_directions(warm):
    with Session(["def f(x): return x[::-1]"], LIMITS, warm) as session:
        text = "ab" * 500_000
        assert session.call("f", ([text] * 8,), 100).value == [text] * 8
        assert session.call("f", (text,), 100).value == text[::-1]
