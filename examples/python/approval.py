"""A person approves, and what he approved runs: once, and to the byte."""

import json
import os
import urllib.request

AGENT = os.environ["GATEHOUSE_KEY"]
PERSON = os.environ["GATEHOUSE_APPROVER_KEY"]

# The built-in policy asks a person before anything reaches the network.
WISH = {
    "language": "bash",
    "code": "echo deployed",
    "session": "example",
    "network": {"allow": ["example.org"]},
}


def send(key, path, body=None):
    request = urllib.request.Request(
        os.environ["GATEHOUSE_URL"] + path,
        None if body is None else json.dumps(body).encode(),
        {"Authorization": "Bearer " + key, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return answer.status, json.load(answer)


status, asked = send(AGENT, "/v1/executions", WISH)
if status != 202:
    raise SystemExit("nobody was asked")
question = "/v1/approvals/" + asked["approvalId"]
print("a person is asked:", asked["approvalId"])

# The person looks at the whole action, and approves that and nothing else.
_, shown = send(PERSON, question)
print("asked about:", shown["arguments"])
answer = {"decision": "approve", "reason": "I looked at it", "digest": shown["digest"]}
send(PERSON, question + "/decision", answer)

# The agent sends the same again, with the answer.
_, ran = send(AGENT, "/v1/executions", WISH | {"approval": asked["approvalId"]})
print(ran["status"], ran["exitCode"], ran["stdout"], end="")
