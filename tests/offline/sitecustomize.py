"""With this folder on PYTHONPATH, Python reads this at its start: only our own machine is reached.

So a test or a notebook that quietly needs a network fails everywhere, not only on a plane.
"""

import socket
from typing import Any

OWN = ("127.", "localhost", "::1", "0.0.0.0")


def _refuse(address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = host.decode()
    if isinstance(host, str) and host and not host.startswith((*OWN, "/", "\0")):
        raise OSError(f"the network is switched off here, but {host} was asked for")


def _guard(name: str) -> None:
    real = getattr(socket.socket, name)

    def guarded(self: socket.socket, *args: Any) -> Any:
        _refuse(args[-1])  # sendto(data, address), sendto(data, flags, address), connect(address)
        return real(self, *args)

    setattr(socket.socket, name, guarded)


def _guard_names() -> None:
    real = socket.getaddrinfo

    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse(host)
        return real(host, *args, **kwargs)

    socket.getaddrinfo = guarded


for _method in ("connect", "connect_ex", "sendto"):
    _guard(_method)
_guard_names()
