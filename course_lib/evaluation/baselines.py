"""What any model must beat: the commonest answer, and a linear model of which words occur.

TF-IDF and the linear models are scikit-learn's; it is loaded when first needed.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.text.words import words as split_english

PENALTIES = (0.1, 1.0, 10.0, 100.0)  # tried, how little large weights are held down
N_FOLDS = 3


def majority(labels: Sequence[str]) -> str:
    """The commonest label, the first in the alphabet among equals. ValueError for no labels."""
    if not labels:
        raise ValueError("there is no commonest of no labels")
    counts = Counter(labels)
    return min(counts, key=lambda label: (-counts[label], label))


class WordFeatures:
    """Texts as sparse vectors: one number per word and pair of neighbours that training has.

    The number is TF-IDF: how often it is in the text, times how rare it is, at length 1. A pair of
    texts has both vectors and their product, which says what they share.

    split: text -> words; `list` takes the characters of Japanese. n_words: 2 for words and pairs.
    """

    def __init__(
        self, split: Callable[[str], Sequence[str]] = split_english, n_words: int = 2
    ) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        # Given an analyzer, scikit-learn neither splits nor folds capitals itself.
        def grams(text: str) -> list[str]:
            parts = list(split(text))
            sizes = range(1, n_words + 1)
            return [
                " ".join(parts[i : i + n]) for n in sizes for i in range(len(parts) - n + 1)
            ] or [""]

        self.table = TfidfVectorizer(analyzer=grams, sublinear_tf=True)

    def fit(self, texts: Sequence[str], seconds: Sequence[str] | None = None) -> None:
        """Learn which words there are, and how rare each is."""
        self.table.fit([*texts, *(seconds or ())])

    def vectors(
        self,
        texts: Sequence[str],
        seconds: Sequence[str] | None = None,
        numbers: Sequence[Sequence[float]] | None = None,
    ) -> Any:
        """A sparse matrix with one row per text; `numbers`, scaled, stand behind the words."""
        from scipy import sparse

        first = self.table.transform(texts)
        parts = [first]
        if seconds is not None:
            second = self.table.transform(seconds)
            parts += [second, first.multiply(second)]
        if numbers is not None:
            parts.append(sparse.csr_matrix(np.asarray(numbers, dtype=float)))
        return sparse.hstack(parts).tocsr()


class WordClassifier:
    """TF-IDF and logistic regression; its penalty is chosen by cross-validation."""

    def __init__(self, features: WordFeatures | None = None) -> None:
        self.features = features or WordFeatures()
        self.model: Any = None

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        seconds: Sequence[str] | None = None,
        numbers: Sequence[Sequence[float]] | None = None,
    ) -> None:
        """Raises ValueError unless there are two different labels."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV, StratifiedKFold

        if len(set(labels)) < 2:
            raise ValueError("labels can be told apart only if there are two of them")
        self.features.fit(texts, seconds)
        x = self.features.vectors(texts, seconds, numbers)
        n_folds = min(N_FOLDS, *Counter(labels).values())
        self.model = LogisticRegression(max_iter=1000)
        if n_folds > 1:  # else a label that occurs once would be missing in training or in testing
            folds = StratifiedKFold(n_folds, shuffle=True, random_state=0)
            self.model = GridSearchCV(self.model, {"C": list(PENALTIES)}, cv=folds)
        self.model.fit(x, list(labels))

    def predict(
        self,
        texts: Sequence[str],
        seconds: Sequence[str] | None = None,
        numbers: Sequence[Sequence[float]] | None = None,
    ) -> list[str]:
        """The likeliest label of each text."""
        found = self.model.predict(self.features.vectors(texts, seconds, numbers))
        return [str(label) for label in found]


class WordRegression:
    """TF-IDF and ridge regression; its penalty is chosen by leaving each text out once."""

    def __init__(self, features: WordFeatures | None = None) -> None:
        self.features = features or WordFeatures()
        self.model: Any = None

    def fit(
        self,
        texts: Sequence[str],
        targets: Sequence[float],
        seconds: Sequence[str] | None = None,
        numbers: Sequence[Sequence[float]] | None = None,
    ) -> None:
        from sklearn.linear_model import RidgeCV

        self.features.fit(texts, seconds)
        self.model = RidgeCV(alphas=[1 / penalty for penalty in PENALTIES])
        self.model.fit(self.features.vectors(texts, seconds, numbers), list(targets))

    def predict(
        self,
        texts: Sequence[str],
        seconds: Sequence[str] | None = None,
        numbers: Sequence[Sequence[float]] | None = None,
    ) -> list[float]:
        """The number of each text."""
        found = self.model.predict(self.features.vectors(texts, seconds, numbers))
        return [float(value) for value in found]


class WordTagger:
    """Tags by logistic regression from the word, its ends, its neighbours and their form."""

    def __init__(self) -> None:
        self.model: Any = None

    def fit(self, texts: Sequence[Sequence[str]], tags: Sequence[Sequence[str]]) -> None:
        """Raises ValueError unless there are two different tags."""
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import SGDClassifier
        from sklearn.pipeline import make_pipeline

        # Stochastic: thousands of words with a dozen features each; the seed fixes their order.
        learner = SGDClassifier(loss="log_loss", alpha=1e-5, random_state=0)
        self.model = make_pipeline(CountVectorizer(analyzer=list, binary=True), learner)
        rows = [clues(text, place) for text in texts for place in range(len(text))]
        self.model.fit(rows, [tag for path in tags for tag in path])

    def predict(self, texts: Sequence[Sequence[str]]) -> list[list[str]]:
        """The likeliest tag of each word by itself."""
        rows = [clues(text, place) for text in texts for place in range(len(text))]
        found = iter(self.model.predict(rows) if rows else ())
        return [[str(next(found)) for _word in text] for text in texts]


def clues(text: Sequence[str], place: int) -> list[str]:
    """What a word and its neighbours look like."""
    word = text[place]
    around = {-2: "<s>", -1: "<s>", 1: "</s>", 2: "</s>"}
    for step in around:
        if 0 <= place + step < len(text):
            around[step] = text[place + step].lower()
    shape = {
        "capital": word[:1].isupper(),
        "capitals": word.isupper(),
        "digit": any(c.isdigit() for c in word),
        "first": place == 0,
    }
    return [
        f"word={word.lower()}",
        *(f"word{step:+}={neighbour}" for step, neighbour in around.items()),
        *(f"end{n}={word[-n:].lower()}" for n in (1, 2, 3)),
        *(f"start{n}={word[:n].lower()}" for n in (1, 3)),
        *(name for name, holds in shape.items() if holds),
    ]
