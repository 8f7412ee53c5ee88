"""The one error a reader may meet: something they can mend themselves."""


class CourseError(ValueError):
    """A mistake the user can mend. Its message is one line: what is wrong, where, and what to do.

    The `course` command prints the line alone and exits with status 2; a notebook shows it as the
    last line of the traceback.
    """
