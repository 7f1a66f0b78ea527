import org.openapitools.client.ApiClient;
import org.openapitools.client.api.DecisionsApi;
import org.openapitools.client.api.ExecutionsApi;
import org.openapitools.client.model.Action;
import org.openapitools.client.model.ExecutionRequest;

// The main job by the client that is generated from the interface's document.
void main() throws Exception {
  ApiClient client = new ApiClient();
  client.updateBaseUri(System.getenv("GATEHOUSE_URL"));
  client.setRequestInterceptor(request ->
      request.header("Authorization", "Bearer " + System.getenv("GATEHOUSE_KEY")));
  var action = new Action().tool("bash").arguments(Map.of("command", "rm -rf /"));
  IO.println(new DecisionsApi(client).decide(action, null, null).getOutcome());
  var request =
      new ExecutionRequest()
          .language(ExecutionRequest.LanguageEnum.PYTHON)
          .code("print(6 * 7)")
          .session("s1");
  var ran = new ExecutionsApi(client).execute(request, null, null, null, null, null, null);
  IO.println(ran.getStatus() + " " + ran.getExitCode() + " " + ran.getStdout());
}
