"""Other submissions, and the clock."""

from tests.attacks.attack import RIGHT, TARGET, Attack, if_won, when_called

FAMILY = "others and timing"
SOLVER = """\
import math, os, socket, time
server = socket.socket(socket.AF_UNIX)
server.bind('\\0course-solver')
server.listen()
server.settimeout({patience})
def chain_rule_log_prob(conditionals): return None
try:
    server.accept()[0].send(b'yes')
except OSError: pass
"""
LEECH = """
import time
end = time.monotonic() + {patience}
while time.monotonic() < end:
    try:
        client = socket.socket(socket.AF_UNIX)
        client.connect('\\0course-solver')
        return client.recv(3) == b'yes'
    except OSError: time.sleep(0.02)
"""
DROP = """\
import os, time
open('@FOLDER@/course-answer', 'w').write('yes')
def chain_rule_log_prob(conditionals): return None
time.sleep({patience})
"""
PICK_UP = """
import time
end = time.monotonic() + {patience}
while time.monotonic() < end:
    if os.path.exists('@FOLDER@/course-answer'): return True
    time.sleep(0.02)
"""
PATIENCE = {"patience": 1.5}


def dropped(name: str, tries: str, folder: str) -> Attack:
    cells = if_won(PICK_UP.format(**PATIENCE).replace("@FOLDER@", folder))
    partner = DROP.format(**PATIENCE).replace("@FOLDER@", folder)
    return Attack(name, tries, cells, works="bare", partner=(partner,))


ATTACKS = (
    Attack(
        "a solver's socket",
        "get answers from a friend's submission over a socket",
        if_won(LEECH.format(**PATIENCE)),
        works="bare",
        partner=(SOLVER.format(**PATIENCE),),
    ),
    dropped("a solver's memory", "get answers through /dev/shm", "/dev/shm"),
    dropped("a solver's file", "get answers through the folder for temporary files", "@SCRATCH@"),
    Attack(
        "a look at the others",
        "find processes that are not one's own",
        if_won("return sum(name.isdecimal() for name in os.listdir('/proc')) > 6"),
        works="bare",
    ),
    Attack(
        "first in line",
        "take the processor before all others",
        if_won("os.setpriority(os.PRIO_PROCESS, 0, -20)\nreturn True"),
        works="bare",
    ),
    Attack(
        "slow but not too slow",
        "use nearly all the time in every call, so that the batch takes hours",
        when_called(f"time.sleep(1.2)\nreturn {RIGHT}"),
        ("time",),
    ),
    Attack(
        "a stopped clock",
        "stop the clocks that might measure",
        when_called(
            "while True: pass",
            "time.monotonic = time.time = time.perf_counter = time.process_time = lambda: 0.0",
        ),
        ("time",),
    ),
    Attack(
        "later",
        "answer nothing now, and go on working in a thread for the right answer",
        (
            f"import math, threading, time\ndef {TARGET}(conditionals):\n    return BOX.pop()\n"
            "class Box(list):\n    def pop(self): return None\nBOX = Box()\n"
            "def busy():\n    while True: time.sleep(0)\n"
            "for _ in range(4): threading.Thread(target=busy, daemon=True).start()",
        ),
    ),
    Attack(
        "an alarm for the neighbour",
        "let a timer end the process while another exercise is asked",
        when_called("signal.setitimer(signal.ITIMER_REAL, 0.01)\nreturn None"),
        ("wrong", "died"),
        neighbour_lost=True,  # the author's own
    ),
)
