// Many decisions over one WebSocket: sent without waiting, answered in any order.
import { connect } from "./websocket.mjs";

const DECISIONS = 5_000;
// So many are under way at once; the server's first frame says how many may be.
const WINDOW = 256;

const { GATEHOUSE_URL, GATEHOUSE_KEY } = process.env;
let asked = 0;
let answered = 0;
let allowed = 0;
let start;
let server;

function ask() {
  server.send(JSON.stringify({ id: String(asked++), type: "decide", tool: "bash", arguments: { command: "ls -l" } }));
}

function took(text) {
  const reply = JSON.parse(text);
  if (reply.type !== "reply") return;
  if (reply.body.outcome === "ALLOW") allowed++;
  if (++answered === DECISIONS) {
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    console.log(`${DECISIONS} decisions, ${allowed} allowed, ${(DECISIONS / seconds).toFixed(0)} a second`);
    server.close();
  } else if (asked < DECISIONS) ask();
}

function closed() {
  if (answered < DECISIONS) {
    console.error("the server closed the connection");
    process.exitCode = 1;
  }
}

server = await connect(`${GATEHOUSE_URL}/v1/ws`, GATEHOUSE_KEY, took, closed);
start = process.hrtime.bigint();
for (let i = 0; i < WINDOW; i++) ask();
