"""Hidden Markov models: a chain of states nobody sees, each of which emits one word."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.models import hmm_batched as batched
from course_lib.models.hmm_batched import Batch
from course_lib.models.hmm_learning import Counts, Parameters, count_states, estimate
from course_lib.models.hmm_sampling import sample
from course_lib.models.threads import one_thread
from course_lib.text.vocab import Vocab


class TextbookHMM:
    """The textbook's model: any id is a symbol, and a text may stop anywhere at no cost.

    Learn the parameters with `fit` or `fit_supervised`, or set `params`. A text is a 1-D int64
    tensor of ids, which may be empty. Raises ValueError for an id outside the vocabulary. Works on
    one thread.
    """

    with_end = False  # is the end of a text an event with a probability?

    def __init__(self, n_states: int, vocab_size: int) -> None:
        if n_states < 1 or vocab_size < 1:
            raise ValueError(f"{n_states=} and {vocab_size=} must be at least 1")
        self.n_states, self.vocab_size = n_states, vocab_size
        self.params: Parameters | None = None

    @property
    def allowed(self) -> Tensor:
        """(V,) which ids a state may emit."""
        return torch.ones(self.vocab_size, dtype=torch.bool)

    def fit_supervised(
        self, texts: Sequence[Tensor], states: Sequence[Tensor], add_k: float = 0.0
    ) -> None:
        """Learn from texts whose states (T,) are known: count, add `add_k` to each count, divide.

        Raises ValueError unless every text has as many states as words, all in 0 .. n_states - 1,
        and CourseError if there are no texts.
        """
        self._refuse_foreign(texts)
        _refuse_none(texts)
        if [len(ids) for ids in texts] != [len(path) for path in states]:
            raise ValueError("texts and states must have the same lengths")
        if any(len(s) and not 0 <= int(s.min()) <= int(s.max()) < self.n_states for s in states):
            raise ValueError(f"a state is not in 0 .. {self.n_states - 1}")
        counts = count_states(texts, states, self.n_states, self.vocab_size)
        self.params = estimate(counts, add_k, self.allowed, self.with_end)

    def fit(
        self,
        texts: Sequence[Tensor],
        n_steps: int,
        rng: torch.Generator,
        on_step: Callable[[int, float], None] = lambda *_ignored: None,
        add_k: float = 0.0,
    ) -> list[float]:
        """Learn from texts alone: `n_steps` of Baum-Welch from a random start; see `improve`.

        Raises CourseError if there are no texts.
        """
        self._refuse_foreign(texts)
        _refuse_none(texts)
        self.params = estimate(self._noise(texts, rng), add_k, self.allowed, self.with_end)
        return self.improve(texts, n_steps, on_step, add_k)

    def improve(
        self,
        texts: Sequence[Tensor],
        n_steps: int,
        on_step: Callable[[int, float], None] = lambda *_ignored: None,
        add_k: float = 0.0,
    ) -> list[float]:
        """Go on with Baum-Welch from the present parameters (Baum et al., 1970).

        Returns the log-likelihood of all texts, in nats, before each step. It never falls if
        `add_k` is 0. A small `add_k` (Dirichlet prior) keeps words possible that `texts` lack;
        what never falls then is the log-likelihood + add_k times the sum of all log-probabilities.
        """
        self._refuse_foreign(texts)
        groups = batched.batches(texts)
        n_empty = sum(len(ids) == 0 for ids in texts)
        history = []
        for step in range(n_steps):
            with one_thread():
                counts, log_likelihood = self._expect(groups, n_empty)
                self.params = estimate(counts, add_k, self.allowed, self.with_end)
            history.append(log_likelihood)
            on_step(step, log_likelihood)
        return history

    def _expect(self, groups: list[Batch], n_empty: int) -> tuple[Counts, float]:
        """The E step over all batches and the empty texts."""
        params = self._fitted()
        counts = Counts.zeros(self.n_states, self.vocab_size)
        counts.empty.add_(n_empty)
        log_likelihood = n_empty * float(params.log_empty) if n_empty else 0.0
        for group in groups:
            more, log_p = batched.batch_counts(params, group)
            counts, log_likelihood = counts.add(more), log_likelihood + log_p
        return counts, log_likelihood

    def _noise(self, texts: Sequence[Tensor], rng: torch.Generator) -> Counts:
        """Random counts to start from: every state a noisy copy of the words' frequencies."""
        frequency = torch.cat(list(texts)).bincount(minlength=self.vocab_size)
        shapes = [count.shape for count in Counts.zeros(self.n_states, self.vocab_size)]
        noise = [-torch.rand(s, generator=rng, dtype=torch.float64).log() for s in shapes]
        start, trans, emit, end, empty = noise
        return Counts(start, trans, emit * frequency, end, empty)

    def log_likelihood(self, texts: Sequence[Tensor]) -> Tensor:
        """log p(text) in nats, states summed out: (B,) float64, -inf for an impossible text."""
        empty = self._fitted().log_empty
        return torch.stack([empty, *(log_p.sum() for log_p in self._word_scores(texts))])[1:]

    @one_thread()
    def _word_scores(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """(T + 1,) for each text: log p(each word | words before), then of the end."""
        self._refuse_foreign(texts)
        params = self._fitted()
        probs = batched.tables(params)
        scores = [params.log_empty[None]] * len(texts)  # what an empty text scores
        for group in batched.batches(texts):
            seen = batched.filter_states(probs, group)
            words = batched.word_log_probs(probs, group, seen)
            ends = dict(zip(group.places, seen.end.log()[:, None], strict=True))
            for place, log_probs in group.split(words):
                scores[place] = torch.cat([log_probs, ends[place]])
        return scores

    @one_thread()
    def posterior(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """p(state of each word | whole text): (T, Z) for each text; 0 if the text is impossible."""
        self._refuse_foreign(texts)
        probs = batched.tables(self._fitted())
        found = [torch.zeros(0, self.n_states, dtype=torch.float64)] * len(texts)
        for group in batched.batches(texts):
            gamma, _trans = batched.smooth(probs, group, batched.filter_states(probs, group))
            for place, rows in group.split(gamma):
                found[place] = rows
        return found

    @one_thread()
    def viterbi(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """The most probable path of states, (T,) int64, for each text."""
        self._refuse_foreign(texts)
        params = self._fitted()
        # Every step compares n_texts * Z * Z scores at once: about 32 MB of them.
        most = max(1, 4_000_000 // self.n_states**2)
        paths = [torch.zeros(0, dtype=torch.long)] * len(texts)
        for group in batched.batches(texts, max_texts=most):
            for place, path in group.split(batched.best_paths(params, group)):
                paths[place] = path
        return paths

    def sample(
        self, n: int, rng: torch.Generator, max_length: int = 1000
    ) -> tuple[list[Tensor], list[Tensor]]:
        """`n` texts (T,) and their states (T,); a text that does not end is cut at `max_length`."""
        return sample(self._fitted(), n, rng, self.with_end, max_length)

    def _fitted(self) -> Parameters:
        if self.params is None:
            raise ValueError("this model has learnt nothing yet: call fit or fit_supervised first")
        return self.params

    def _refuse_foreign(self, texts: Sequence[Tensor]) -> None:
        """Raises ValueError if a text holds an id that no state may emit."""
        ids = torch.cat([torch.zeros(0, dtype=torch.long), *texts])
        outside = (ids < 0) | (ids >= self.vocab_size)
        if bool(outside.any()):
            found = int(ids[outside][0])
            raise ValueError(f"id {found} in a text is outside 0 .. {self.vocab_size - 1}")
        if not bool(self.allowed[ids].all()):
            raise ValueError("texts are given without <pad>, <s> and </s> (ids 0, 2 and 3)")


class HMM(TextbookHMM):
    """A language model of whole texts: each state may emit a word and go on, or end the text.

    The ids are those of `Vocab`; no state emits <pad>, <s> or </s>. The probabilities of all
    texts, of all lengths, sum to 1.
    """

    with_end = True

    def __init__(self, n_states: int, vocab_size: int) -> None:
        super().__init__(n_states, vocab_size)
        if vocab_size <= Vocab.end_id:
            raise ValueError(f"{vocab_size=} has no room for the four special words")

    @property
    def allowed(self) -> Tensor:
        """(V,) which ids a state may emit."""
        allowed = super().allowed
        allowed[[Vocab.pad_id, Vocab.start_id, Vocab.end_id]] = False
        return allowed

    def log_probs(self, texts: Sequence[Tensor]) -> list[Tensor]:
        """For a text of T ids, (T + 1,) log p(id | ids before) in nats, that of </s> last; float64.

        From an impossible word on, everything is -inf.
        """
        return self._word_scores(texts)

    def next_logits(self, ids: Tensor) -> Tensor:
        """(B, T) ids that start with <s> -> (B, V): log-probabilities of the next id.

        After </s> nothing but </s> follows. Raises ValueError if a row does not start with <s>.
        """
        if ids.size(1) == 0 or bool((ids[:, 0] != Vocab.start_id).any()):
            raise ValueError("every row must start with <s>")
        logits = ids.new_full((len(ids), self.vocab_size), -torch.inf, dtype=torch.float64)
        ended = (ids == Vocab.end_id).any(dim=1)
        logits[ended, Vocab.end_id] = 0.0
        going = ids[~ended, 1:]
        self._refuse_foreign(list(going))
        logits[~ended] = self._predict(going)
        return logits

    def _predict(self, ids: Tensor) -> Tensor:
        """(B, T) words without marks -> (B, V) log p(next id)."""
        params = self._fitted()
        probs = batched.tables(params)
        arrive, end = probs.start.expand(len(ids), -1), params.log_empty.exp().expand(len(ids))
        if ids.numel():
            batch = Batch(ids.T.flatten(), [len(ids)] * ids.size(1), list(range(len(ids))))
            seen = batched.filter_states(probs, batch)
            arrive, end = seen.last @ probs.trans, seen.end
        words = arrive @ params.log_emit.exp()  # (B, V)
        words[:, Vocab.end_id] = end
        return words.log()


def _refuse_none(texts: Sequence[Tensor]) -> None:
    if not texts:
        raise CourseError(_("there is no text to learn from: the list of texts is empty"))
