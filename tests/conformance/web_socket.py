"""A WebSocket client of the standard library alone: whole text messages, answers pings."""
import base64
import hashlib
import os
import socket
import struct

PATIENCE_S = 60


class Closed(Exception):
    """The other side ended the connection; `code` is its reason."""

    def __init__(self, code, reason=""):
        super().__init__(f"closed with {code} {reason}")
        self.code, self.reason = code, reason


class Refused(Exception):
    """The connection did not become a WebSocket; `status` says why."""

    def __init__(self, status, body):
        super().__init__(f"HTTP {status}: {body}")
        self.status, self.body = status, body


class WebSocket:
    def __init__(self, host, port, headers=None, patience=PATIENCE_S, target="/", tls=None):
        """`tls`: an ssl.SSLContext for wss."""
        self._socket = socket.create_connection((host, port), timeout=patience)
        if tls:
            self._socket = tls.wrap_socket(self._socket, server_hostname=host)
        self._buffer = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {target} HTTP/1.1", f"Host: {host}:{port}", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {key}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self._buffer:
            self._fill()
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            raise Refused(status, self._buffer.decode(errors="replace"))
        wanted = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
        if wanted not in head:
            raise Refused(status, "the accepted key is another")

    def _fill(self):
        part = self._socket.recv(1 << 16)
        if not part:
            raise Closed(1006, "the connection broke")
        self._buffer += part

    def _take(self, count):
        while len(self._buffer) < count:
            self._fill()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _send_frame(self, opcode, payload):
        mask = os.urandom(4)
        size = len(payload)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 1 << 16:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        # One big exclusive or is far quicker than a loop over bytes.
        mask_all = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes(mask_all, "big")).to_bytes(size, "big") if size else b""
        self._socket.sendall(head + mask + masked)

    def send(self, text):
        self._send_frame(1, text.encode())

    def send_raw(self, frames):
        """Bytes as they are, which need be no frames."""
        self._socket.sendall(frames)

    def receive(self):
        """The next message. Raises Closed."""
        message = b""
        while True:
            first, second = self._take(2)
            size = second & 127
            if size == 126:
                size, = struct.unpack(">H", self._take(2))
            elif size == 127:
                size, = struct.unpack(">Q", self._take(8))
            payload = self._take(size)
            opcode = first & 15
            if opcode == 8:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(code, payload[2:].decode(errors="replace"))
            if opcode == 9:
                self._send_frame(10, payload)
            if opcode in (0, 1, 2):
                message += payload
                if first & 0x80:
                    return message.decode()

    def close(self):
        self._socket.close()
