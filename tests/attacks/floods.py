"""Forks, threads and output without end."""

from tests.attacks.attack import RIGHT, Attack, when_called

FAMILY = "forks and floods"
ATTACKS = (
    Attack(
        "fork bomb",
        "fill the machine with processes",
        when_called("while True: os.fork()"),
        ("raises", "protocol", "time", "died", "memory"),
        neighbour_lost=True,  # its children answer, too
    ),
    Attack(
        "deaf fork bomb",
        "the same, and go on where no process can be had",
        when_called("while True:\n    try: os.fork()\n    except OSError: pass"),
        ("time", "memory"),
    ),
    Attack(
        "thread bomb",
        "fill the machine with threads",
        when_called(
            "while True: threading.Thread(target=time.sleep, args=(999,)).start()",
            "import threading",
        ),
        ("raises", "time", "memory"),
    ),
    Attack(
        "daemon",
        "leave a process behind that burns time after marking",
        when_called("if os.fork() == 0:\n    os.setsid()\n    while True: pass"),
    ),
    Attack(
        "answer twice",
        "fork in the answer, so that parent and child both reply",
        when_called(f"os.fork()\nreturn {RIGHT}"),
        ("protocol", "died"),
    ),
    Attack(
        "flood of output",
        "fill the disk or the memory of whoever keeps what is printed",
        when_called("for _ in range(20_000): print('x' * 50_000)"),
        ("wrong", "time"),
    ),
    Attack(
        "flood of errors",
        "the same on stderr, past Python",
        when_called("for _ in range(20_000): os.write(2, b'x' * 50_000)"),
        ("wrong", "time"),
    ),
    Attack(
        "flood in a message",
        "raise an exception with a message of 100 MB",
        when_called("raise ValueError('x' * 10**8)"),
        ("raises",),
    ),
    Attack(
        "flood in a result",
        "return twenty million numbers",
        when_called("return [0.0] * 20_000_000"),
        ("wrong", "memory", "time"),
    ),
)
