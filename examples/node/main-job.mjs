// The main job: asks what policy says of an action, then runs code in a sandbox.
const { GATEHOUSE_URL, GATEHOUSE_KEY } = process.env;

async function post(path, body) {
  const answer = await fetch(GATEHOUSE_URL + path, {
    method: "POST",
    headers: { Authorization: `Bearer ${GATEHOUSE_KEY}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

// What an agent's own machine would do: classified and recorded, not run.
const decision = await post("/v1/decisions", { tool: "bash", arguments: { command: "rm -rf /" }, session: "example" });
console.log(decision.outcome, decision.reasons[0].text);

// What runs in a sandbox: classified, recorded, run, recorded.
const ran = await post("/v1/executions", { language: "python", code: "print(6 * 7)", session: "example" });
console.log(ran.status, ran.exitCode, ran.stdout);
