"""Memory and disk: more than is allowed, or where nobody counts it."""

from tests.attacks.attack import Attack, if_won, when_called

FAMILY = "memory and disk"
FILL = """
n = 0
try:
    with open('@FOLDER@/fill', 'wb') as file:
        while n < 200: n += file.write(bytes(10**6)) / 10**6
except OSError: pass
return n > 100
"""
ATTACKS = (
    Attack(
        "one hog",
        "take memory until the machine has none",
        when_called("x = []\nwhile True: x.append(bytearray(b'x' * 20_000_000))"),
        ("memory", "raises", "time"),
    ),
    Attack(
        "many hogs",
        "the same in many processes, each below its own limit",
        when_called(
            "for _ in range(12):\n"
            "    if os.fork() == 0:\n"
            "        x = bytearray(b'x' * 200_000_000); time.sleep(600)\n"
            "time.sleep(600)"
        ),
        ("memory",),
    ),
    Attack(
        "one huge array",
        "ask for a petabyte at once",
        when_called("import numpy as np; return np.ones(10**14).sum()"),
        ("raises",),
    ),
    Attack(
        "memory without an owner",
        "keep memory in a file that no folder holds (memfd)",
        if_won("fd = os.memfd_create('x')\nreturn os.write(fd, bytes(10**6)) == 10**6"),
        works="bare",
    ),
    Attack(
        "System V memory",
        "keep memory that outlives its process",
        if_won(
            "libc = ctypes.CDLL(None)\nkey = libc.shmget(0, 10**6, 0o1600)\n"
            "libc.shmctl(key, 0, 0)\nreturn key >= 0"
        ),
        works="bare",
    ),
    Attack(
        "a mount of one's own",
        "become root of a new namespace and mount a disk without a limit",
        if_won("return ctypes.CDLL(None).unshare(0x10020000) == 0"),
        works="bare",
    ),
    Attack("full disk", "fill the disk", if_won(FILL.replace("@FOLDER@", "@SCRATCH@"))),
    Attack("full shared memory", "fill /dev/shm", if_won(FILL.replace("@FOLDER@", "/dev/shm"))),
    Attack(
        "empty files",
        "fill the file system with millions of files of no bytes",
        when_called("i = 0\nwhile True:\n    i += 1\n    open(f'@SCRATCH@/{i}', 'w').close()"),
        ("memory", "time", "raises"),
    ),
)
