"""A small WebSocket client (RFC 6455): text frames out, text frames in. Python comes with none."""

import base64
import os
import socket
import struct
from urllib.parse import urlsplit


class WebSocket:
    def __init__(self, url, key):
        to = urlsplit(url)
        self.socket = socket.create_connection((to.hostname, to.port or 80))
        self.file = self.socket.makefile("rb")
        nonce = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {to.path} HTTP/1.1\r\nHost: {to.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {nonce}\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        )
        status = self.file.readline().decode()
        while self.file.readline() != b"\r\n":
            pass
        if " 101 " not in status:
            raise ConnectionError(status)

    def send(self, text):
        self._frame(0x1, text.encode())

    def _frame(self, opcode, data):
        # What a client sends is masked.
        mask = os.urandom(4)
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, size)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        self.socket.sendall(head + mask + masked)

    def receive(self):
        """The next text; None when the server closed."""
        text = b""
        while True:
            first, size = self.file.read(2)
            if size == 126:
                (size,) = struct.unpack("!H", self.file.read(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", self.file.read(8))
            data = self.file.read(size)
            opcode = first & 0xF
            if opcode == 0x8:
                return None
            if opcode == 0x9:
                self._frame(0xA, data)
            elif opcode in (0x0, 0x1):
                text += data
                if first & 0x80:
                    return text.decode()

    def close(self):
        self._frame(0x8, struct.pack("!H", 1000))
        self.socket.close()
