package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gatehouse.InterfaceDocument.Operation;
import dev.gatehouse.action.Obligation;
import dev.gatehouse.approval.Approval;
import dev.gatehouse.gate.jwt.TokenException;
import dev.gatehouse.sandbox.FileException;
import dev.gatehouse.sandbox.SteeringException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The interface's document agrees with itself, and knows every code that the sources have. */
class OpenApiTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/gatehouse/http");

  /** Codes of frames and lines, which no answer has; of the WebSocket only its handshake counts. */
  private static final Pattern ELSEWHERE = Pattern.compile("Socket(?!Route).*|DecisionBatch.*");

  private static final Pattern CODE =
      Pattern.compile(
          "ApiException\\s*\\.\\s*(?:of|retryable)\\(\\s*[^,]+,\\s*\"([a-z0-9.-]*[a-z0-9])\""
              + "|refused\\(\\s*(?:context,\\s*)?\"([a-z0-9.-]+)\"");

  private final InterfaceDocument document = InterfaceDocument.read();

  @Test
  void everyReferenceLeadsSomewhere() {
    everyPart(document.root(), document::resolved);
  }

  @Test
  void everyComponentIsUsed() {
    String whole = document.root().toString();
    List<String> unused = new ArrayList<>();
    for (String kind : List.of("parameters", "headers", "responses", "schemas", "examples")) {
      document
          .root()
          .at("/components/" + kind)
          .fieldNames()
          .forEachRemaining(name -> {
            if (!whole.contains("\"#/components/" + kind + "/" + name + "\"")) {
              unused.add(kind + " " + name);
            }
          });
    }
    assertEquals(List.of(), unused);
  }

  @Test
  void everyExampleFitsItsSchema() {
    List<String> faults = new ArrayList<>();
    int[] examples = new int[1];
    everyPart(
        document.root(),
        part -> {
          part.path("examples")
              .forEach(one -> {
                JsonNode example = document.resolved(one);
                if (part.has("schema") && example.has("value")) {
                  examples[0]++;
                  faults.addAll(faults(part, example.get("value")));
                }
              });
          if (part.has("schema") && part.has("example")) {
            examples[0]++;
            faults.addAll(faults(part, part.get("example")));
          }
        });

    assertEquals(List.of(), faults);
    assertTrue(examples[0] > 50, "examples: " + examples[0]);
  }

  private List<String> faults(JsonNode media, JsonNode example) {
    List<String> faults = new ArrayList<>(document.faults(media.get("schema"), example));
    if (media.has("x-line")) {
      example
          .asText()
          .lines()
          .forEach(line ->
              faults.addAll(document.faults(media.get("x-line"), InterfaceDocument.json(line))));
    }
    return faults;
  }

  @Test
  void everyParameterOfAPathIsDescribed() {
    for (Operation operation : document.operations().values()) {
      Set<String> named = new TreeSet<>();
      Matcher matcher = Pattern.compile("\\{(\\w+)}").matcher(operation.path());
      while (matcher.find()) {
        named.add(matcher.group(1));
      }
      Set<String> described = new TreeSet<>();
      operation.parameters().stream()
          .filter(one -> one.get("in").asText().equals("path"))
          .forEach(one -> described.add(one.get("name").asText()));
      assertEquals(named, described, operation.id());
    }
  }

  @Test
  void everyCodeHasItsAnswer() {
    for (Operation operation : document.operations().values()) {
      for (int status : document.codes(operation).keySet()) {
        assertTrue(
            operation.node().get("responses").has(Integer.toString(status)),
            operation.id() + " " + status);
      }
    }
  }

  @Test
  void theDocumentHasTheCodesThatTheSourcesHave() throws IOException {
    Set<String> described = new TreeSet<>();
    document
        .operations()
        .values()
        .forEach(operation -> document.codes(operation).values().forEach(described::addAll));
    Matcher general =
        Pattern.compile("[0-9]{3} `([a-z.-]+)`")
            .matcher(document.root().at("/info/description").asText());
    while (general.find()) {
      described.add(general.group(1));
    }

    assertEquals(codesOfTheSources(), described);
  }

  @Test
  void aHandshakeWithAKeyIsRefusedAsOtherRequestsAre() {
    JsonNode others = document.root().at("/components/x-problem-groups/key");
    JsonNode handshake = document.root().at("/paths/~1v1~1ws/get/x-problem-codes");
    Set<String> refusals = words(others.get("401"));
    // Without a header it is said in the first frame.
    assertTrue(refusals.remove("key.missing"));

    assertEquals(refusals, words(handshake.get("401")));
    assertEquals(words(others.get("503")), words(handshake.get("503")));
  }

  private static Set<String> words(JsonNode list) {
    Set<String> words = new TreeSet<>();
    list.forEach(word -> words.add(word.asText()));
    return words;
  }

  @Test
  void whatMayDifferSoonSaysWhen() throws IOException {
    for (Path file : sources()) {
      assertFalse(
          Files.readString(file).matches("(?s).*ApiException\\s*\\.\\s*of\\(\\s*(429|503),.*"),
          file + " has one without Retry-After");
    }
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files.toList();
    }
  }

  private static Set<String> codesOfTheSources() throws IOException {
    Set<String> codes = new TreeSet<>();
    for (Path file : sources()) {
      if (ELSEWHERE.matcher(file.getFileName().toString()).matches()) {
        continue;
      }
      Matcher matcher = CODE.matcher(Files.readString(file));
      while (matcher.find()) {
        codes.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
      }
    }
    codes.add("obligation." + Obligation.NO_EGRESS.word());
    codes.add("rate.exceeded");
    Arrays.stream(TokenException.Why.values()).forEach(why -> codes.add(why.code()));
    Arrays.stream(FileException.Kind.values()).forEach(kind -> codes.add("file." + kind.word()));
    Arrays.stream(SteeringException.Why.values()).forEach(why -> codes.add(why.word()));
    Arrays.stream(Approval.State.values())
        .filter(state -> state != Approval.State.APPROVED)
        .forEach(state -> codes.add("approval." + state.word()));
    return codes;
  }

  /** The node and everything in it. */
  private static void everyPart(JsonNode node, Consumer<JsonNode> use) {
    use.accept(node);
    node.forEach(child -> everyPart(child, use));
  }
}
