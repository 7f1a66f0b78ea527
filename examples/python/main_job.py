"""The main job: asks what policy says of an action, then runs code in a sandbox."""

import json
import os
import urllib.request


def post(path, body):
    request = urllib.request.Request(
        os.environ["GATEHOUSE_URL"] + path,
        json.dumps(body).encode(),
        {"Authorization": "Bearer " + os.environ["GATEHOUSE_KEY"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


# What an agent's own machine would do: classified and recorded, not run.
decision = post(
    "/v1/decisions",
    {"tool": "bash", "arguments": {"command": "rm -rf /"}, "session": "example"},
)
print(decision["outcome"], decision["reasons"][0]["text"])

# What runs in a sandbox: classified, recorded, run, recorded.
ran = post("/v1/executions", {"language": "python", "code": "print(6 * 7)", "session": "example"})
print(ran["status"], ran["exitCode"], ran["stdout"], end="")
