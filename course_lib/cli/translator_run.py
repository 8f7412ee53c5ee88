"""One run of `course train translator`: from pairs of texts to a model that has been measured."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
import typer
from rich.console import Console
from torch import Tensor

from course_lib.cli.devices import find_device
from course_lib.cli.network_run import Material, Options, check, make_tokenizer, train_and_save
from course_lib.cli.pair_files import TextPair, read_pairs
from course_lib.cli.task_run import notice, set_aside, space_between
from course_lib.cli.translator import TranslatorModel, translate
from course_lib.data.batching import parallel_batches
from course_lib.errors import CourseError
from course_lib.evaluation.bleu import BLEU_SIGNATURE, CHRF_SIGNATURE, bleu, chrf
from course_lib.i18n import _
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_translator import ModernTranslator
from course_lib.text.tokenizer import Tokenizer
from course_lib.text.vocab import Vocab
from course_lib.text.words import characters, words
from course_lib.training.objectives import SequenceBatch, smoothed_sequence_loss
from course_lib.training.recipes import target_counts

Ids = tuple[Tensor, Tensor]
N_BEAMS = 5


def run_translator(
    sizes: dict[str, int],
    dropout: float,
    label_smoothing: float,
    dev: Path | None,
    dev_share: float,
    options: Options,
) -> None:
    """Read, train, write, measure. Raises CourseError for whatever the user can mend.

    sizes: those of the model, named as in `TransformerConfig`.
    """
    check(options)
    if not 0 < dev_share < 1:
        raise CourseError(_("--dev-share must be more than 0 and less than 1"))
    learnt, tested = parts(read_pairs(options.texts), dev, dev_share, options.seed)
    with Console(stderr=True).status(_("reading ...")):
        texts = [side for pair in learnt for side in pair]
        tokenizer = make_tokenizer(texts, options.tokenizer, options.vocab_size)
        pairs = encoded(learnt, tokenizer, options.context)
    cfg = TransformerConfig(vocab_size=len(tokenizer), dropout=dropout, **sizes)
    model = ModernTranslator(cfg, torch.Generator().manual_seed(options.seed))
    model.set_unigram(target_counts([target for _source, target in pairs], len(tokenizer)))
    model.to(find_device(options.device))

    def batches() -> Iterator[SequenceBatch]:
        rng = torch.Generator().manual_seed(options.seed)
        start, end = Vocab.start_id, Vocab.end_id
        return parallel_batches(pairs, options.batch_tokens, rng, start, end)

    material = Material(smoothed_sequence_loss(label_smoothing), batches)
    train_and_save(model, material, tokenizer, options)
    for line in report(TranslatorModel(model, tokenizer), tested):
        typer.echo(line)
    message = _("learnt from       {n} pairs, {weights} weights -> {out}")
    n_weights = sum(weight.numel() for weight in model.parameters())
    typer.echo(message.format(n=len(pairs), weights=n_weights, out=options.out))


def parts(
    pairs: Sequence[TextPair], dev: Path | None, share: float, seed: int
) -> tuple[list[TextPair], list[TextPair]]:
    """What to learn from, and what to test on, by the source: no text is on both sides.

    Raises CourseError if nothing is left to learn from.
    """
    if dev is not None:
        tested = read_pairs([dev])
    else:
        sources = list(dict.fromkeys(pair.source for pair in pairs))
        rng = torch.Generator().manual_seed(seed)
        _learnt, chosen = set_aside(len(sources), share, rng)
        held = {sources[i] for i in chosen}
        tested = [pair for pair in pairs if pair.source in held]
    seen = {pair.source for pair in tested}
    learnt = [pair for pair in pairs if pair.source not in seen]
    if dev is not None:
        notice(len(pairs) - len(learnt), _("{n} pairs are left out: --dev has their source"))
    if not learnt:
        raise CourseError(_("every text is in --dev, too: there is nothing left to learn from"))
    return learnt, tested


def encoded(pairs: Sequence[TextPair], tokenizer: Tokenizer, most: int) -> list[Ids]:
    """The pairs as ids. Those of which a side does not fit are left out, and counted.

    Raises CourseError if none fits.
    """
    ids = [(tokenizer.encode(pair.source), tokenizer.encode(pair.target)) for pair in pairs]
    # <s> stands before a target, so it may have one token less.
    found = [(s, t) for s, t in ids if 0 < len(s) <= most and 0 < len(t) < most]
    message = _("{n} pairs have more than {most} tokens on a side and are left out")
    notice(len(ids) - len(found), message.replace("{most}", str(most)))
    if not found:
        raise CourseError(_("no pair fits: raise --context"))
    return found


def report(task: TranslatorModel, pairs: Sequence[TextPair]) -> list[str]:
    """How near the translations come to the references, by the two usual measures.

    BLEU compares words; of Japanese, which has no spaces, characters.
    """
    found = translate(task, [pair.source for pair in pairs], n_beams=N_BEAMS)
    right = [pair.target for pair in pairs]
    asian = not space_between(word for text in right for word in text.split())
    what = _("characters") if asian else _("words")
    ours, theirs = (
        [characters(text) if asian else words(text, lower=False) for text in texts]
        for texts in (found, right)
    )
    n_exact = sum(a == b for a, b in zip(ours, theirs, strict=True))
    return [
        _("tested on         {n} pairs, {beams} beams").format(n=len(pairs), beams=N_BEAMS),
        _("exact             {share:.1%}").format(share=n_exact / len(pairs)),
        _("BLEU              {value:.1f}  ({signature}, of {what})").format(
            value=bleu(ours, theirs), signature=BLEU_SIGNATURE, what=what
        ),
        _("chrF              {value:.1f}  ({signature})").format(
            value=chrf(found, right), signature=CHRF_SIGNATURE
        ),
    ]
