// The main job by the client that is generated from the interface's document.
import { Configuration, DecisionsApi, ExecutionsApi } from "./index";

declare const process: { env: Record<string, string> };

async function main() {
  const configuration = new Configuration({
    basePath: process.env.GATEHOUSE_URL,
    accessToken: process.env.GATEHOUSE_KEY,
  });
  const action = { tool: "bash", arguments: { command: "rm -rf /" } };
  console.log((await new DecisionsApi(configuration).decide({ action })).outcome);
  const executionRequest = { language: "python", code: "print(6 * 7)", session: "s1" } as const;
  const ran = await new ExecutionsApi(configuration).execute({ executionRequest });
  console.log(ran.status, ran.exitCode, ran.stdout);
}

main();
