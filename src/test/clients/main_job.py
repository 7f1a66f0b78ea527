"""The main job by the client that is generated from the interface's document."""

import os

from gatehouse_client import Action, ApiClient, Configuration, DecisionsApi, ExecutionRequest, ExecutionsApi

configuration = Configuration(host=os.environ["GATEHOUSE_URL"], access_token=os.environ["GATEHOUSE_KEY"])
with ApiClient(configuration) as client:
    action = Action(tool="bash", arguments={"command": "rm -rf /"})
    print(DecisionsApi(client).decide(action).outcome)
    request = ExecutionRequest(language="python", code="print(6 * 7)", session="s1")
    ran = ExecutionsApi(client).execute(request)
    print(ran.status, ran.exit_code, ran.stdout)
