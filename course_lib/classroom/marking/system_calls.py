"""A filter that takes system calls away from a sandbox: a seccomp program for bubblewrap.

What is refused, and why: making namespaces and mounts (a mount of one's own has no size limit),
memory that belongs to no process (memfd, System V) and so is not seen by the memory watch, and
doors into the kernel that no exercise needs (bpf, io_uring, perf, keys, ptrace, userfaultfd).
Source: Linux, Documentation/userspace-api/seccomp_filter.rst; numbers from asm/unistd_64.h.
"""

import errno
import platform
import struct

from course_lib.errors import CourseError
from course_lib.i18n import _

# Numbers above 423 are the same on all machines.
EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsmount": 432,
    "mount_setattr": 442,
    "memfd_secret": 447,
}
X86_64 = {
    "shmget": 29,
    "semget": 64,
    "msgget": 68,
    "ptrace": 101,
    "pivot_root": 155,
    "chroot": 161,
    "mount": 165,
    "umount2": 166,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "unshare": 272,
    "perf_event_open": 298,
    "open_by_handle_at": 304,
    "setns": 308,
    "memfd_create": 319,
    "bpf": 321,
    "userfaultfd": 323,
}
AARCH64 = {
    "umount2": 39,
    "mount": 40,
    "pivot_root": 41,
    "chroot": 51,
    "unshare": 97,
    "ptrace": 117,
    "msgget": 186,
    "semget": 190,
    "shmget": 194,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "perf_event_open": 241,
    "open_by_handle_at": 265,
    "setns": 268,
    "memfd_create": 279,
    "bpf": 280,
    "userfaultfd": 282,
}
CLONE3 = 435
# Machine: its AUDIT_ARCH constant, the number of `clone`, and what is refused.
MACHINES = {
    "x86_64": (0xC000003E, 56, X86_64),
    "aarch64": (0xC00000B7, 220, AARCH64),
}
# Flags of clone: NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
NEW_NAMESPACES = 0x0002_0000 | 0x7E00_0000
X32 = 0x4000_0000  # calls of x86_64's second, 32-bit numbering have this bit

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF's instructions
ALLOW, KILL, ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000  # what a filter can return
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """struct sock_filter; the last two: how many instructions to skip."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def when(code: int, value: int, answer: int) -> bytes:
    """Return `answer` if what was loaded compares to `value`, else go on."""
    return instruction(code, value, 0, 1) + instruction(RETURN, answer)


def seccomp_filter(machine: str | None = None) -> bytes:
    """The program as bubblewrap's `--seccomp` reads it.

    Raises CourseError on a machine whose system calls are not listed here.
    """
    machine = machine or platform.machine()
    if machine not in MACHINES:
        message = _("the sandbox does not know the system calls of this machine ({name})")
        raise CourseError(message.format(name=machine))
    architecture, clone, numbers = MACHINES[machine]
    refused = ERROR | errno.EPERM
    program = [
        instruction(LOAD, ARCHITECTURE),
        instruction(EQUAL, architecture, 1, 0) + instruction(RETURN, KILL),
        instruction(LOAD, NUMBER),
        when(AT_LEAST, X32, KILL),
        # Its flags are out of a filter's reach. The C library then falls back on clone.
        when(EQUAL, CLONE3, ERROR | errno.ENOSYS),
        *(when(EQUAL, n, refused) for n in (*numbers.values(), *EVERYWHERE.values())),
        instruction(EQUAL, clone, 0, 3) + instruction(LOAD, FIRST_ARGUMENT),
        when(ANY_BIT, NEW_NAMESPACES, refused),
        instruction(RETURN, ALLOW),
    ]
    return b"".join(program)
