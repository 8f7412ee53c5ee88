"""Ctrl-C for a process that a test starts."""

import signal


def heed_interrupts() -> None:
    """For `preexec_fn`: a shell that starts the tests in the background lets them ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
