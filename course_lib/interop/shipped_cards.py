"""What is to be said of the models that come with the course."""

from course_lib.i18n import _
from course_lib.interop.model_card import Card
from course_lib.models.checkpoints import Shipped


def shipped_card(name: str, shipped: Shipped) -> Card:
    """The card of data/checkpoints/NAME.safetensors, with the figure measured when it was made."""
    kind = name.partition("_")[0]
    unit = _("bits per hidden word") if kind == "bert" else _("bits per word")
    n = sum(weight.numel() for weight in shipped.model.parameters())
    languages = {"bert_japanese": ["ja"], "translator_riverbank": ["en", "ja"]}
    return Card(
        title=name,
        summary=_summary(kind),
        trained_on=_trained_on(name),
        limits=_limits(name),
        figures={_("parameters"): f"{n:,}", unit: shipped.bits_per_word},
        languages=languages.get(name, ["en"]),
    )


def _summary(kind: str) -> str:
    """What a model of this kind does; nothing of one that is not known here."""
    known = {
        "bert": _(
            "An encoder: it fills holes in a text, says whether one text follows another, and can "
            "be fine-tuned for other tasks."
        ),
        "gpt": _("A causal language model: it writes texts word by word."),
        "lstm": _("A recurrent language model: it writes texts word by word."),
        "translator": _(
            "An encoder-decoder: it translates between English and Japanese and writes headlines; "
            "a mark at the beginning of the source says which (<ja>, <en>, <headline>)."
        ),
        "prompted": _("A causal language model that has read tasks written as prompts."),
        "instructed": _("A causal language model trained to answer instructions."),
    }
    return known.get(kind, "")


def _trained_on(name: str) -> str:
    if name in ("bert_english", "bert_japanese"):
        return _(
            "The train parts of real data sets, named in course_lib/data/corpora/unlabelled.py; "
            "their makers and licences are listed by `course data list`."
        )
    return _(
        "Stories of Riverbank, a small town on a river that was written for the course; all of "
        "them come from one grammar (CC BY 4.0)."
    )


def _limits(name: str) -> str:
    if name in ("bert_english", "bert_japanese"):
        return _(
            "Small, and trained for minutes, on books most of which are a century old and speak "
            "as their time did. For teaching; judge nobody by its answers."
        )
    return _(
        "It knows the words of that town and no others, in lower case, with a space before every "
        "sign. For teaching; judge nobody by its answers."
    )
