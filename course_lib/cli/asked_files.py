"""Questions about passages, of a user's own: SQuAD's JSON, or JSONL with one question in a line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from course_lib.cli.labelled_files import read_object
from course_lib.data.corpora.records import Answer, Question
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.storage import read_lines, read_text


def read_questions(paths: Sequence[Path], answered: bool) -> list[Question]:
    """All questions of all files, in order; no answers means that the passage gives none.

    A line of JSONL has "question", "passage" (or "context"), and "answer", a piece of the passage,
    or null; "start" says at which character it stands, else it is the first such piece. Raises
    CourseError, naming the question's place, if something is missing or the answer is nowhere.

    answered: whether an answer, or null, must be given.
    """
    found = [question for path in paths for question in _questions_of(path, answered)]
    if not found:
        names = ", ".join(map(str, paths))
        raise CourseError(_("there are no questions in {names}").format(names=names))
    return found


def _questions_of(path: Path, answered: bool) -> Iterator[Question]:
    if path.suffix.lower() == ".jsonl":
        for number, line in enumerate(read_lines(path), start=1):
            if line.strip():
                place = _("{path}, line {n}").format(path=path, n=number)
                yield _from_record(read_object(line, place), place, answered)
        return
    try:
        content = json.loads(read_text(path))
        articles = [
            (paragraph["context"], record)
            for article in content["data"]
            for paragraph in article["paragraphs"]
            for record in paragraph["qas"]
        ]
    except (ValueError, TypeError, KeyError):
        message = _("{path} is not in the form of SQuAD; see `course train answerer --help`")
        raise CourseError(message.format(path=path)) from None
    for number, (context, record) in enumerate(articles, start=1):
        place = _("{path}, question {n}").format(path=path, n=number)
        yield _from_squad(context, record, place, answered)


def _from_squad(context: Any, record: Any, place: str, answered: bool) -> Question:
    record = record if isinstance(record, dict) else {}
    answers = record.get("answers", [] if record.get("is_impossible") else None)
    if record.get("is_impossible"):
        answers = []
    if answers is None and answered:
        raise CourseError(_("{place}: there is no {name}").format(place=place, name="answers"))
    first = answers[0] if isinstance(answers, list) and answers else {}
    found = {
        "question": record.get("question"),
        "passage": context,
        "answer": first.get("text"),
        "start": first.get("answer_start"),
    }
    question = _from_record(found, place, answered)
    others = [a["text"] for a in answers or [] if isinstance(a, dict) and "text" in a][1:]
    return _with_others(question, others)


def _with_others(question: Question, texts: Sequence[str]) -> Question:
    """Further right answers, which count when answers are judged."""
    more = [Answer(question.context.find(text), text) for text in texts if text in question.context]
    answers = (*question.answers, *more)
    return Question(question.question, question.context, answers, question.article)


def _from_record(record: Mapping[str, Any], place: str, answered: bool) -> Question:
    question, passage = record.get("question"), record.get("passage", record.get("context"))
    for name, value in (("question", question), ("passage", passage)):
        if not isinstance(value, str):
            raise CourseError(_("{place}: there is no {name}").format(place=place, name=name))
    if answered and "answer" not in record:
        message = _('{place}: there is no answer; say "answer": null if the passage gives none')
        raise CourseError(message.format(place=place))
    return Question(str(question), str(passage), _answers(record, str(passage), place), "")


def _answers(record: Mapping[str, Any], passage: str, place: str) -> tuple[Answer, ...]:
    """The answer with its place. Raises CourseError if it does not stand there."""
    text, start = record.get("answer"), record.get("start", record.get("answer_start"))
    if text is None or text == "":
        return ()
    if not isinstance(text, str) or not (start is None or isinstance(start, int)):
        message = _("{place}: the answer must be a text, and its start a whole number")
        raise CourseError(message.format(place=place))
    at = passage.find(text) if start is None else start
    if at < 0 or passage[at : at + len(text)] != text:
        message = _("{place}: the answer {text!r} does not stand in the passage at that place")
        raise CourseError(message.format(place=place, text=text))
    return (Answer(at, text),)
