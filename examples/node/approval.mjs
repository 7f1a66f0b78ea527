// A person approves, and what he approved runs: once, and to the byte.
const { GATEHOUSE_URL, GATEHOUSE_KEY: agent, GATEHOUSE_APPROVER_KEY: person } = process.env;

// The built-in policy asks a person before anything reaches the network.
const wish = {
  language: "bash",
  code: "echo deployed",
  session: "example",
  network: { allow: ["example.org"] },
};

async function send(key, path, status, body) {
  const answer = await fetch(GATEHOUSE_URL + path, {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  if (answer.status !== status) throw new Error(`${answer.status} ${await answer.text()}`);
  return answer.json();
}

const { approvalId } = await send(agent, "/v1/executions", 202, wish);
console.log("a person is asked:", approvalId);

// The person looks at the whole action, and approves that and nothing else.
const question = await send(person, `/v1/approvals/${approvalId}`, 200);
console.log("asked about:", question.arguments);
const answer = { decision: "approve", reason: "I looked at it", digest: question.digest };
await send(person, `/v1/approvals/${approvalId}/decision`, 200, answer);

// The agent sends the same again, with the answer.
const ran = await send(agent, "/v1/executions", 200, { ...wish, approval: approvalId });
console.log(ran.status, ran.exitCode, ran.stdout);
