"""A session believes nothing: neither a script of hostile replies nor a real worker."""

import time

import pytest

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking import session as module
from course_lib.classroom.marking.session import Session, WorkerError, close_all, read_reply
from course_lib.classroom.marking.wire import Opaque, WireError, encode
from course_lib.errors import CourseError

from .scripted_box import scripted

LIMITS = Limits(seconds=60, memory_mb=600)


def obedient(request: list) -> list:
    kind, number, *rest = request
    return [number, "done"] if kind == "cell" else [number, "value", rest]


def test_a_reply_belongs_to_its_request():
    with Session(["x = 1"], LIMITS, scripted(obedient)) as session:
        assert session.call("f", (1, 2), 5).value == ["f", (1, 2)]
        assert session.call("g", (), 5).value == ["g", ()]


@pytest.mark.parametrize(
    ("hostile", "status"),
    [
        (lambda number: ["0" * 16, "value", 1], "protocol"),
        (lambda number: [number], "protocol"),
        (lambda number: [number, "value"], "protocol"),
        (lambda number: [number, "value", 1, 2], "protocol"),
        (lambda number: [number, "right", 1], "protocol"),
        (lambda number: [number, ["value"], 1], "protocol"),
        (lambda number: [number, "raised", "ValueError", 3], "protocol"),
        (lambda number: (number, "value", 1), "protocol"),
        (lambda number: {"number": number}, "protocol"),
        (lambda number: number, "protocol"),
        (lambda number: Opaque("Equal"), "protocol"),
        (lambda number: b"\xff\xff\xff\xff", "protocol"),
        (lambda number: b"\x03\x00\x00\x00abc", "protocol"),
        (lambda number: b"\x03\x00\x00\x00", "time"),
        (lambda number: None, "time"),
    ],
)
def test_what_is_no_reply_ends_the_worker(hostile, status: str):
    script = lambda r: obedient(r) if r[0] == "cell" else hostile(r[1])  # noqa: E731
    with Session(["x = 1"], LIMITS, scripted(script)) as session:
        with pytest.raises(WorkerError) as error:
            session.call("f", (), 0.3)
        assert error.value.status == status
        with pytest.raises(WorkerError):  # nobody is left who could answer
            session.call("f", (), 0.3)
        session.start()
        assert session.box is not None


def test_a_second_answer_to_one_request_does_not_answer_the_next():
    def twice(request: list) -> bytes:
        frames = [encode([request[1], "done"])]
        if request[0] == "call":
            frames = [encode([request[1], "value", n]) for n in (1, 2)]
        return b"".join(len(f).to_bytes(4, "little") + f for f in frames)

    with Session(["x = 1"], LIMITS, scripted(twice)) as session:
        assert session.call("f", (), 5).value == 1
        with pytest.raises(WorkerError, match="protocol"):
            session.call("f", (), 5)


def test_a_worker_that_never_starts_is_our_fault_not_the_students(monkeypatch):
    monkeypatch.setattr(module, "START_SECONDS", 0.1)
    with pytest.raises(CourseError, match="does not start"):
        Session(["x = 1"], LIMITS, scripted(lambda request: None))


def test_numbers_of_requests_cannot_be_guessed():
    numbers = []

    def remember(request: list) -> list:
        numbers.append(request[1])
        return obedient(request)

    with Session(["x = 1"] * 20, LIMITS, scripted(remember)):
        assert len({*numbers}) == len(numbers) == 21
        assert all(len(number) == 16 for number in numbers)


def test_an_unknown_reply_is_refused():
    for reply in ([], None, ["1"], ["2", "done"], ["1", "done", 2]):
        with pytest.raises(WireError):
            read_reply(reply, "1")


@pytest.mark.usefixtures("sandbox")
def test_cells_run_in_one_namespace_and_functions_answer():
    cells = ["import math", "def f(x):\n    return math.sqrt(x) + y", "y = 1"]
    with Session(cells, LIMITS) as session:
        assert session.call("f", (9.0,), 20).value == 4.0
        assert session.call("g", (1,), 20).kind == "missing"
        assert session.call("y", (1,), 20).kind == "missing"
        assert session.call("f", (1, 2), 20).kind == "arity"
        reply = session.call("f", ("x",), 20)
        assert (reply.kind, reply.error) == ("raised", "TypeError")
        assert "real number" in reply.message
    assert 5 < session.peak_mb < 600


@pytest.mark.usefixtures("sandbox")
def test_what_a_notebook_may_hold():
    cells = [
        "import dataclasses, pickle\n@dataclasses.dataclass\nclass P:\n    x: int\n"
        "copy = pickle.loads(pickle.dumps(P(6))).x",
        "def early(x: Number) -> Number:\n    return helper(x)",  # its annotation comes later
        "raise ValueError('on purpose')",
        "%matplotlib inline\nfrom_magic = 1",
        "!ls / > listing.txt\nfrom_shell = 2",
        "%%time\nfrom_cell_magic = 3",
        "display('shown'); get_ipython()",
        "import asyncio\nawait asyncio.sleep(0)\nfrom_await = 4",
        "input('name? ')",
        "def broken(:",
        "import sys; sys.exit('bye')",
        "if __name__ == '__main__':\n    main = 5",
        "import inspect\nsource = inspect.getsource(found)",
        "from course_lib.classroom.checker import check, hint\ncheck(early)\nhint(early)",
        "Number = float\ndef helper(x):\n    return x + 1",
        "def found():\n    names = 'from_magic from_shell from_cell_magic from_await main copy'\n"
        "    return [globals().get(name) for name in names.split()] + ['names.split' in source]",
        "x = 1 \\\n  + 2\n\n# only a comment\n",
        "",
    ]
    with Session(cells, LIMITS) as session:
        assert session.call("early", (1,), 20).value == 2
        assert session.call("found", (), 20).value == [1, 2, 3, 4, 5, 6, True]
        assert session.skipped == set()


@pytest.mark.usefixtures("sandbox")
def test_a_cell_that_is_tried_again_undoes_nothing():
    """A first attempt stands above the final answer, and misses a name."""
    cells = ["def f():\n    return 'first'\nf(nothing)", "def f():\n    return 'last'"]
    with Session(cells, LIMITS) as session:
        assert session.call("f", (), 20).value == "last"


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("while True: pass", "time"),
        ("import os; os._exit(0)", "died"),
        ("import os; os.kill(os.getpid(), 9)", "died"),
        ("blocks = []\nwhile True: blocks.append(bytearray(50_000_000))", "memory"),
        ("import os; os.close(3); os.close(4)", "died"),
    ],
)
def test_a_cell_that_brings_the_worker_down_is_left_out(cell: str, status: str, monkeypatch):
    monkeypatch.setattr(module, "CELL_SECONDS", 3.0)
    cells = ["def f():\n    return 1", cell, "def g():\n    return f() + 1"]
    with Session(cells, LIMITS) as session:
        assert session.skipped <= {1}
        assert session.call("g", (), 20).value == 2


@pytest.mark.usefixtures("sandbox")
def test_too_many_such_cells_end_it(monkeypatch):
    monkeypatch.setattr(module, "N_RETRIES", 2)
    with pytest.raises(WorkerError, match="died"):
        Session(["import os; os._exit(0)"] * 10, LIMITS)


@pytest.mark.usefixtures("sandbox")
def test_who_waits_for_a_worker_goes_on_when_all_are_closed():
    import threading

    with Session(["def f():\n    import time\n    time.sleep(60)"], LIMITS) as session:
        started = time.monotonic()
        threading.Timer(0.5, close_all).start()
        with pytest.raises(WorkerError, match="died"):
            session.call("f", (), 50)
        assert time.monotonic() - started < 40
