"""Answers that never come."""

from tests.attacks.attack import Attack, when_called

FAMILY = "hangs"
ATTACKS = (
    Attack(
        "endless loop", "keep the marker busy for ever", when_called("while True: pass"), ("time",)
    ),
    Attack("endless sleep", "sleep for a year", when_called("time.sleep(3e7)"), ("time",)),
    Attack(
        "endless cell",
        "stop the notebook before any answer can be asked",
        ("while True: pass\ndef chain_rule_log_prob(conditionals): return 0.0",),
        ("missing",),
    ),
    Attack(
        "deaf loop",
        "ignore every signal that could end it",
        when_called(
            "while True: pass",
            "for number in range(1, 65):\n"
            "    try: signal.signal(number, signal.SIG_IGN)\n"
            "    except (OSError, ValueError): pass",
        ),
        ("time",),
    ),
    Attack(
        "endless regular expression",
        "hang in C code, where Python sees no signal",
        when_called("import re; re.match(r'(a+)+$', 'a' * 60 + 'b')"),
        ("time",),
    ),
    Attack(
        "endless number",
        "hang in one multiplication that cannot be interrupted",
        when_called("return 9 ** (9 ** 9)"),
        ("time", "memory"),
    ),
    Attack(
        "deadlock",
        "wait for a lock that is never released",
        when_called("lock.acquire()", "import threading; lock = threading.Lock(); lock.acquire()"),
        ("time",),
    ),
    Attack(
        "endless list",
        "return a list that never ends when it is read",
        when_called(
            "return Endless()",
            """\
            import itertools
            class Endless(list):
                def __iter__(self): return itertools.repeat(0.0)
                def __len__(self): return 1
            """,
        ),
        ("time", "wrong", "memory"),
    ),
)
