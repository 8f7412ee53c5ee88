"""The same n-gram model in the form that other tools exchange: probabilities and back-off weights.

    p(w | c) = stored(c w)                      if the gram is in the table
             = weight(c) * p(w | c')            if not; c' is c without its first word

An interpolated model fits this form exactly: store the finished sum kept + passed * p_below, and
use `passed` as the weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_base import TableModel
from course_lib.models.ngram_counts import GramTable, context_rows, find_grams, suffix_rows, take
from course_lib.text.vocab import Vocab


@dataclass(frozen=True)
class BackoffModel(TableModel):
    """An n-gram model as an ARPA file has it.

    log_p: one (G,) array of natural logarithms per order. log_weight: one (G,) array per order but
    the highest, the weights of the grams as contexts.
    """

    tables: Sequence[GramTable]
    log_p: Sequence[np.ndarray]
    log_weight: Sequence[np.ndarray]

    def _score(self, row: np.ndarray) -> np.ndarray:
        score = np.zeros(len(row))
        for k, (ends, contexts, rows) in enumerate(find_grams(self.tables, row)):
            if k:
                score[ends] += take(self.log_weight[k - 1], contexts, 0.0)
            score[ends] = np.where(rows >= 0, take(self.log_p[k], rows, 0.0), score[ends])
        return score

    def _log_distribution(self, context: list[int]) -> np.ndarray:
        score = self.log_p[0].copy()
        score[[Vocab.pad_id, Vocab.start_id]] = -np.inf
        for k, row in enumerate(context_rows(self.tables, context)[1:], start=1):
            if row >= 0:
                score += self.log_weight[k - 1][row]
                following = self.tables[k].following(row)
                score[self.tables[k].last_words[following]] = self.log_p[k][following]
        return score


def to_backoff(model: NGramModel) -> BackoffModel:
    """The same probabilities as back-off tables.

    Raises ValueError unless the smoothing hands over to the next shorter context, as Kneser-Ney
    does: add-k hands over to the uniform distribution, which the form cannot say. Orders larger
    than every text have no grams and are left out.
    """
    if not model.smoothing.recursive:
        raise ValueError(f"{model.smoothing} has no back-off form; take a Kneser-Ney smoothing")
    p = np.array([model.smoothing.base(model.vocab_size)])  # of the empty gram
    probabilities = []
    for table, share, suffixes in zip(
        model.tables, model.shares, suffix_rows(model.tables), strict=True
    ):
        p = share.kept + share.passed[table.contexts] * p[suffixes]
        probabilities.append(p)
    probabilities[0][[Vocab.pad_id, Vocab.start_id]] = 0.0
    order = sum(len(table) > 0 for table in model.tables)
    with np.errstate(divide="ignore"):  # log 0 = -inf is meant
        return BackoffModel(
            model.tables[:order],
            [np.log(p) for p in probabilities[:order]],
            [np.log(share.passed) for share in model.shares[1:order]],
        )
