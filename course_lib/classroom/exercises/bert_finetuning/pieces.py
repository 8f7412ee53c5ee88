"""★★ Tags are for words, the model sees pieces: which piece is asked for the tag?"""

import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

IGNORED = -100

MARKS = _("[CLS] stands before the pieces and [SEP] after them: both have a label, and it is -100.")
EVERY = _("Every word in one piece: its label is its tag, in the order of the words.")
FIRST = _("Only the first piece of a word has its tag; the label of every further piece is -100.")
LONG = _("Words of three pieces and more: one tag, and -100 for each piece that is left.")


def cases(rng: random.Random) -> list[Case]:
    def sentence(counts: Sequence[int]) -> tuple[list[int], list[int]]:
        return [*counts], rng.sample(range(20), len(counts))

    return [
        Case(sentence([]), MARKS),
        Case(sentence([1] * rng.randint(3, 5)), EVERY),
        Case(sentence(rng.sample([1, 2, 2, 1], 4)), FIRST),
        Case(sentence([rng.randint(3, 4), 1, rng.randint(5, 6), 1]), LONG),
    ]


def piece_labels(n_pieces: Sequence[int], tags: Sequence[int]) -> list[int]:
    """The label of each token of [CLS] pieces [SEP]: a word's tag at its first piece, else -100."""
    labels = [IGNORED]
    for n, tag in zip(n_pieces, tags, strict=True):
        labels += [tag, *[IGNORED] * (n - 1)]
    return [*labels, IGNORED]


def by_place(n_pieces: Sequence[int], tags: Sequence[int]) -> list[int]:
    """All labels ignored at first; then each tag is written where its word begins."""
    labels = [IGNORED] * (sum(n_pieces) + 2)
    place = 1
    for n, tag in zip(n_pieces, tags, strict=True):
        labels[place] = tag
        place += n
    return labels


def by_word_of(n_pieces: Sequence[int], tags: Sequence[int]) -> list[int]:
    """From the number of the word that each token belongs to; -1 for the marks."""
    word_of = [-1, *(word for word, n in enumerate(n_pieces) for _piece in range(n)), -1]
    before = [-1, *word_of[:-1]]
    return [
        tags[word] if word >= 0 and word != last else IGNORED
        for word, last in zip(word_of, before, strict=True)
    ]


def on_every_piece(n_pieces: Sequence[int], tags: Sequence[int]) -> list[int]:
    spread = [tag for n, tag in zip(n_pieces, tags, strict=True) for _piece in range(n)]
    return [IGNORED, *spread, IGNORED]


def on_the_last_piece(n_pieces: Sequence[int], tags: Sequence[int]) -> list[int]:
    return piece_labels(n_pieces[::-1], tags[::-1])[::-1]


def only_two_pieces(n_pieces: Sequence[int], tags: Sequence[int]) -> list[int]:
    """Marks the second piece as ignored and repeats the tag from the third on."""
    labels = [IGNORED]
    for n, tag in zip(n_pieces, tags, strict=True):
        labels += [tag, IGNORED, *[tag] * n][:n]
    return [*labels, IGNORED]


EXERCISE = Exercise(
    name="piece_labels",
    lecture="12_bert_finetuning",
    stars=2,
    title=_("Tags for words, labels for pieces"),
    points=4,
    minutes=12,
    cases=cases,
    reference=piece_labels,
    hints=(
        _("Write down the tokens of a sentence in two or three words, [CLS] and [SEP] too."),
        _("A word of n pieces gives n labels: its tag, and n - 1 times -100."),
        _("Begin with [-100]; for each word add [tag] + [-100] * (n - 1); at the end -100."),
    ),
    right_variants=(by_place, by_word_of),
    wrong_answers=(
        WrongAnswer(lambda n, t: piece_labels(n, t)[1:-1], MARKS),
        WrongAnswer(lambda n, t: piece_labels(n, t)[:-1], MARKS),
        WrongAnswer(lambda n, t: [0, *piece_labels(n, t)[1:-1], 0], MARKS),
        WrongAnswer(lambda n, t: piece_labels(n, t[::-1]), EVERY),
        WrongAnswer(lambda n, t: [-100, *t[:-1], -100, -100] if t else piece_labels(n, t), EVERY),
        WrongAnswer(on_every_piece, FIRST),
        WrongAnswer(on_the_last_piece, FIRST),
        WrongAnswer(lambda _n, t: [-100, *t, -100], FIRST),
        WrongAnswer(only_two_pieces, LONG),
        WrongAnswer(lambda n, t: piece_labels([min(k, 2) for k in n], t), LONG),
    ),
)
