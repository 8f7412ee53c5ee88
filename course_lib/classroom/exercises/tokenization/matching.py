"""★★ WordPiece cuts a word: the longest piece that fits, from left to right."""

import random
from collections.abc import Collection

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

LONGEST = _("At each place take the longest piece that fits, not the first or the shortest one.")
MARK = _("Inside a word only pieces with ## fit, and at its beginning only pieces without.")
UNKNOWN = _("If at some place no piece fits, the whole word becomes ['<unk>'].")
GREEDY = _(
    "Longest first means: no second thoughts. If the longest piece leads nowhere, the word is"
    " unknown, even if shorter pieces would have led to its end."
)


def cases(rng: random.Random) -> list[Case]:
    a, b, c, d = rng.sample("bcdfgklm", 4)
    word = a + b + c + d
    letters = [a, f"##{b}", f"##{c}", f"##{d}"]
    shuffled = rng.sample([*letters, a + b, a + b + c], 6)
    return [
        Case((word, shuffled), LONGEST),
        Case((word, [a, word, f"##{b}"]), LONGEST),
        Case((word, [a, f"##{b}{c}", b + c + d, f"##{b}", f"##{d}", f"##{a}{b}"]), MARK),
        Case((b + a, [*letters, b]), UNKNOWN),
        Case((word, [a + b, f"##{c}", f"##{a}"]), UNKNOWN),
        Case((word, [a, a + b, f"##{b}{c}", f"##{d}"]), GREEDY),
    ]


def longest_match(word: str, pieces: Collection[str]) -> list[str]:
    """Word -> its pieces, or ["<unk>"]."""
    found: list[str] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        end = len(word)
        while end > start and prefix + word[start:end] not in pieces:
            end -= 1
        if end == start:
            return ["<unk>"]
        found.append(prefix + word[start:end])
        start = end
    return found


def over_the_pieces(word: str, pieces: Collection[str]) -> list[str]:
    """Tries the pieces, long ones first, instead of the ends."""
    found: list[str] = []
    rest = word
    while rest:
        inside = [p.removeprefix("##") for p in pieces if p.startswith("##") == bool(found)]
        fits = [piece for piece in inside if rest.startswith(piece)]
        if not fits:
            return ["<unk>"]
        piece = max(fits, key=len)
        found.append(("##" if found else "") + piece)
        rest = rest[len(piece) :]
    return found


def with_recursion(word: str, pieces: Collection[str], prefix: str = "") -> list[str]:
    if not word:
        return []
    for end in range(len(word), 0, -1):
        if prefix + word[:end] in pieces:
            rest = with_recursion(word[end:], pieces, "##")
            return rest if rest == ["<unk>"] else [prefix + word[:end], *rest]
    return ["<unk>"]


def shortest(word: str, pieces: Collection[str]) -> list[str]:
    found: list[str] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = range(start + 1, len(word) + 1)
        end = next((end for end in ends if prefix + word[start:end] in pieces), None)
        if end is None:
            return ["<unk>"]
        found.append(prefix + word[start:end])
        start = end
    return found


def without_marks(word: str, pieces: Collection[str]) -> list[str]:
    bare = {piece.removeprefix("##") for piece in pieces}
    return longest_match(word, bare | {f"##{piece}" for piece in bare})


def keeps_what_it_found(word: str, pieces: Collection[str]) -> list[str]:
    found: list[str] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = (end for end in range(len(word), start, -1) if prefix + word[start:end] in pieces)
        end = next(ends, None)
        if end is None:
            return [*found, "<unk>"]
        found.append(prefix + word[start:end])
        start = end
    return found


def unknown_letter_by_letter(word: str, pieces: Collection[str]) -> list[str]:
    found: list[str] = []
    start = 0
    while start < len(word):
        prefix = "##" if start else ""
        ends = range(len(word), start, -1)
        end = next((end for end in ends if prefix + word[start:end] in pieces), 0)
        found.append(prefix + word[start:end] if end else "<unk>")
        start = end or start + 1
    return found


def with_second_thoughts(word: str, pieces: Collection[str]) -> list[str]:
    def search(start: int) -> list[str] | None:
        if start == len(word):
            return []
        for end in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:end]
            rest = search(end) if piece in pieces else None
            if rest is not None:
                return [piece, *rest]
        return None

    found = search(0)
    return ["<unk>"] if found is None else found


EXERCISE = Exercise(
    name="longest_match",
    lecture="04_tokenization",
    stars=2,
    title=_("WordPiece cuts a word"),
    points=4,
    minutes=15,
    cases=cases,
    reference=longest_match,
    hints=(
        _("Two loops: the outer one over places in the word, the inner one over possible ends."),
        _("Let the end go from the end of the word down to the start; the first that fits wins."),
        _('The piece is ("##" if start else "") + word[start:end]; no end fits: ["<unk>"].'),
    ),
    right_variants=(over_the_pieces, with_recursion),
    wrong_answers=(
        WrongAnswer(shortest, LONGEST),
        WrongAnswer(without_marks, MARK),
        WrongAnswer(keeps_what_it_found, UNKNOWN),
        WrongAnswer(unknown_letter_by_letter, UNKNOWN),
        WrongAnswer(with_second_thoughts, GREEDY),
    ),
)
