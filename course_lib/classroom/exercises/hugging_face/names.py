"""★★ From labelled pieces to names, as the token-classification pipeline does with "first"."""

import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Token = tuple[str, float, int, int, bool]  # label, score, start, end, goes on with a word
Name = tuple[str, float, int, int]

ALONE = _("A token labelled B-PERSON is a name of kind PERSON; O is no name.")
JOIN = _(
    "An I- of the same kind makes the name longer: one name, from the first start to the last end."
)
MEAN = _("The score of a name is the mean of the scores of its words.")
AGAIN = _("A B- begins a new name, even right after another of the same kind.")
KINDS = _("An I- of another kind, or after O, begins a new name.")
PIECES = _(
    "A word is judged by its first piece alone: the other pieces' labels and scores do not count,"
    " but the word ends where its last piece ends."
)


def cases(rng: random.Random) -> list[Case]:
    a, b = rng.sample(["PERSON", "PLACE", "ORG", "DATE"], 2)

    def text(*labels: str, same: float | None = None) -> list[Token]:
        """Words with these labels, a space between them; "+X" is a further piece labelled X."""
        tokens: list[Token] = []
        end = rng.randint(0, 9)
        for label in labels:
            goes_on = label.startswith("+")
            start = end if goes_on else end + 1
            end = start + rng.randint(2, 6)
            score = rng.randint(50, 99) / 100 if same is None else same
            tokens.append((label.lstrip("+"), score, start, end, goes_on))
        return tokens

    p = rng.randint(60, 90) / 100
    return [
        Case((text("O", f"B-{a}", "O", f"B-{b}", same=p),), ALONE),
        Case((text("O", f"B-{a}", f"I-{a}", f"I-{a}", "O", same=p),), JOIN),
        Case((text(f"B-{a}", f"I-{a}", f"I-{a}"),), MEAN),
        Case((text(f"B-{a}", f"B-{a}", f"I-{a}", "O"),), AGAIN),
        Case((text(f"B-{a}", f"I-{b}", "O", f"I-{a}", f"I-{a}"),), KINDS),
        Case((text(f"I-{a}", "O", f"B-{a}"),), KINDS),
        Case(
            (
                text(
                    *("O", f"B-{a}", "+O", f"+B-{b}", f"I-{a}", f"+I-{b}", f"I-{a}"),
                    *("O", f"+B-{a}", "O"),
                    *(f"B-{b}", "+O"),
                ),
            ),
            PIECES,
        ),
    ]


def group_names(tokens: Sequence[Token]) -> list[Name]:
    """Labelled pieces -> (kind, score, start, end) of each name."""
    return joined(words_of(tokens))


def words_of(tokens: Sequence[Token]) -> list[Token]:
    """Each word with the label and the score of its first piece."""
    words: list[Token] = []
    for label, score, start, end, goes_on in tokens:
        if goes_on:
            words[-1] = (*words[-1][:3], end, False)
        else:
            words.append((label, score, start, end, False))
    return words


def joined(words: Sequence[Token]) -> list[Name]:
    """Neighbouring words of one kind, unless a B- stands between them, as names."""
    groups: list[list[Token]] = []
    before = "O"
    for word in words:
        label = word[0]
        if label != "O":
            if label.startswith("I-") and label[2:] == before[2:]:
                groups[-1].append(word)
            else:
                groups.append([word])
        before = label
    return [
        (group[0][0][2:], sum(w[1] for w in group) / len(group), group[0][2], group[-1][3])
        for group in groups
    ]


def in_one_pass(tokens: Sequence[Token]) -> list[Name]:
    """Names as growing lists: kind, scores, start, end."""
    names: list[list] = []
    kind = ""  # of the name that is open
    for label, score, start, end, goes_on in tokens:
        if goes_on:
            if kind:
                names[-1][3] = end
            continue
        if label == f"I-{kind}":
            names[-1][1].append(score)
            names[-1][3] = end
        elif label != "O":
            names.append([label[2:], [score], start, end])
        kind = label[2:]
    return [(k, sum(s) / len(s), start, end) for k, s, start, end in names]


def from_the_end(tokens: Sequence[Token]) -> list[Name]:
    words = words_of(tokens)
    names: list[Name] = []
    scores: list[float] = []
    for place in range(len(words) - 1, -1, -1):
        label, score, start, end, _goes_on = words[place]
        if label == "O":
            continue
        if not scores:
            last = end
        scores.append(score)
        before = words[place - 1][0] if place else "O"
        if label.startswith("B-") or before[2:] != label[2:]:
            names.append((label[2:], sum(scores) / len(scores), start, last))
            scores = []
    return names[::-1]


def relabelled(tokens: Sequence[Token], old: str, new: str) -> list[Token]:
    return [(label.replace(old, new), *rest) for label, *rest in tokens]  # type: ignore[misc]


def keeps_outside(tokens: Sequence[Token]) -> list[Name]:
    outside = [("O", *token[1:4]) for token in tokens if token[0] == "O"]
    return sorted([*group_names(tokens), *outside], key=lambda name: name[2])


def with_score_of(pick: int, tokens: Sequence[Token]) -> list[Name]:
    """The score of a name's first (0) or last (-1) word."""
    words = words_of(tokens)
    names = []
    for kind, _score, start, end in joined(words):
        inside = [word for word in words if start <= word[2] < end]
        names.append((kind, inside[pick][1], start, end))
    return names


def multiplied(tokens: Sequence[Token]) -> list[Name]:
    names = []
    for kind, _score, start, end in group_names(tokens):
        product = 1.0
        for word in words_of(tokens):
            product *= word[1] if start <= word[2] < end else 1
        names.append((kind, product, start, end))
    return names


def drops_orphans(tokens: Sequence[Token]) -> list[Name]:
    """Keeps names that begin with B-."""
    begins = {token[2] for token in tokens if token[0].startswith("B-") and not token[4]}
    return [name for name in group_names(tokens) if name[2] in begins]


def swallows(tokens: Sequence[Token]) -> list[Name]:
    """Any I- makes the name longer."""
    same: list[Token] = []
    for label, *rest in words_of(tokens):
        before = same[-1][0] if same else "O"
        follows = label.startswith("I-") and before != "O"
        same.append((f"I-{before[2:]}" if follows else label, *rest))  # type: ignore[arg-type]
    return joined(same)


def pieces_as_words(tokens: Sequence[Token]) -> list[Name]:
    """The strategy "simple"."""
    return joined([(*token[:4], False) for token in tokens])


def without_further_pieces(tokens: Sequence[Token]) -> list[Name]:
    return joined([token for token in tokens if not token[4]])


def mean_of_pieces(tokens: Sequence[Token]) -> list[Name]:
    names = []
    for kind, _score, start, end in group_names(tokens):
        scores = [token[1] for token in tokens if start <= token[2] < end]
        names.append((kind, sum(scores) / len(scores), start, end))
    return names


EXERCISE = Exercise(
    name="group_names",
    lecture="15_hugging_face",
    stars=2,
    title=_("From pieces to names"),
    points=4,
    minutes=20,
    cases=cases,
    reference=group_names,
    hints=(
        _("Do it in two steps: first pieces to words, then words to names."),
        _("A piece that goes on with a word only moves the end of that word."),
        _(
            "Keep the label of the word before: a word goes on with a name if its label is"
            ' "I-" + the kind of that label.'
        ),
    ),
    right_variants=(in_one_pass, from_the_end),
    wrong_answers=(
        WrongAnswer(keeps_outside, ALONE),
        WrongAnswer(lambda t: [(f"B-{k}", s, a, b) for k, s, a, b in group_names(t)], ALONE),
        WrongAnswer(lambda t: group_names(relabelled(t, "I-", "B-")), JOIN),
        WrongAnswer(lambda t: [n for n in group_names(t) if n[3] < t[-1][3]] or t[:0], ALONE),
        WrongAnswer(multiplied, JOIN),
        WrongAnswer(lambda t: with_score_of(0, t), MEAN),
        WrongAnswer(lambda t: with_score_of(-1, t), MEAN),
        WrongAnswer(lambda t: group_names(relabelled(t, "B-", "I-")), AGAIN),
        WrongAnswer(swallows, KINDS),
        WrongAnswer(drops_orphans, KINDS),
        WrongAnswer(pieces_as_words, PIECES),
        WrongAnswer(without_further_pieces, PIECES),
        WrongAnswer(mean_of_pieces, PIECES),
    ),
)
