"""How well entities were found: an entity is right if its first word, last word and label are.

Source: the CoNLL-2000 script, in the form of the `seqeval` library.
"""

from collections.abc import Sequence

from course_lib.evaluation.classification import Score
from course_lib.text.bio import entities_of


def entity_score(predicted: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> Score:
    """Precision, recall and F1 over the entities of all sentences together (micro average).

    Both: the BIO tags of each sentence. Raises ValueError if the sentences do not match.
    """
    found, there = _entities(predicted, right)
    return Score.of(len(found & there), len(found), len(there))


def entity_scores(
    predicted: Sequence[Sequence[str]], right: Sequence[Sequence[str]]
) -> dict[str, Score]:
    """The same for each label, in alphabetical order."""
    found, there = _entities(predicted, right)
    scores = {}
    for label in sorted({label for *_place, label in found | there}):
        ours, theirs = ({e for e in all_of if e[-1] == label} for all_of in (found, there))
        scores[label] = Score.of(len(ours & theirs), len(ours), len(theirs))
    return scores


Found = set[tuple[int, int, int, str]]  # sentence, start, end, label


def _entities(
    predicted: Sequence[Sequence[str]], right: Sequence[Sequence[str]]
) -> tuple[Found, Found]:
    if [len(tags) for tags in predicted] != [len(tags) for tags in right]:
        raise ValueError("predicted and right tags are not those of the same sentences")
    found, there = (
        {(number, *entity) for number, tags in enumerate(texts) for entity in entities_of(tags)}
        for texts in (predicted, right)
    )
    return found, there
