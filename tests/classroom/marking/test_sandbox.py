import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from course_lib.classroom.exercise import Limits
from course_lib.classroom.marking import box, box_command
from course_lib.classroom.marking.memory_watch import family
from course_lib.classroom.marking.system_calls import MACHINES, seccomp_filter
from course_lib.errors import CourseError
from course_lib.storage import PROJECT
from tests.classroom.marking.boxes import LIMITS, SAY, first_line, gone, heard, inside

needs_sandbox = pytest.mark.usefixtures("sandbox")
SLEEP = SAY + "import time\nsay('up')\ntime.sleep(600)"


@needs_sandbox
def test_words_go_in_and_out():
    with box.open_box(LIMITS, ["-c", SAY + "say(os.read(3, 99).decode() * 2)"]) as opened_box:
        os.write(opened_box.to_worker, b"ab")
        assert heard(opened_box) == "abab\n"


@needs_sandbox
def test_only_the_two_pipes_are_open_and_what_is_printed_is_gone():
    code = "print('x'); print('y', file=sys.stderr)\n"
    code += "fds = sorted(os.listdir('/proc/self/fd'), key=int)[:-1]\n"
    code += "for fd in fds: say(os.readlink(f'/proc/self/fd/{fd}'))"
    lines = inside(code).split()
    assert lines[:3] == ["/dev/null"] * 3
    assert [line.split(":")[0] for line in lines[3:]] == ["pipe", "pipe"]


@needs_sandbox
def test_nothing_of_ours_is_in_its_environment_or_files(monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", "in the judge's environment")
    code = "seen = open('/proc/self/environ').read()\n"
    code += "try: seen += open('/proc/1/environ').read()\nexcept OSError: pass\n"
    code += (
        f"say('COURSE_SECRET' in seen), say(os.path.exists({str(PROJECT / 'pyproject.toml')!r}))\n"
    )
    code += "found = [f'{at}/{f}'[19:] for at, _d, fs in os.walk('/course') for f in fs]\n"
    code += "say(sorted(found))"
    assert inside(code) == f"False\nFalse\n{sorted(box_command.STAND_INS)}\n"


@needs_sandbox
def test_it_has_no_terminal_to_type_into():
    # 0 is a session that began outside: that of the instructor's terminal.
    assert inside("say(os.getsid(0) > 0)") == "True\n"


@needs_sandbox
def test_an_installed_course_lib_is_masked(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "course_lib"
    package.mkdir(parents=True)
    (package / "answers.py").write_text("ANSWER = 42")
    monkeypatch.setattr(sys, "path", [*sys.path, str(package.parent)])
    code = "site = sys.path[-1] if 'site' in sys.path[-1] else ''\n"
    code += "folders = [p for p in sys.path if os.path.isdir(p + '/course_lib')]\n"
    code += "say([os.listdir(p + '/course_lib') for p in folders if p != '/course'])"
    assert inside(code) == "[[]]\n"


@needs_sandbox
def test_every_sandbox_is_another_user_and_counts_its_own_processes():
    code = "n = 0\ntry:\n  while True:\n"
    code += "    if os.fork() == 0: os.read(3, 1); os._exit(0)\n    n += 1\n"
    code += "except OSError: pass\nsay(f'{os.getuid()} {n}')\nos.read(3, 1)"
    with (
        box.open_box(LIMITS, ["-c", SAY + code]) as one,
        box.open_box(LIMITS, ["-c", SAY + code]) as two,
    ):
        first, second = first_line(one).split(), first_line(two).split()
    assert int(first[1]) in range(20, 32)
    assert int(second[1]) in range(20, 32)
    if os.geteuid() == 0:
        assert first[0] != second[0]


@needs_sandbox
def test_after_its_end_nothing_is_left():
    n_open = len(list(Path("/proc/self/fd").iterdir()))
    code = SAY + "import time, subprocess\nsubprocess.Popen(['/bin/sleep', '600'])\n"
    code += "if os.fork() == 0: os.setsid(); os.fork(); time.sleep(600)\nsay('up')\ntime.sleep(600)"
    with box.open_box(LIMITS, ["-c", code]) as opened_box:
        assert first_line(opened_box) == "up"
        pids = list(family(opened_box.pid))
        assert len(pids) >= 5
    assert gone(pids, seconds=0)
    opened_box.kill()
    assert len(list(Path("/proc/self/fd").iterdir())) == n_open


@needs_sandbox
def test_it_ends_with_a_judge_that_is_killed(tmp_path):
    code = "from tests.classroom.marking.test_sandbox import *\nimport time\n"
    code += "b = box.open_box(LIMITS, ['-c', SLEEP])\nfirst_line(b)\n"
    code += "print(*family(b.pid), flush=True)\ntime.sleep(600)"
    judge = subprocess.Popen(
        [sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    pids = [int(pid) for pid in judge.stdout.readline().split()]
    assert len(pids) >= 3
    judge.send_signal(signal.SIGKILL)
    judge.wait()
    judge.stdout.close()
    assert gone(pids)


@needs_sandbox
@pytest.mark.parametrize(
    "hog",
    [
        "x = []\nwhile True: x.append(bytearray(10_000_000))",
        "for i in range(6):\n  if os.fork() == 0: break\n"
        "x = bytearray(os.urandom(1000) * 100_000)\nimport time; time.sleep(600)",
        "import ctypes; ctypes.CDLL(None).prctl(4, 0)\nx = bytearray(b'x' * 450_000_000)\n"
        "import time; time.sleep(600)",
        "i = 0\nwhile True: i += 1; open(f'{os.environ[\"HOME\"]}/{i}', 'w')",
    ],
    ids=["one process", "many processes", "one that hides", "many empty files"],
)
def test_too_much_memory_ends_it(hog):
    with box.open_box(LIMITS, ["-c", SAY + hog]) as opened_box:
        heard(opened_box)
        assert opened_box.cause == "memory"


@needs_sandbox
def test_memory_that_processes_share_counts_once():
    code = "x = bytearray(b'x' * 100_000_000)\nimport time\n"
    code += "for i in range(8):\n  if os.fork() == 0: time.sleep(1); os._exit(0)\n"
    code += "time.sleep(1)\nsay('fine')"
    with box.open_box(LIMITS, ["-c", SAY + code]) as opened_box:
        assert heard(opened_box) == "fine\n"
        assert opened_box.cause == ""
        assert 90 < opened_box.peak_mb < LIMITS.memory_mb


@needs_sandbox
def test_disk_and_address_space_are_limited():
    code = "import errno\nfor folder in (os.environ['HOME'], '/dev/shm'):\n  try:\n"
    code += "    for i in range(9): open(f'{folder}/{i}', 'wb').write(bytes(1_000_000))\n"
    code += "  except OSError as e: say(errno.errorcode[e.errno])\n"
    code += "try: bytearray(3 * 10**9)\nexcept MemoryError: say('MemoryError')"
    assert inside(code) == "ENOSPC\nENOSPC\nMemoryError\n"


@needs_sandbox
def test_processor_time_ends_what_the_judge_overlooks():
    limits = Limits(seconds=0, memory_mb=400, disk_mb=4)
    code = "import resource; say(resource.getrlimit(resource.RLIMIT_CPU))"
    n = box_command.CPU_SECONDS_MORE
    assert inside(code, limits) == f"({n}, {n})\n"


@needs_sandbox
def test_every_call_of_the_list_is_refused():
    import platform

    _arch, clone, numbers = MACHINES[platform.machine()]
    code = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
    code += f"for n in {sorted(numbers.values())}:\n  ctypes.set_errno(0)\n"
    code += "  say(libc.syscall(n, 0, 0, 0, 0)), say(ctypes.get_errno())\n"
    code += f"say(libc.syscall({clone}, 0x10000000, 0, 0, 0, 0)), say(ctypes.get_errno())"
    refused = inside(code).split()
    assert refused == ["-1", "1"] * (len(numbers) + 1)


@needs_sandbox
def test_threads_processes_and_pipes_still_work():
    code = "import threading, subprocess, asyncio, multiprocessing\n"
    code += "t = threading.Thread(target=say, args=(1,)); t.start(); t.join()\n"
    code += "say(subprocess.run(['echo', '2'], capture_output=True, text=True).stdout.strip())\n"
    code += "async def three(): return 3\nsay(asyncio.run(three()))\n"
    code += "with multiprocessing.Pool(2) as p: say(sum(p.map(abs, [-1, 3])))"
    assert inside(code) == "1\n2\n3\n4\n"


def test_a_machine_without_a_list_of_calls_is_refused():
    assert len(seccomp_filter("aarch64")) % 8 == 0
    with pytest.raises(CourseError, match="riscv64"):
        seccomp_filter("riscv64")
