// Output while the code runs: a line of JSON for each piece, at last one of type "end".
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const { GATEHOUSE_URL, GATEHOUSE_KEY } = process.env;
const answer = await fetch(`${GATEHOUSE_URL}/v1/executions?stream=true`, {
  method: "POST",
  headers: { Authorization: `Bearer ${GATEHOUSE_KEY}`, "Content-Type": "application/json" },
  body: JSON.stringify({
    language: "bash",
    code: "for i in 1 2 3; do echo line $i; sleep 0.2; done",
    session: "example",
  }),
});
// A refusal is a plain answer, with its status.
if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);

for await (const line of createInterface({ input: Readable.fromWeb(answer.body) })) {
  const piece = JSON.parse(line);
  if (piece.type === "end") console.log(piece.status, piece.exitCode);
  else if (piece.type === "error") throw new Error(piece.detail);
  else process.stdout.write(piece.text);
}
