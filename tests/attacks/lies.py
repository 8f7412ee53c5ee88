"""Results that are not what they say: equal to anything, of another type, of another shape."""

from tests.attacks.attack import TARGET, Attack, when_called

FAMILY = "results that lie"
FLOAT = """\
class Agreeable(float):
    __eq__ = __le__ = __ge__ = __lt__ = lambda self, other: True
    __hash__ = float.__hash__
    __sub__ = __rsub__ = lambda self, other: 0.0
"""
ATTACKS = (
    Attack(
        "equal to anything",
        "return an object that equals whatever it is compared to",
        when_called(
            "return Anything()",
            "class Anything:\n    __eq__ = lambda self, other: True\n    __hash__ = None",
        ),
        works="equality",
    ),
    Attack(
        "an agreeable number",
        "return a number that equals whatever it is compared to",
        when_called("return Agreeable(1)", FLOAT),
        works="checker",
    ),
    Attack(
        "an agreeable array",
        "return an array whose contents agree",
        when_called(
            "return np.array(0.0).view(Array)",
            FLOAT
            + "import numpy as np\nclass Array(np.ndarray):\n"
            + "    def tolist(self): return Agreeable(1)\n",
        ),
        works="checker",
    ),
    Attack(
        "an agreeable tensor",
        "return a tensor whose contents agree",
        when_called(
            "return torch.zeros(()).as_subclass(Tensor)",
            FLOAT
            + "import torch\nclass Tensor(torch.Tensor):\n"
            + "    def tolist(self): return Agreeable(1)\n",
        ),
        works="checker",
    ),
    Attack(
        "a false class",
        "return an object that says it is a number",
        when_called(
            "return Liar()",
            "class Liar:\n    __class__ = float\n    __eq__ = lambda self, other: True\n"
            "    __hash__ = None",
        ),
        works="checker",
    ),
    Attack(
        "not a number",
        "return NaN, which no comparison contradicts",
        when_called("return math.nan"),
    ),
    Attack("truth", "return True, which is a number, too", when_called("return True")),
    Attack(
        "a larger shape", "return the answer to all at once", when_called("return [[0.0] * 400]")
    ),
    Attack(
        "itself",
        "return a list that contains itself",
        when_called("x = []\nx.append(x)\nreturn x"),
    ),
    Attack(
        "a name that is code",
        "put a script into the name of a type, for the page that shows it",
        when_called("return type('<script>alert(1)</script>', (), {})()"),
    ),
    Attack(
        "an error that is code",
        "put a script into an exception's name and message",
        when_called("raise type('<script>', (Exception,), {})('<script>alert(1)</script>')"),
        ("raises",),
    ),
    Attack(
        "an endless complaint",
        "raise an exception whose message never ends",
        when_called(
            "raise Complaint",
            "class Complaint(Exception):\n    def __str__(self):\n        while True: pass",
        ),
        ("time",),
    ),
    Attack(
        "not a function",
        "give the name to an object that is called once and dies",
        (f"import os\nclass F:\n    def __call__(self, x): os.abort()\n{TARGET} = F()",),
        ("died",),
    ),
)
