"""Signals and exits: of the worker, of everything, of the judge."""

from tests.attacks.attack import Attack, if_won, when_called

FAMILY = "signals and exits"
ATTACKS = (
    Attack("hard exit", "end the process with status 0", when_called("os._exit(0)"), ("died",)),
    Attack("soft exit", "raise SystemExit", when_called("sys.exit(0)"), ("raises",)),
    Attack(
        "exit in a cell",
        "end the process before the tests",
        ("import os\nos._exit(0)\ndef chain_rule_log_prob(conditionals): return 0.0",),
        ("missing",),
    ),
    Attack(
        "kill everything",
        "send SIGKILL to every process that can be reached",
        when_called("os.kill(-1, signal.SIGKILL)"),
        ("died", "wrong", "raises"),
    ),
    Attack("kill the group", "SIGKILL to the group", when_called("os.killpg(0, 9)"), ("died",)),
    Attack(
        "segmentation fault",
        "crash the interpreter",
        when_called("ctypes.string_at(0)"),
        ("died",),
    ),
    Attack(
        "stop",
        "stop, neither dead nor alive",
        when_called("os.kill(os.getpid(), signal.SIGSTOP)"),
        ("time",),
    ),
    Attack(
        "deep recursion",
        "overflow the C stack",
        when_called("return f(0)", "sys.setrecursionlimit(10**9)\ndef f(x): return [f(x)][0]"),
        ("died", "raises", "memory", "time"),
    ),
    Attack(
        "signal the judge",
        "find the judging process and signal it",
        if_won("os.kill(@JUDGE@, 0)\nreturn True"),
        works="bare",
    ),
)
