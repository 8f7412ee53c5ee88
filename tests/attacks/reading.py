"""Reading what a student must not see: secrets, answers, marks, the judge itself."""

from tests.attacks.attack import TARGET, Attack, if_won

FAMILY = "reading"
ENVIRONMENTS = """
for pid in os.listdir('/proc'):
    try:
        if pid.isdecimal() and b'@CANARY@' in open(f'/proc/{pid}/environ', 'rb').read(): return True
    except OSError: pass
"""
ATTACKS = (
    Attack(
        "the seed", "read the secret seed", if_won("return open('@SEED@').read()"), works="bare"
    ),
    Attack(
        "the grade book",
        "read the marks of all",
        if_won(
            "import sqlite3\nreturn sqlite3.connect('file:@BOOK@?mode=ro', uri=True)"
            ".execute('select * from sqlite_master').fetchall()"
        ),
        works="bare",
    ),
    Attack(
        "another's notebook",
        "copy from another submission",
        if_won("return open('@OTHER@').read()"),
        works="bare",
    ),
    Attack(
        "the reference",
        "import the reference answer",
        (f"from course_lib.classroom.registry import find\n{TARGET} = find('{TARGET}').reference",),
        ("missing",),
        works="bare",
    ),
    Attack(
        "the solutions",
        "read the instructor's notebook, with its solutions",
        if_won("return open('@PROJECT@/notebooks/exercises/01_ngrams/01_ngrams.ipynb').read()"),
        works="bare",
    ),
    Attack(
        "an installed course",
        "look for the records wherever Python finds packages",
        if_won(
            "return any(os.path.exists(f'{p}/course_lib/classroom/exercises') for p in sys.path)"
        ),
        works="bare",
    ),
    Attack(
        "environments",
        "read the variables of every process",
        if_won(ENVIRONMENTS),
        works="bare",
    ),
    Attack(
        "the judge's memory",
        "find the judge and read the cases from its memory",
        if_won("return open('/proc/@JUDGE@/maps').read() and open('/proc/@JUDGE@/mem', 'rb')"),
        works="bare",
    ),
    Attack(
        "the root of another process",
        "step out through /proc",
        if_won(
            "for pid in ('1', 'self', str(os.getppid())):\n"
            "    try: return open(f'/proc/{pid}/root@SEED@').read()\n"
            "    except OSError: pass"
        ),
        works="bare",
    ),
    Attack(
        "a program's eyes",
        "let another program read it",
        if_won("return subprocess.run(['cat', '@SEED@'], capture_output=True).stdout"),
        works="bare",
    ),
    Attack(
        "the bare disk",
        "read the disk itself, below its file system",
        if_won(
            "import stat\nfor name in os.listdir('/dev'):\n    try:\n"
            "        if stat.S_ISBLK(os.stat(f'/dev/{name}').st_mode):\n"
            "            return open(f'/dev/{name}', 'rb')\n    except OSError: pass"
        ),
    ),
)
