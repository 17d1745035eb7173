import hashlib
import hmac
import json
import os
import sys
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

SECRET = os.environ.get("REX_WEBHOOK_SECRET", "")
PORT = int(os.environ.get("PORT", "4001"))
MAX_BODY_BYTES = 1_048_576
MAX_AGE_SECONDS = 5 * 60


# The published function, to the byte.
def verify_webhook(payload: bytes, signature: str, secret: str) -> bool:
    parts = dict(p.split("=", 1) for p in signature.split(","))
    timestamp = parts["t"]
    expected = parts["v1"]
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signed, expected)


def is_genuine(payload: bytes, signature: str) -> bool:
    try:
        timestamp = int(dict(p.split("=", 1) for p in signature.split(","))["t"])
        # An old request that somebody recorded verifies for ever: only its time gives it away.
        return abs(time.time() - timestamp) <= MAX_AGE_SECONDS and verify_webhook(payload, signature, SECRET)
    except (KeyError, TypeError, ValueError):
        # A header of another form: no signature of ours.
        return False


# Delivery is at least once: the same event may come again, with the same id.
seen_ids: "OrderedDict[str, None]" = OrderedDict()
seen_lock = Lock()


def is_repeated(event_id: str) -> bool:
    with seen_lock:
        if event_id in seen_ids:
            return True
        seen_ids[event_id] = None
        if len(seen_ids) > 10_000:
            seen_ids.popitem(last=False)
        return False


class Receiver(BaseHTTPRequestHandler):
    timeout = 30

    def do_POST(self) -> None:
        self.send_response(self.receive())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def receive(self) -> int:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            return 411
        if int(length) > MAX_BODY_BYTES:
            return 413
        # The raw bytes: parsing and printing again would not give the bytes that were signed.
        payload = self.rfile.read(int(length))
        if not is_genuine(payload, self.headers.get("X-Rex-Signature", "")):
            return 401
        event = json.loads(payload)
        verb = "repeated" if is_repeated(event["id"]) else "verified"
        print(f"{verb} {event['event']} {event['id']}", flush=True)
        return 200

    def log_message(self, *_: object) -> None:
        """One line per verified webhook is enough."""


if __name__ == "__main__":
    if not SECRET:
        sys.exit("REX_WEBHOOK_SECRET is not set. Rex showed it once, when the endpoint was registered.")
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Receiver)
    print(f"Receiving webhooks on http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
