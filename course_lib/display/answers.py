"""An answer lit up in its passage."""

from collections.abc import Sequence
from html import escape

from course_lib.display.markup import Markup, with_spans
from course_lib.i18n import _

Places = tuple[int, int]  # passage[start:end]


def answer_in_passage(
    question: Sequence[str],
    passage: Sequence[str],
    found: Places | None,
    right: Places | None = None,
    sep: str = " ",
) -> Markup:
    """A question above its passage, with the answer that was found lit up.

    Args:
        found: where the answer stands; None: the model says that the passage does not tell.
        right: where it should be; shown only if it differs from what was found.

    Raises ValueError if a place lies outside the passage. Where the two overlap, what was found is
    lit up and the right answer stands below.
    """
    spans = [(*place, kind) for place, kind in ((found, _("found")), (right, _("right"))) if place]
    if found and right and (found == right or overlap(found, right)):
        spans = spans[:1]
    text = with_spans(passage, spans, sep)
    said = sep.join(passage[slice(*found)]) if found else _("the passage does not tell")
    lines = [_("answer: {answer}").format(answer=said)]
    if right and right != found:
        due = sep.join(passage[slice(*right)])
        lines.append(_("right would be: {answer}").format(answer=due))
    asked = sep.join(question)
    below = "".join(f"<p><small>{escape(line)}</small></p>" for line in lines)
    html = f"<p><b>{escape(asked)}</b></p>{text.html}{below}"
    return Markup(html, "\n".join([asked, text.plain, *lines]))


def overlap(a: Places, b: Places) -> bool:
    """Do they share a word?"""
    return a[0] < b[1] and b[0] < a[1]
