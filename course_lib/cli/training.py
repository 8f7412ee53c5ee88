"""`course train`: language models and word vectors from a user's own text files."""

from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

from course_lib.cli import model_kinds
from course_lib.cli.model_kinds import Trained
from course_lib.cli.texts import TextFiles, check_writable, word_tokenizer
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.interop.word_vectors import save_text
from course_lib.models.hmm import HMM
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_smoothing import SMOOTHINGS, AddK, KneserNey, Smoothing
from course_lib.models.word_vectors import WordVectors
from course_lib.text.packed import PackedTexts
from course_lib.text.vocab import Vocab
from course_lib.text.word_tokenizer import WordTokenizer
from course_lib.training.word2vec import Word2VecConfig, train_word2vec

train = typer.Typer(
    add_completion=False, no_args_is_help=True, help=_("train a model on your own text file")
)

Texts = Annotated[
    list[Path], typer.Argument(help=_("text files (UTF-8); each line that is not blank is a text"))
]
Out = Annotated[Path, typer.Option("--out", "-o", help=_("the file to write the model to"))]
Splitter = Annotated[
    str, typer.Option("--split", help=_("what a token is: words, characters or spaces"))
]
MinCount = Annotated[
    int, typer.Option(min=1, help=_("words seen less often than this become <unk>"))
]
Seed = Annotated[int, typer.Option(help=_("the same seed gives the same result"))]


@train.callback()
def _train() -> None:
    """Train a model on your own text files."""


@train.command("ngram")
def train_ngram(
    texts: Texts,
    out: Out = Path("ngram.safetensors"),
    order: Annotated[int, typer.Option(min=1, help=_("the n of n-gram"))] = 3,
    smoothing: Annotated[
        str, typer.Option(help=_("mle, add-k, kneser-ney or modified-kneser-ney"))
    ] = "modified-kneser-ney",
    k: Annotated[float, typer.Option(help=_("the k of add-k"))] = 0.1,
    discount: Annotated[float, typer.Option(help=_("the discount of kneser-ney"))] = 0.75,
    split: Splitter = "words",
    min_count: MinCount = 1,
) -> None:
    """Count n-grams. Give --out a name that ends in .arpa to write an ARPA file."""
    model = NGramModel(order, _smoothing(smoothing, k, discount))
    tokenizer, ids = _read(texts, split, min_count, out)
    try:
        with Console(stderr=True).status(_("counting {n} texts ...").format(n=len(ids))):
            model.fit(ids, len(tokenizer))
            model_kinds.save("ngram", Trained(model, tokenizer), out)
    except MemoryError:
        message = _("too many different n-grams for the memory: lower --order or raise --min-count")
        raise CourseError(message) from None
    report(ids, tokenizer.vocab, out)
    typer.echo(_("{n} n-grams stored").format(n=model.n_parameters))


@train.command("hmm")
def train_hmm(
    texts: Texts,
    out: Out = Path("hmm.safetensors"),
    states: Annotated[int, typer.Option(min=1, help=_("how many hidden states"))] = 20,
    steps: Annotated[int, typer.Option(min=1, help=_("how many steps of Baum-Welch"))] = 30,
    split: Splitter = "words",
    min_count: MinCount = 2,
    seed: Seed = 0,
) -> None:
    """Learn a hidden Markov model by Baum-Welch."""
    tokenizer, ids = _read(texts, split, min_count, out)
    model = HMM(states, len(tokenizer))
    with Console(stderr=True).status(_("learning ...")) as status:
        model.fit(
            ids,
            steps,
            torch.Generator().manual_seed(seed),
            lambda step, _loss: status.update(_("step {i} of {n}").format(i=step + 1, n=steps)),
            add_k=1e-4,  # no word becomes impossible in a state
        )
    model_kinds.save("hmm", Trained(model, tokenizer), out)
    report(ids, tokenizer.vocab, out)


@train.command("word2vec")
def train_vectors(
    texts: Texts,
    out: Out = Path("vectors.txt"),
    size: Annotated[int, typer.Option(min=1, help=_("numbers per word"))] = 100,
    window: Annotated[int, typer.Option(min=1, help=_("how far two words may stand apart"))] = 5,
    epochs: Annotated[int, typer.Option(min=1, help=_("how often to read the texts"))] = 5,
    split: Splitter = "words",
    min_count: MinCount = 5,
    seed: Seed = 0,
) -> None:
    """Learn word vectors by skip-gram; writes the text format of the word2vec program."""
    tokenizer, ids = _read(texts, split, min_count, out)
    cfg = Word2VecConfig(d_model=size, window=window, n_epochs=epochs)
    with Console(stderr=True).status(_("learning ...")) as status:
        model = train_word2vec(
            ids,
            len(tokenizer),
            cfg,
            torch.Generator().manual_seed(seed),
            lambda epoch, _m: status.update(_("epoch {i} of {n}").format(i=epoch + 1, n=epochs)),
        )
    save_text(WordVectors.from_table(tokenizer.vocab, model.inputs.weight), out)
    report(ids, tokenizer.vocab, out)


def _smoothing(name: str, k: float, discount: float) -> Smoothing:
    if name not in SMOOTHINGS:
        message = _("there is no smoothing {name!r}; choose one of: {names}")
        raise CourseError(message.format(name=name, names=", ".join(SMOOTHINGS)))
    if name == "add-k":
        return AddK(k)
    return KneserNey(discount) if name == "kneser-ney" else SMOOTHINGS[name]()


def _read(
    paths: list[Path], split: str, min_count: int, out: Path
) -> tuple[WordTokenizer, PackedTexts]:
    """The tokenizer and the texts as ids; first of all, whether the result can be written."""
    check_writable(out)
    texts = TextFiles(paths)
    with Console(stderr=True).status(_("reading ...")):
        tokenizer = word_tokenizer(texts, split, min_count)
        return tokenizer, texts.encode(tokenizer)


def report(ids: PackedTexts, vocab: Vocab, out: Path) -> None:
    """Say what was read and where the result is."""
    message = _("{n} texts, {words} words, {types} of them different -> {out}")
    n_types = len(vocab) - len(Vocab([]))
    typer.echo(message.format(n=len(ids), words=len(ids.words), types=n_types, out=out))
