"""What can stand between the bot and PostgreSQL: a line that goes silent, and a pooler."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import sqlalchemy as sa

PLAIN = (80877103, 80877104)  # questions for TLS and GSSAPI
READY, QUERY, SYNC, GOODBYE = b"Z", b"Q", b"S", b"X"


def _unix_socket(url: sa.URL) -> str:
    folder = url.query["host"]
    assert isinstance(folder, str)
    return str(Path(folder) / f".s.PGSQL.{url.port or 5432}")


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


class Front:
    """A port of this machine that leads to a PostgreSQL. Use it in a `with`."""

    def __init__(self, url: str) -> None:
        self._behind = sa.make_url(url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> str:
        """The same database, at this port."""
        here = self._behind.set(host="127.0.0.1", port=self._listener.getsockname()[1], query={})
        return here.render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        _hang_up(self._listener)
        self.cut()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def cut(self) -> None:
        """Break every connection."""
        for one in list(self._open):
            _hang_up(one)

    def serve(self, client: socket.socket) -> None:
        """Carry what one client says, and what it is answered, until either hangs up."""
        raise NotImplementedError

    def _start(self, work: object, *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self._start(self._take, self._listener.accept()[0])

    def _take(self, client: socket.socket) -> None:
        with self.kept(client), suppress(OSError):
            self.serve(client)

    @contextmanager
    def kept(self, one: socket.socket) -> Iterator[socket.socket]:
        self._open.add(one)
        try:
            yield one
        finally:
            self._open.discard(one)
            one.close()

    def _server(self) -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.connect(_unix_socket(self._behind))
        return server


class Line(Front):
    """Passes everything on, until it goes silent: then it takes what comes, and nothing arrives."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._passes = threading.Event()
        self._passes.set()

    def hush(self) -> None:
        self._passes.clear()

    def heal(self) -> None:
        """Let everything through that has been held back, and what comes from now on."""
        self._passes.set()

    def __exit__(self, *_: object) -> None:
        self.heal()
        super().__exit__()

    def serve(self, client: socket.socket) -> None:
        with self.kept(self._server()) as server:
            back = threading.Thread(target=self._pump, args=(server, client))
            back.start()
            self._pump(client, server)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._passes.wait()
                target.sendall(data)
        _hang_up(source)
        _hang_up(target)


class Pooler(Front):
    """Shares one connection among all clients; each has it from the first word of a transaction to the last."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._turn = threading.Lock()
        self._one: socket.socket | None = None
        self._greeting = b""

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        if self._one:
            self._one.close()

    def serve(self, client: socket.socket) -> None:
        opening = _first_packet(client)
        with self._turn:
            server = self._shared(opening)
        client.sendall(self._greeting)
        while self._transaction(client, server):
            pass

    def _shared(self, opening: bytes) -> socket.socket:
        if self._one is None:
            self._one = self._server()
            self._one.sendall(opening)
            self._greeting, _ = _answer(self._one)
        return self._one

    def _transaction(self, client: socket.socket, server: socket.socket) -> bool:
        """Carry one transaction; returns whether the client stays."""
        kind, message = _message(client)
        with self._turn:
            while kind not in (GOODBYE, b""):
                server.sendall(message)
                if kind in (QUERY, SYNC):
                    answer, status = _answer(server)
                    client.sendall(answer)
                    if status == b"I":
                        return True
                kind, message = _message(client)
        return False


def _first_packet(client: socket.socket) -> bytes:
    """What opens a connection; what is asked before it, whether it could be secret, is declined."""
    while True:
        size = _exactly(client, 4)
        body = _exactly(client, struct.unpack("!I", size)[0] - 4)
        if struct.unpack("!I", body[:4])[0] not in PLAIN:
            return size + body
        client.sendall(b"N")


def _message(source: socket.socket) -> tuple[bytes, bytes]:
    """The kind of the next message and all of it; empty at the end."""
    kind = source.recv(1)
    if not kind:
        return b"", b""
    size = _exactly(source, 4)
    return kind, kind + size + _exactly(source, struct.unpack("!I", size)[0] - 4)


def _answer(server: socket.socket) -> tuple[bytes, bytes]:
    """All that the server says until it is ready for more, and how its transaction stands then."""
    said = b""
    while True:
        kind, message = _message(server)
        said += message
        if kind in (READY, b""):
            return said, message[-1:]


def _exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = source.recv(count - len(data))
        if not more:
            raise ConnectionResetError
        data += more
    return data
