"""What attacks are after: files with something to lose, and servers that note who talks to them."""

import os
import secrets
import selectors
import socket
import threading
from pathlib import Path
from typing import Self

from course_lib.classroom.marking.box_command import ENVIRONMENT, SCRATCH
from course_lib.storage import PROJECT


class Servers:
    """Four servers that answer "pong" to whoever finds them, and count."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "socket")
        self.name = f"course-attack-{secrets.token_hex(8)}"
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.abstract, self.local = (socket.socket(socket.AF_UNIX) for _ in range(2))
        self.abstract.bind("\0" + self.name)
        self.local.bind(self.path)
        self.n_visits, self.open = 0, True
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self) -> Self:
        self.abstract.listen()
        self.local.listen()
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.open = False
        self.thread.join()
        for server in (self.tcp, self.udp, self.abstract, self.local):
            server.close()

    def serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            for server in (self.tcp, self.udp, self.abstract, self.local):
                selector.register(server, selectors.EVENT_READ)
            while self.open:
                for key, _events in selector.select(0.05):
                    self.n_visits += 1
                    if key.fileobj is self.udp:
                        self.udp.sendto(b"pong", self.udp.recvfrom(9)[1])
                    else:
                        client = key.fileobj.accept()[0]
                        client.settimeout(1)
                        if client.recv(9):
                            client.send(b"pong")
                        client.close()


def make_places(folder: Path, servers: Servers) -> dict[str, str]:
    """The places by name. The files exist afterwards, but for the grade book and the canary."""
    (folder / "secret").mkdir()
    (folder / "submissions" / "000 honest").mkdir(parents=True)
    (folder / "secret" / "seed").write_text(secrets.token_hex(32))
    other = folder / "submissions" / "000 honest" / "week.ipynb"
    return {
        "SEED": str(folder / "secret" / "seed"),
        "BOOK": str(folder / "book.db"),
        "OTHER": str(other),
        "CANARY_FILE": str(folder / "canary"),
        "CANARY": own_variable(),
        "PROJECT": str(PROJECT),
        "SCRATCH": SCRATCH,
        "JUDGE": str(os.getpid()),
        "TCP": str(servers.tcp.getsockname()[1]),
        "UDP": str(servers.udp.getsockname()[1]),
        "ABSTRACT": servers.name,
        "SOCKET": servers.path,
    }


def own_variable() -> str:
    """A variable that this process was started with, and a sandbox must not have."""
    started_with = Path("/proc/self/environ").read_bytes().decode(errors="replace").split("\0")
    strange = (entry for entry in started_with if entry.partition("=")[0] not in ENVIRONMENT)
    plain = (
        e for e in strange if e.partition("=")[2] and not set(e) & set("'\\\n") and e.isascii()
    )
    return max(plain, key=len)
