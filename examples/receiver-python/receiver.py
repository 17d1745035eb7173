import hashlib
import hmac
import json
import os
import re
import sys
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

SECRET = os.environ.get("REX_WEBHOOK_SECRET", "")
PORT = int(os.environ.get("PORT", "4001"))
MAX_BODY_BYTES = 1_048_576


# The published function, to the byte.
def verify_webhook(payload: bytes, signature: str, secret: str) -> bool:
    parts = dict(p.split("=", 1) for p in signature.split(","))
    timestamp = parts["t"]
    expected = parts["v1"]
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signed, expected)


# The published function takes a signature of any age, and raises on a header of another form. This one, that of docs/webhooks.md,
# returns False then: an old request that somebody recorded verifies for ever, and only its time gives it away.
def verify_recent_webhook(payload: bytes, signature: str, secret: str) -> bool:
    match = re.match(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})(?:,|$)", signature)
    if match is None or abs(time.time() - int(match[1])) > 300:
        return False
    signed = hmac.new(secret.encode(), f"{match[1]}.".encode() + payload, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signed, match[2])


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
        if not verify_recent_webhook(payload, self.headers.get("X-Rex-Signature", ""), SECRET):
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
