import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

// A person approves, and what he approved runs: once, and to the byte.
HttpClient client = HttpClient.newHttpClient();
String agent = System.getenv("GATEHOUSE_KEY");
String person = System.getenv("GATEHOUSE_APPROVER_KEY");

// The built-in policy asks a person before anything reaches the network.
String wish = """
    {"language": "bash", "code": "echo deployed", "session": "example",
     "network": {"allow": ["example.org"]}""";

void main() throws IOException, InterruptedException {
  String id = field(send(agent, "/v1/executions", wish + "}", 202), "approvalId");
  IO.println("a person is asked: " + id);

  // The person looks at the whole action, and approves that and nothing else.
  String question = send(person, "/v1/approvals/" + id, null, 200);
  String answer = """
      {"decision": "approve", "reason": "I looked at it", "digest": "%s"}"""
      .formatted(field(question, "digest"));
  send(person, "/v1/approvals/" + id + "/decision", answer, 200);

  // The agent sends the same again, with the answer.
  IO.println(send(agent, "/v1/executions", wish + ", \"approval\": \"" + id + "\"}", 200));
}

String send(String key, String path, String json, int status)
    throws IOException, InterruptedException {
  var request =
      HttpRequest.newBuilder(URI.create(System.getenv("GATEHOUSE_URL") + path))
          .header("Authorization", "Bearer " + key);
  if (json != null) {
    request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(json));
  }
  HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
  if (answer.statusCode() != status) {
    throw new IOException(answer.statusCode() + " " + answer.body());
  }
  return answer.body();
}

// The JDK reads no JSON; for these two fields this will do.
String field(String json, String name) {
  var matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
  if (!matcher.find()) {
    throw new IllegalStateException("no " + name + " in " + json);
  }
  return matcher.group(1);
}
