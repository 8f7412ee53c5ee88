"""Writing where a student must not: marks, others' work, the marker's own files."""

from tests.attacks.attack import Attack, if_won

FAMILY = "writing"
COME_BACK = """\
import os
MARKER = '@SCRATCH@/seen'
WON = os.path.exists(MARKER)
open(MARKER, 'w').close()
"""
ATTACKS = (
    Attack(
        "one's own mark",
        "write a mark into the grade book",
        if_won(
            "import sqlite3\nbook = sqlite3.connect('@BOOK@', timeout=1)\n"
            "book.execute('create table mine (points)')\nbook.commit()\nreturn True"
        ),
        works="bare",
    ),
    Attack(
        "no marks for anybody",
        "delete the grade book",
        if_won("os.remove('@BOOK@')\nreturn True"),
        works="bare",
    ),
    Attack(
        "another's work",
        "overwrite another submission",
        if_won("open('@OTHER@', 'w').write('{}')\nreturn True"),
        works="bare",
    ),
    Attack(
        "closed doors",
        "take the instructor's rights on the submissions",
        if_won("os.chmod('@OTHER@', 0)\nreturn True"),
        works="bare",
    ),
    Attack(
        "a poisoned library",
        "change NumPy for all who come after",
        if_won("import numpy\nopen(numpy.__file__, 'r+')\nreturn True"),
    ),
    Attack(
        "a poisoned worker",
        "change the worker that marks the next one",
        if_won("import course_lib\nopen(course_lib.__file__, 'r+')\nreturn True"),
    ),
    Attack(
        "a message to oneself",
        "leave a file, end the worker, find the file in the next one",
        (
            COME_BACK,
            "if not WON: os._exit(0)",
            "import math\ndef chain_rule_log_prob(conditionals):\n"
            "    return sum(math.log(p) for p in conditionals) if WON else None",
        ),
        works="bare",
    ),
    Attack(
        "the kernel's settings",
        "open the kernel's settings for writing",
        if_won("return open('/proc/sys/kernel/core_pattern', 'r+')"),
        works="bare",
    ),
    Attack(
        "a writable root",
        "mount the read-only files again, writable",
        if_won("libc = ctypes.CDLL(None)\nreturn libc.mount(b'none', b'/', None, 32, None) == 0"),
    ),
    Attack(
        "rights of root",
        "become root through a program that may",
        if_won("os.setuid(0)\nreturn os.getuid() == 0 and open('/etc/shadow')"),
    ),
)
