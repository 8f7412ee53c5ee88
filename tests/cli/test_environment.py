"""Threads, memory and network of what the commands start."""

import subprocess
import sys

import pytest

from course_lib.cli.environment import kernel_environment

PROBE = """
import socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(("localhost", server.getsockname()[1])).close()
try:
    {attempt}
except OSError as error:
    print(error)
"""
ATTEMPTS = [
    "socket.create_connection(('192.0.2.1', 80), timeout=1)",
    "socket.getaddrinfo('example.org', 80)",
    "socket.socket().connect_ex(('2001:db8::1', 80))",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 53))",
    "__import__('urllib.request').request.urlopen('http://example.org')",
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_without_network_only_this_machine_is_reached(attempt: str):
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(attempt=attempt)],
        env=kernel_environment(1, network=False),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the network is switched off here" in done.stdout


def test_threads_and_memory_settings_reach_the_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", "mine")
    environment = kernel_environment(3)
    assert environment["OMP_NUM_THREADS"] == "3"
    assert int(environment["MALLOC_TRIM_THRESHOLD_"]) > 2**30
    assert environment["PYTHONPATH"] == "mine"
    assert kernel_environment(1, network=False)["PYTHONPATH"].endswith("mine")


def test_loopback_is_opened_in_a_namespace_without_any_network():
    own_namespace = ["unshare", "--map-root-user", "--net"]
    try:
        subprocess.run([*own_namespace, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system lets us make no network namespace")
    code = (
        "import socket; from course_lib.cli.environment import open_loopback; {call}"
        "s = socket.create_server(('127.0.0.1', 0)); s.settimeout(1);"
        "print(socket.socket().connect_ex(s.getsockname()))"
    )
    answers = [
        subprocess.run(
            [*own_namespace, sys.executable, "-c", code.format(call=call)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for call in ("", "open_loopback();")
    ]
    assert answers[0] != "0"  # unreachable, as such a namespace begins
    assert answers[1] == "0"
