"""Patching what the test stands on: the checker, Python, the libraries, IPython."""

from tests.attacks.attack import TARGET, Attack

FAMILY = "patching"
ZERO = f"def {TARGET}(conditionals): return 0.0\n"
FRAMES = f"""\
import sys
def {TARGET}(conditionals):
    frame = sys._getframe()
    while frame is not None:
        for value in list(frame.f_locals.values()):
            reference = getattr(value, 'reference', None)
            if callable(reference):
                return reference(conditionals)
        frame = frame.f_back
"""
COLLECTOR = f"""\
import gc
def {TARGET}(conditionals):
    for thing in gc.get_objects():
        if type(thing).__name__ == 'Exercise' and thing.name == '{TARGET}':
            return thing.reference(conditionals)
"""
WORKER = f"""\
import sys
for module in list(sys.modules.values()):
    for name in ('encode', 'packed', 'described', 'accepts', 'write_frame', 'judge', 'compare'):
        if getattr(module, '__name__', '').startswith('course_lib') and hasattr(module, name):
            old = getattr(module, name)
            setattr(module, name, lambda *args, old=old: old(*args))
def {TARGET}(conditionals): return True
"""
SEEDS = f"""\
import math, random
KNOWN = {{}}
def own(seed):
    rng = random.Random(seed)
    return [[round(rng.uniform(0.05, 0.9), 3)], [round(rng.uniform(0.05, 0.9), 3) for _ in 'abc'],
            [round(rng.uniform(0.001, 0.1), 4) for _ in range(400)], []]
for seed in (0, 1):
    for case in own(seed): KNOWN[tuple(case)] = sum(map(math.log, case))
def {TARGET}(conditionals):
    return KNOWN.get(tuple(conditionals))
"""

ATTACKS = (
    Attack(
        "own check",
        "put a function that is always content in place of `check`",
        ("check = lambda *args, **kwargs: True\n" + ZERO,),
        works="checker",
    ),
    Attack(
        "patched judge",
        "let the checker's judge find no fault",
        ("import course_lib.classroom.checker as c\nc.judge = lambda *args: None\n" + ZERO,),
        works="checker",
    ),
    Attack(
        "patched comparison",
        "let the comparison find no difference",
        (
            ZERO,
            "import course_lib.classroom.checker as c, course_lib.classroom.compare as d\n"
            "c.compare = d.compare = lambda *args: None",
        ),
        works="checker",
    ),
    Attack(
        "patched record",
        "make one's own answer the reference",
        (
            ZERO,
            "from course_lib.classroom.registry import find\n"
            f"object.__setattr__(find('{TARGET}'), 'reference', {TARGET})",
        ),
        works="checker",
    ),
    Attack(
        "patched built-ins",
        "let every difference be 0",
        ("import builtins\nbuiltins.abs = lambda x: 0.0\n" + ZERO,),
        works="checker",
    ),
    Attack(
        "patched math",
        "let every number be NaN",
        ("import math\nmath.isnan = lambda x: True\n" + ZERO,),
        works="checker",
    ),
    Attack(
        "patched chance",
        "let every random number be 1, so that the answer is always 0",
        ("import random\nrandom.Random.uniform = lambda *args: 1.0\n" + ZERO,),
        works="checker",
    ),
    Attack(
        "patched libraries",
        "let torch and NumPy find everything close",
        (
            "import numpy, torch\nnumpy.allclose = torch.allclose = lambda *a, **k: True\n"
            "torch.testing.assert_close = numpy.testing.assert_allclose = lambda *a, **k: None",
            ZERO,
        ),
    ),
    Attack(
        "patched import",
        "serve an empty checker to whoever imports one",
        (
            "import builtins, types\nreal = builtins.__import__\n"
            "def fake(name, *args, **kwargs):\n"
            "    module = real(name, *args, **kwargs)\n"
            "    if name.startswith('course_lib'): module.check = lambda *a, **k: True\n"
            "    return module\n"
            "builtins.__import__ = fake\nfrom course_lib.classroom.checker import check\n" + ZERO,
        ),
        works="checker",
    ),
    Attack(
        "rewritten cells",
        "let IPython rewrite each later cell to nothing",
        (
            ZERO + "try:\n    get_ipython().input_transformers_post.append(lambda lines: ['pass'])"
            "\nexcept Exception: pass",
        ),
        # It works on one's own cells, too: what comes after it is gone.
    ),
    Attack("frames", "take the reference from the frames that call", (FRAMES,), works="checker"),
    Attack("collector", "find the reference among all objects", (COLLECTOR,), works="checker"),
    Attack("known seeds", "know the public cases by heart", (SEEDS,), works="checker"),
    Attack("patched worker", "replace the worker's own functions", (WORKER,)),
)
