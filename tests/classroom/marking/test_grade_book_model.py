"""Whatever is done to a grade book in whatever order, it says what a plain list would say."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.classroom.marking.grade_book import GradeBook
from course_lib.errors import CourseError
from tests.classroom.marking.markings import SMALL, marking

students = st.sampled_from(["ann", "花", "Bo"])
statuses = st.tuples(*[st.sampled_from(["right", "wrong"])] * 2)
keys = st.tuples(students, st.sampled_from("123"), st.sampled_from("fg"))
actions = st.one_of(
    st.tuples(st.just("add"), keys, statuses),
    st.tuples(st.just("seen"), keys),
    st.tuples(st.just("override"), students, st.sampled_from(SMALL.exercises), st.integers(0, 2)),
    st.tuples(st.just("reopen"), students),
)
POINTS = {record.name: record.points for record in SMALL.records()}


class Model:
    """A book in plain Python: a log of what was met, marks by key, and overrides."""

    def __init__(self):
        self.log, self.marks, self.points = [], {}, defaultdict(dict)

    def add(self, key, statuses):
        self.marks.setdefault(key, statuses)
        self.log.append(key)

    def seen(self, key):
        if key in self.marks:
            self.log.append(key)
        return key in self.marks

    def override(self, student, exercise, points):
        if not self.of(student):
            return False
        self.points[student][exercise] = points
        return True

    def reopen(self, student):
        pass

    def of(self, student):
        return [key for key in self.marks if key[0] == student]

    def newest(self, student):
        """The newest judgement of each file, in the order in which the files were met last."""
        by_file = {}
        for key in self.log:
            if key[0] == student:
                by_file.pop(key[1], None)
                by_file[key[1]] = key
        return list(by_file.values())

    def total(self, key):
        marked = {
            exercise: POINTS[exercise] * (status == "right")
            for exercise, status in zip(SMALL.exercises, self.marks[key], strict=True)
        }
        return sum((marked | self.points[key[0]]).values())

    def current(self, keep):
        for student in sorted({key[0] for key in self.marks}):
            found = self.newest(student)
            best = max(self.total(key) for key in found)
            good = [key for key in found if keep == "last" or self.total(key) == best]
            yield student, good[-1][1], self.total(good[-1])


def sha256(content):
    return marking("", content=content).sha256


class Real:
    """The grade book under test, closed and opened at will."""

    def __init__(self, path):
        self.path = path
        self.book = GradeBook(path, create=True)
        self.book.begin(SMALL, "secret")
        self.book._db.execute("PRAGMA synchronous = OFF")

    def add(self, key, statuses):
        self.book.add(marking(key[0], *statuses, content=key[1]), key[2])

    def seen(self, key):
        arguments = (key[0], sha256(key[1]), key[2])
        has = self.book.has(*arguments)
        assert self.book.seen(*arguments) == has
        return has

    def override(self, student, exercise, points):
        try:
            self.book.override(student, exercise, points, "because", who="me")
        except CourseError:
            return False
        return True

    def reopen(self, student):
        self.book.close()
        self.book = GradeBook(self.path)
        self.book.begin(SMALL, "secret")


def do(action, books):
    """Do it to all of them, and they answer the same."""
    name, *arguments = action
    assert len({getattr(book, name)(*arguments) for book in books}) == 1


@given(st.lists(actions, max_size=25))
@settings(max_examples=100)
def test_any_sequence_of_actions_gives_what_a_plain_list_gives(tmp_path_factory, sequence):
    real, model = Real(tmp_path_factory.mktemp("book") / "gradebook.db"), Model()
    for action in sequence:
        do(action, (real, model))
    book = real.book
    for keep in ("last", "best"):
        found = [(m.student, m.sha256, m.points) for m in book.current(keep)]
        assert found == [(s, sha256(content), points) for s, content, points in model.current(keep)]
    for student in ("ann", "花", "Bo"):
        newest = model.newest(student)
        assert [
            (a.marking.sha256, a.fingerprint, a.counts, a.last) for a in book.attempts(student)
        ] == [(sha256(k[1]), k[2], k in newest, k == newest[-1]) for k in model.of(student)]
        for attempt, key in zip(book.attempts(student), model.of(student), strict=True):
            assert tuple(m.status for m in attempt.marking.marks) == model.marks[key]
        assert {o.exercise: o.points for o in book.overrides(student)} == model.points[student]
    book.close()


@given(st.lists(actions, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_among_students_does_not_matter(tmp_path_factory, sequence, rng):
    def student_of(action):
        return action[1] if isinstance(action[1], str) else action[1][0]

    order = ["ann", "花", "Bo"]
    rng.shuffle(order)
    apart = [action for student in order for action in sequence if student_of(action) == student]
    digests = []
    for actions_ in (sequence, apart):
        real = Real(tmp_path_factory.mktemp("book") / "gradebook.db")
        for action in actions_:
            do(action, (real,))
        digests.append(real.book.digest())
        real.book.close()
    assert digests[0] == digests[1]
