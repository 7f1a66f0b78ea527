"""Output while the code runs: a line of JSON for each piece, at last one of type "end"."""

import json
import os
import urllib.request

request = urllib.request.Request(
    os.environ["GATEHOUSE_URL"] + "/v1/executions?stream=true",
    json.dumps(
        {
            "language": "bash",
            "code": "for i in 1 2 3; do echo line $i; sleep 0.2; done",
            "session": "example",
        }
    ).encode(),
    {"Authorization": "Bearer " + os.environ["GATEHOUSE_KEY"], "Content-Type": "application/json"},
)
# A refusal is a plain answer, with its status: an HTTPError here.
with urllib.request.urlopen(request) as answer:
    for line in answer:
        piece = json.loads(line)
        if piece["type"] == "end":
            print(piece["status"], piece["exitCode"])
        elif piece["type"] == "error":
            raise SystemExit(piece["detail"])
        else:
            print(piece["text"], end="", flush=True)
