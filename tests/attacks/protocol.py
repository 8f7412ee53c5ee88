"""Abuse of the line between worker and judge, and cases carried out over it."""

from tests.attacks.attack import RIGHT, TARGET, Attack, when_called

FAMILY = "protocol"
# How a reply is packed is public: this is what the worker itself would use.
WIRE = """\
from course_lib.classroom.marking.wire import encode
def send(*parts):
    data = encode(list(parts))
    os.write(4, len(data).to_bytes(4, 'little') + data)
def number():
    frame = sys._getframe()
    while 'number' not in frame.f_locals or 'rest' not in frame.f_locals: frame = frame.f_back
    return frame.f_locals['number']
"""
PICKLE = """\
import pickle
class Bomb:
    def __reduce__(self): return (open, ('@CANARY_FILE@', 'w'))
"""
PRACTISED = f"""\
SEEN = []
def right(conditionals): return {RIGHT}
"""
HIDDEN = "SEEN.append(conditionals)\nif len(SEEN) <= 4: return right(conditionals)\n"

ATTACKS = (
    Attack(
        "a reply in advance",
        "send replies before they are asked for",
        when_called("return 0.0", WIRE + "for n in range(64): send(str(n), 'value', 0.0)"),
        ("missing", "wrong", "protocol"),
    ),
    Attack(
        "a verdict",
        "send a verdict in place of a result",
        when_called("send(number(), 'right', 2)\ntime.sleep(600)", WIRE),
        ("protocol",),
    ),
    Attack(
        "a mark",
        "return what looks like a mark",
        when_called("return {'status': 'right', 'points': 2, 'n_passed': 12, 'n_cases': 12}"),
    ),
    Attack(
        "one reply too many",
        "answer oneself, and then return",
        when_called(f"send(number(), 'value', {RIGHT})\nreturn {RIGHT}", WIRE),
        ("protocol",),
    ),
    Attack(
        "garbage",
        "send bytes that are no message",
        when_called("os.write(4, os.urandom(5000))\ntime.sleep(600)"),
        ("protocol", "time"),
    ),
    Attack(
        "a false length",
        "announce four gigabytes",
        when_called("os.write(4, b'\\xff' * 4)\ntime.sleep(600)"),
        ("protocol",),
    ),
    Attack(
        "drop by drop",
        "send a message of 1 MB one byte a second",
        when_called(
            "os.write(4, (2**20).to_bytes(4, 'little'))\n"
            "while True: os.write(4, b'x'); time.sleep(0.2)"
        ),
        ("time",),
    ),
    Attack("a closed line", "close the line", when_called("os.close(4)\nreturn 0.0"), ("died",)),
    Attack(
        "a deaf line",
        "never read again what the judge sends",
        when_called("os.close(3)\nreturn 0.0"),
        ("wrong", "died"),
        neighbour_lost=True,  # it can be asked nothing, either
    ),
    Attack(
        "a pickle",
        "send an object that runs code where it is read",
        when_called(
            "data = pickle.dumps(Bomb())\nos.write(4, len(data).to_bytes(4, 'little') + data)\n"
            "time.sleep(600)",
            PICKLE,
        ),
        ("protocol",),
    ),
    Attack(
        "deep data",
        "send a list within a list, ten thousand times",
        when_called("os.write(4, (10000).to_bytes(4, 'little') + b'\\x91' * 10000)\ntime.sleep(9)"),
        ("protocol",),
    ),
    Attack(
        "a number without end",
        "return a number of a million digits",
        when_called("return 1 << 4_000_000"),
        ("wrong", "raises"),
    ),
    Attack(
        "keys that collide",
        "return a dictionary whose keys all fall into one place",
        when_called("return {i * (2**61 - 1): 0 for i in range(1, 20_000)}"),
        ("wrong", "raises", "time"),
    ),
    Attack(
        "out in a message",
        "carry hidden cases out in an exception's message",
        when_called(HIDDEN + "raise ValueError('LEAK ' + repr(conditionals))", PRACTISED),
        ("raises",),
    ),
    Attack(
        "out in a name",
        "carry hidden cases out in the name of a type",
        when_called(
            HIDDEN + "name = 'LEAK_' + repr(conditionals)\nreturn type(name, (), {})()", PRACTISED
        ),
    ),
    Attack(
        "out in a value",
        "carry hidden cases out in a wrong result",
        when_called(HIDDEN + "return 'LEAK ' + repr(conditionals)", PRACTISED),
    ),
    Attack(
        "out by the neighbour",
        "show hidden cases in the practice answer of another exercise",
        (
            when_called(HIDDEN + "return None", PRACTISED)[0],
            "def text_perplexity(log_probs): return 'LEAK ' + repr(SEEN[4:])",
        ),
        neighbour_lost=True,
    ),
    Attack(
        "questions from the line",
        "read the judge's next questions before they are asked",
        when_called("return os.read(3, 10**6)"),
        ("time",),
    ),
    Attack(
        "the name twice",
        "be another function each time one is asked",
        (
            f"import sys\nclass Names(dict):\n    pass\n{TARGET} = None\n"
            f"sys.modules['__main__'].__dict__['{TARGET}'] = lambda *args, **kwargs: iter(int, 1)",
        ),
    ),
)
