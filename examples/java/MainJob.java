import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

// The main job: asks what policy says of an action, then runs code in a sandbox.
HttpClient client = HttpClient.newHttpClient();

void main() throws IOException, InterruptedException {
  // What an agent's own machine would do: classified and recorded, not run.
  IO.println(post("/v1/decisions", """
      {"tool": "bash", "arguments": {"command": "rm -rf /"}, "session": "example"}"""));
  // What runs in a sandbox: classified, recorded, run, recorded.
  IO.println(post("/v1/executions", """
      {"language": "python", "code": "print(6 * 7)", "session": "example"}"""));
}

String post(String path, String json) throws IOException, InterruptedException {
  var request =
      HttpRequest.newBuilder(URI.create(System.getenv("GATEHOUSE_URL") + path))
          .header("Authorization", "Bearer " + System.getenv("GATEHOUSE_KEY"))
          .header("Content-Type", "application/json")
          .POST(BodyPublishers.ofString(json))
          .build();
  var answer = client.send(request, BodyHandlers.ofString());
  if (answer.statusCode() != 200) {
    throw new IOException(answer.statusCode() + " " + answer.body());
  }
  return answer.body();
}
