"""A submission is marked: asked the practice cases, then the hidden ones, and judged."""

import builtins
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from course_lib.classroom.checker import (
    Failure,
    Verdict,
    judge_result,
    not_callable,
    report,
    stopped,
)
from course_lib.classroom.exercise import Exercise, Limits
from course_lib.classroom.marking.mark import Mark, Marking
from course_lib.classroom.marking.paper import Paper, Question
from course_lib.classroom.marking.sandbox import open_box
from course_lib.classroom.marking.session import Opener, Reply, Session, WorkerError
from course_lib.classroom.marking.submissions import Handed, NotebookError, code_cells

MOST_SECONDS = 300.0  # after that a notebook gets no further worker
CELLS_SECONDS = 240.0  # of processor time, for all cells of a notebook
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def mark_submission(
    handed: Handed, papers: Sequence[Paper], open_box: Opener = open_box
) -> Marking:
    """The marks of a submission, in the order of the papers. It always comes to an end."""
    started = time.monotonic()
    marks = {paper.exercise.name: unanswered(paper) for paper in papers}
    problem, peak_mb = handed.problem, 0.0
    for content in handed.notebooks:
        try:
            cells = code_cells(content)
        except NotebookError as error:
            problem = problem or str(error)
            continue
        asked = [paper for paper in papers if mentioned(paper, cells)]
        asked = [paper for paper in asked if marks[paper.exercise.name].status == "missing"]
        if asked:
            found, its_peak = Examination(cells, asked, open_box).marks()
            marks |= found
            peak_mb = max(peak_mb, its_peak)
    return Marking(
        student=handed.student,
        path=handed.path,
        sha256=handed.sha256,
        marks=tuple(marks.values()),
        seconds=time.monotonic() - started,
        peak_mb=peak_mb,
        problem=problem,
    )


def unanswered(paper: Paper) -> Mark:
    """The mark of an exercise of which nothing is known yet."""
    e = paper.exercise
    n_cases = len(paper.hidden)
    return Mark(
        exercise=e.name,
        status="missing",
        n_passed=0,
        n_cases=n_cases,
        points=0,
        max_points=e.points,
    )


def mentioned(paper: Paper, cells: Sequence[str]) -> bool:
    """Does the exercise's name stand in a notebook? Else no cell of it needs to run."""
    name = re.compile(rf"\b{paper.exercise.name}\b")
    return any(name.search(cell) for cell in cells)


def failure_of(paper: Paper, question: Question, reply: Reply) -> Failure | None:
    """What is wrong with a reply; None if nothing is."""
    if reply.kind == "arity":
        return not_callable(paper.exercise, question.case)
    if reply.kind != "value":
        return stopped(question.case, reply.error, reply.message)
    return judge_result(paper.exercise, question.case, reply.value, question.expected)


class Examination:
    """One notebook and the exercises that it is asked."""

    def __init__(self, cells: Sequence[str], papers: Sequence[Paper], open_box: Opener) -> None:
        self.papers = papers
        self.results = {paper.exercise.name: unanswered(paper) for paper in papers}
        self.left = {paper.exercise.name: paper.exercise.limits.seconds for paper in papers}
        self.over: set[str] = set()  # exercises that are not asked any more
        self.end = time.monotonic() + MOST_SECONDS
        limits = [paper.exercise.limits for paper in papers]
        together = Limits(
            seconds=CELLS_SECONDS + sum(self.left.values()),
            memory_mb=max(limit.memory_mb for limit in limits),
            n_processes=max(limit.n_processes for limit in limits),
            disk_mb=max(limit.disk_mb for limit in limits),
        )
        self.make = lambda: Session(cells, together, open_box)

    def marks(self) -> tuple[dict[str, Mark], float]:
        """Mark by exercise, and the largest memory in MB.

        All practice cases come before the first hidden one: what the student's code answers then
        may be shown to the student, and no hidden case can be smuggled out in it.
        """
        try:
            session = self.make()
        except WorkerError as error:
            lost = {n: replace(m, status=error.status) for n, m in self.results.items()}
            return lost, 0.0
        with session:
            for ask in (self.practise, self.examine):
                for paper in self.papers:
                    name = paper.exercise.name
                    if name in self.over:
                        continue
                    try:
                        self.results[name] = ask(paper, session)
                    except WorkerError as error:
                        self.lose(name, error)
                        if not self.restarted(session):
                            return self.results, session.peak_mb
            session.close()
            return self.results, session.peak_mb

    def lose(self, name: str, error: WorkerError) -> None:
        """An exercise whose call brought the worker down is not asked again."""
        self.results[name] = replace(self.results[name], status=error.status)
        self.over.add(name)

    def restarted(self, session: Session) -> bool:
        """A new worker for the other exercises, if they can have one."""
        try:
            if time.monotonic() < self.end:
                session.start()
                return True
            lost = WorkerError("time")
        except WorkerError as error:
            lost = error
        for name in self.results.keys() - self.over:
            self.lose(name, lost)
        return False

    def ask(self, paper: Paper, session: Session, question: Question) -> Reply:
        """One call, on the time that is left to the exercise."""
        name = paper.exercise.name
        started = time.monotonic()
        try:
            return session.call(name, question.case.args, self.left[name])
        finally:
            self.left[name] -= time.monotonic() - started

    def practise(self, paper: Paper, session: Session) -> Mark:
        """Keep in words what the first failing practice case shows."""
        exercise, cases = paper.exercise, paper.practice
        mark = replace(self.results[exercise.name], status="wrong")
        for n_passed, question in enumerate(cases):
            reply = self.ask(paper, session, question)
            missing, stub = reply.kind == "missing", reply.error == "NotImplementedError"
            if missing or stub:
                self.over.add(exercise.name)
                return replace(mark, status="missing" if missing else "stub")
            failure = failure_of(paper, question, reply)
            if failure is not None:
                verdict = Verdict(n_passed, len(cases), question.case, failure)
                return replace(mark, practice=report(exercise, verdict))
        return mark

    def examine(self, paper: Paper, session: Session) -> Mark:
        """Ask the hidden cases up to the first that fails."""
        exercise = paper.exercise
        for number, question in enumerate(paper.hidden):
            # Kept now: should the worker be lost, it is known how far it came.
            mark = replace(
                self.results[exercise.name], n_passed=number, seconds=self.used(exercise)
            )
            self.results[exercise.name] = mark
            reply = self.ask(paper, session, question)
            failure = failure_of(paper, question, reply)
            if failure is not None:
                return replace(mark, **reason(paper, number, reply, failure))
        return replace(
            self.results[exercise.name],
            status="right",
            points=exercise.points,
            n_passed=len(paper.hidden),
            seconds=self.used(exercise),
        )

    def used(self, exercise: Exercise) -> float:
        return exercise.limits.seconds - self.left[exercise.name]


def reason(paper: Paper, number: int, reply: Reply, failure: Failure) -> dict[str, Any]:
    """Why a hidden case failed, without anything that the student's code has put together."""
    if reply.kind == "value":
        which = paper.wrong_answer(number, reply.value)
        # The values that a law names are made of the hidden case: they stay here.
        hint = PLACEHOLDER.sub("…", failure.hint) if failure.values else failure.hint
        return {"status": "wrong", "hint": hint, "wrong_answer": which}
    if reply.kind == "arity":
        return {"status": "wrong", "hint": failure.message}
    error = reply.error if isinstance(getattr(builtins, reply.error, None), type) else ""
    return {"status": "raises", "hint": failure.hint, "error": error}
