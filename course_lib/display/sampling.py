"""A bench for sampling: what temperature, k and p leave of a distribution, and what they write."""

import textwrap
from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.display.style import BLUE, GREY, VERMILION, figure_of, panels
from course_lib.display.widgets import Explorer, explore
from course_lib.i18n import _
from course_lib.inference.decoding import (
    cut_at_end,
    generate,
    keep_top_k,
    keep_top_p,
    sample,
    temperature,
)
from course_lib.models.language_model import LanguageModel
from course_lib.text.vocab import Vocab

N_WORDS, N_TEXTS = 14, 3  # shown
LINE = 46  # letters that fit beside the bars


def reshaped(logits: Tensor, t: float, k: int, p: float) -> Tensor:
    """Heat, then the k likeliest, then the nucleus of these: (..., V) -> (..., V)."""
    return keep_top_p(keep_top_k(temperature(logits, t), k), p)


def distribution(
    before: Mapping[str, float],
    after: Mapping[str, float],
    truth: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """The likeliest words, a bar each: what the model says (grey) and what is drawn from (blue).

    `truth`, where it is known, is a mark on each bar. All three map words to probabilities.
    """
    ax = panels(1)[0] if ax is None else ax
    words = sorted(before, key=lambda word: -before[word])[:N_WORDS]
    rows = range(len(words))
    ax.barh(rows, [before[w] for w in words], color="#CCCCCC", height=0.8, label=_("model"))
    ax.barh(rows, [after[w] for w in words], color=BLUE, height=0.4, label=_("drawn from"))
    if truth is not None:
        marks = [truth.get(w, 0.0) for w in words]
        ax.plot(marks, rows, "|", color=VERMILION, markersize=11, mew=2, label=_("truth"))
    ax.set_yticks(rows, words)
    ax.set_ylim(len(words) - 0.5, -0.5)
    ax.set_xlim(0, 1.05 * max([*before.values(), *after.values(), *(truth or before).values()]))
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(_("probability of the next word"))
    ax.legend(loc="lower right", fontsize=8)
    return figure_of(ax)


def written(texts: Sequence[str], ax: Axes) -> None:
    """Texts below one another, broken into lines, in place of a plot."""
    lines = [textwrap.fill(text, LINE) for text in texts]
    ax.axis("off")
    ax.text(
        0, 1, "\n\n".join(lines), fontsize=8.5, va="top", transform=ax.transAxes, parse_math=False
    )


def sampling_bench(
    model: LanguageModel,
    vocab: Vocab,
    prompt: Sequence[str],
    n_new: int = 40,
    truth: Mapping[str, float] | None = None,
    seed: int = 0,
    sep: str = " ",
) -> Explorer:
    """Sliders for temperature, k and p; beside the next word's distribution, texts that follow.

    Args:
        prompt: the words so far, without <s>.
        truth: the true probabilities of the next word, where they are known.
        seed: of the texts, so that only the sliders change them.
        sep: what stands between two words.
    """
    ids = torch.cat([torch.tensor([Vocab.start_id]), vocab.encode(prompt)])[None]
    logits = model.next_logits(ids)[0]

    def named(scores: Tensor) -> dict[str, float]:
        return dict(zip(vocab.words, scores.softmax(dim=-1).tolist(), strict=True))

    def draw(temperature: float = 1.0, k: int = len(vocab), p: float = 1.0) -> Figure:
        rng = torch.Generator().manual_seed(seed)
        left = reshaped(logits, temperature, k, p)
        rows = generate(
            model,
            ids.repeat(N_TEXTS, 1),
            n_new,
            lambda scores: sample(reshaped(scores, temperature, k, p), rng),
            Vocab.end_id,
        )
        new = cut_at_end(rows[:, ids.size(1) :], Vocab.end_id)
        bars, page = panels(2, height=4.2)
        distribution(named(logits), named(left), truth, bars)
        n_left = int((left > -torch.inf).sum())
        bars.set_title(_("{n} words are left").format(n=n_left), fontsize=10, loc="left")
        page.set_title(_("what is written with them"), fontsize=10, color=GREY, loc="left")
        written(
            ["… " + sep.join(w for w in vocab.decode(row) if w != "<pad>") for row in new], page
        )
        return figure_of(bars)

    return explore(draw, temperature=(0.0, 2.0, 0.05), k=(1, len(vocab)), p=(0.05, 1.0, 0.05))
