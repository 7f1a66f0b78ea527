import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

// Output while the code runs: a line of JSON for each piece, at last one of type "end".
void main() throws IOException, InterruptedException {
  var request =
      HttpRequest.newBuilder(
              URI.create(System.getenv("GATEHOUSE_URL") + "/v1/executions?stream=true"))
          .header("Authorization", "Bearer " + System.getenv("GATEHOUSE_KEY"))
          .header("Content-Type", "application/json")
          .POST(BodyPublishers.ofString("""
              {"language": "bash", "session": "example",
               "code": "for i in 1 2 3; do echo line $i; sleep 0.2; done"}"""))
          .build();
  try (HttpClient client = HttpClient.newHttpClient()) {
    var answer = client.send(request, BodyHandlers.ofLines());
    // A refusal is a plain answer, with its status.
    answer.body().forEach(IO::println);
    if (answer.statusCode() != 200) {
      throw new IOException("status " + answer.statusCode());
    }
  }
}
