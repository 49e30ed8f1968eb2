"""The other side of `tick_to_order.py`: a process that sends ticks and stamps orders.

It speaks just enough HTTP and WebSocket for the sandbox adapter, for plain WebSocket
clients and for ccxt's Binance, besides bare lines over TCP. Time is taken here alone: from
before a tick is written until an order's bytes have been received.

    python bench/_peer.py          prints {"port": …}, then obeys one JSON line each:
    {"ticks": N, "pause_s": S}     measures, and prints {"times_ns": […]}
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import selectors
import socket
import sys
import time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SYMBOL = "BTC/USDT"
INSTRUMENT = {
    "symbol": SYMBOL,
    "key": "1",
    "kind": "spot",
    "base": "BTC",
    "quote": "USDT",
    "settle": "USDT",
    "ticks": [["0", "0.01"]],
    "quantity_step": "0.00001",
    "min_quantity": "0.00001",
    "max_quantity": None,
    "min_notional": "5",
    "multiplier": "1",
    "maker_fee": "0.0002",
    "taker_fee": "0.0005",
    "version": 1,
}
BALANCES = [
    {"asset": "USDT", "total": "1000000", "held": "0"},
    {"asset": "BTC", "total": "1", "held": "0"},
]
ANSWERS = {
    "/v1/instruments": {"instruments": [INSTRUMENT]},
    "/v1/balances": {"balances": BALANCES},
    "/v1/positions": {"positions": []},
    "/v1/orders": {"orders": []},
    "/v1/fills": {"fills": [], "last": 0},
    "/v1/ledger": {"events": [], "last": 0},
}
HEARTBEAT_S = 1.0
LEVELS = 20
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Connection:
    """One socket: bytes in, whole requests out. `kind` is http, websocket or bare."""

    def __init__(self, taken: socket.socket) -> None:
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = taken
        self.kind = "http"
        self.is_market = False
        self.buffer = b""

    def send(self, message: object) -> None:
        self.socket.sendall(self.framed(json.dumps(message).encode()))

    def framed(self, payload: bytes, opcode: int = TEXT) -> bytes:
        if self.kind == "bare":
            return payload + b"\n"
        size = len(payload)
        head = bytes([0x80 | opcode])
        head += bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
        return head + payload

    def frames(self) -> list[tuple[int, bytes]]:
        """Take whole WebSocket frames off the buffer, unmasked."""
        found = []
        while len(self.buffer) >= 6:
            size, at = self.buffer[1] & 127, 2
            if size == 126:
                size, at = int.from_bytes(self.buffer[2:4], "big"), 4
            end = at + 4 + size
            if len(self.buffer) < end:
                break
            mask, data = self.buffer[at : at + 4], self.buffer[at + 4 : end]
            plain = bytes(b ^ mask[i & 3] for i, b in enumerate(data))
            found.append((self.buffer[0] & 15, plain))
            self.buffer = self.buffer[end:]
        return found


class Peer:
    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.selector.register(sys.stdin, selectors.EVENT_READ)
        self.market: Connection | None = None
        self.websockets: list[Connection] = []
        self.sequence = 1
        self.order_ns = 0
        self.orders = 0
        self.beaten = time.monotonic()

    def run(self) -> None:
        print(json.dumps({"port": self.listener.getsockname()[1]}), flush=True)
        while True:
            self.serve(0.2)

    # ---- measuring ---------------------------------------------------------------

    def measure(self, ticks: int, pause_s: float) -> list[int]:
        while self.market is None:
            self.serve(0.2)
        times = []
        for _ in range(ticks):
            began = time.monotonic()
            while (left := pause_s - (time.monotonic() - began)) > 0:
                self.serve(left)
            frame = self.market.framed(json.dumps(self.tick()).encode())
            self.order_ns = 0
            sent_ns = time.perf_counter_ns()
            self.market.socket.sendall(frame)
            give_up = time.monotonic() + 5
            while not self.order_ns:
                self.serve(0.5)
                if time.monotonic() > give_up:
                    raise SystemExit("no order came for a tick")
            times.append(self.order_ns - sent_ns)
        return times

    def tick(self) -> dict[str, object]:
        """Return a change of the book that moves both best prices."""
        first = self.sequence + 1
        self.sequence = first
        up = first % 2
        old, new = f"{60000 + up}.00", f"{60001 - up}.00"
        old_ask, new_ask = f"{60002 + up}.00", f"{60003 - up}.00"
        return {
            "type": "book",
            "symbol": SYMBOL,
            "snapshot": False,
            "first": first,
            "last": first,
            "bids": [[old, "0"], [new, f"0.5{first % 10}"]],
            "asks": [[old_ask, "0"], [new_ask, f"0.5{first % 10}"]],
            "time_ns": time.time_ns(),
        }

    # ---- serving -----------------------------------------------------------------

    def serve(self, wait_s: float) -> None:
        for key, _ in self.selector.select(wait_s):
            if key.fileobj is self.listener:
                connection = Connection(self.listener.accept()[0])
                self.selector.register(
                    connection.socket, selectors.EVENT_READ, data=connection
                )
            elif key.fileobj is sys.stdin:
                self.obey(sys.stdin.readline())
            else:
                self.receive(key.data)
        if time.monotonic() - self.beaten > HEARTBEAT_S:
            self.beaten = time.monotonic()
            for connection in list(self.websockets):
                with contextlib.suppress(OSError):
                    connection.send({"type": "heartbeat", "time_ns": time.time_ns()})

    def obey(self, line: str) -> None:
        if not line:
            raise SystemExit
        asked = json.loads(line)
        times = self.measure(asked["ticks"], asked["pause_s"])
        print(json.dumps({"times_ns": times}), flush=True)

    def receive(self, connection: Connection) -> None:
        try:
            data = connection.socket.recv(65536)
        except OSError:
            data = b""
        received_ns = time.perf_counter_ns()
        if not data:
            self.drop(connection)
            return
        connection.buffer += data
        if connection.buffer.startswith(b"BARE\n"):
            connection.kind, connection.buffer = "bare", connection.buffer[5:]
            self.market = connection
        if connection.kind == "bare":
            while b"\n" in connection.buffer:
                _, _, connection.buffer = connection.buffer.partition(b"\n")
                self.order_ns = received_ns
        elif connection.kind == "websocket":
            for opcode, payload in connection.frames():
                if opcode == TEXT:
                    self.asked(connection, payload, received_ns)
                elif opcode == PING:
                    connection.socket.sendall(connection.framed(payload, PONG))
                elif opcode == CLOSE:
                    with contextlib.suppress(OSError):
                        connection.socket.sendall(connection.framed(payload, CLOSE))
                    self.drop(connection)
        else:
            self.http(connection, received_ns)

    def drop(self, connection: Connection) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self.selector.unregister(connection.socket)
        connection.socket.close()
        if connection in self.websockets:
            self.websockets.remove(connection)
        if self.market is connection:
            self.market = None

    def http(self, connection: Connection, received_ns: int) -> None:
        head, separator, rest = connection.buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        request, *lines = head.decode().split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        size = int(headers.get("content-length", 0))
        if len(rest) < size:
            return
        connection.buffer = rest[size:]
        method, target, _ = request.split(" ")
        if headers.get("upgrade", "").lower() == "websocket":
            self.upgrade(connection, headers["sec-websocket-key"])
            return
        path = target.partition("?")[0]
        status, answer = "200 OK", ANSWERS.get(path)
        if method == "POST":
            self.order_ns = received_ns
            self.orders += 1
            answer = {"symbol": "BTCUSDT", "orderId": self.orders, "status": "EXPIRED"}
        elif path == "/v1/time":
            answer = {"time_ns": time.time_ns()}
        elif answer is None:
            status, answer = "404 Not Found", {"code": "unknown_order", "message": path}
        body = json.dumps(answer).encode()
        connection.socket.sendall(
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    def upgrade(self, connection: Connection, key: str) -> None:
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
        connection.socket.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        connection.kind = "websocket"
        self.websockets.append(connection)

    def asked(self, connection: Connection, payload: bytes, received_ns: int) -> None:
        asked = json.loads(payload)
        result: object = {}
        match asked["op"]:
            case "order.submit":
                self.order_ns = received_ns
                result = self.expired(asked)
            case "auth":
                result = {"session_expires_ns": time.time_ns() + 3600 * 10**9}
            case "subscribe" if "account" in asked["channels"]:
                result = {"fills_last": 0, "ledger_last": 0}
        reply = {"type": "reply", "id": asked["id"], "ok": True, "result": result}
        connection.send(reply)
        if asked["op"] == "subscribe" and "book" in asked["channels"]:
            connection.send(self.snapshot())
            self.market = connection

    def snapshot(self) -> dict[str, object]:
        """Return a book whose best prices every tick moves back and forth."""
        up = self.sequence % 2
        bids = [[f"{60001 - up}.00", "0.5"]]
        asks = [[f"{60003 - up}.00", "0.5"]]
        bids += [[f"{59990 - level}.00", "1"] for level in range(LEVELS)]
        asks += [[f"{60010 + level}.00", "1"] for level in range(LEVELS)]
        return {
            "type": "book",
            "symbol": SYMBOL,
            "snapshot": True,
            "first": self.sequence,
            "last": self.sequence,
            "bids": bids,
            "asks": asks,
            "time_ns": time.time_ns(),
        }

    def expired(self, asked: dict[str, object]) -> dict[str, object]:
        """Return the order as one that found nobody: nothing stays open."""
        self.orders += 1
        now_ns = time.time_ns()
        return {
            "id": f"v{self.orders}",
            "client_order_id": asked["client_order_id"],
            "symbol": SYMBOL,
            "side": asked["side"],
            "type": asked["type"],
            "quantity": asked["quantity"],
            "cumulative_quantity": "0",
            "limit_price": asked.get("limit_price"),
            "stop_price": None,
            "time_in_force": asked.get("time_in_force", "GTC"),
            "expire_time_ns": None,
            "post_only": False,
            "reduce_only": False,
            "position_side": "net",
            "status": "Expired",
            "reason": "not_filled_at_once",
            "replaces": None,
            "created_time_ns": now_ns,
            "updated_time_ns": now_ns,
        }


if __name__ == "__main__":
    Peer().run()
