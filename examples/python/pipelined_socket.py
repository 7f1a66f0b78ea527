"""Many decisions over one WebSocket: sent without waiting, answered in any order."""

import json
import os
import time

from websocket import WebSocket

DECISIONS = 5_000
# So many are under way at once; the server's first frame says how many may be.
WINDOW = 256

server = WebSocket(os.environ["GATEHOUSE_URL"] + "/v1/ws", os.environ["GATEHOUSE_KEY"])


def ask(number):
    frame = {"id": str(number), "type": "decide", "tool": "bash", "arguments": {"command": "ls -l"}}
    server.send(json.dumps(frame))


start = time.monotonic()
outcomes = {}
for number in range(WINDOW):
    ask(number)
asked = WINDOW
while len(outcomes) < DECISIONS:
    frame = server.receive()
    if frame is None:
        raise SystemExit("the server closed the connection")
    reply = json.loads(frame)
    if reply["type"] == "reply":
        outcomes[reply["id"]] = reply["body"].get("outcome")
        if asked < DECISIONS:
            ask(asked)
            asked += 1
seconds = time.monotonic() - start
allowed = sum(outcome == "ALLOW" for outcome in outcomes.values())
print(f"{DECISIONS} decisions, {allowed} allowed, {DECISIONS / seconds:.0f} a second")
server.close()
