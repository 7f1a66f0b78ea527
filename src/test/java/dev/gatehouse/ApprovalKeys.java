package dev.gatehouse;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Keys of several agents and persons: the key named NAME is {@code key-NAME}. */
final class ApprovalKeys {
  static final List<String> USUAL =
      List.of(
          "agent agent bot",
          "other agent other",
          "ada-agent agent ada",
          "ada approver ada sre",
          "ada-too approver ada sre",
          "ben approver ben sre",
          "cid approver cid dba",
          "dan approver dan",
          "operator operator op",
          "auditor auditor au");

  private ApprovalKeys() {}

  /** As a server is told, each {@code NAME ROLE HOLDER [GROUP]}. */
  static String setting(List<String> keys) {
    JsonArray list = new JsonArray();
    for (String key : keys) {
      List<String> words = List.of(key.split(" ", -1));
      JsonObject entry =
          new JsonObject()
              .put("name", words.get(0))
              .put("role", words.get(1))
              .put("holder", words.get(2))
              .put("sha256", sha256("key-" + words.get(0)));
      if (words.size() > 3) {
        entry.put("groups", new JsonArray().add(words.get(3)));
      }
      list.add(entry);
    }
    return list.encode();
  }

  /** So that the client finds each key by its name. */
  static void write(List<String> keys, Path data) throws IOException {
    Path folder = Files.createDirectories(data.resolve("keys"));
    for (String key : keys) {
      String name = key.substring(0, key.indexOf(' '));
      Files.writeString(folder.resolve(name), "key-" + name);
    }
  }

  static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** A copy of one of the tests' policy folders, that a test may change. */
  static Path copyOfPolicy(String name) {
    try {
      Path copy = Files.createTempDirectory("gatehouse-policies");
      Files.copy(Path.of("src/test/policies", name, name + ".yaml"), copy.resolve(name + ".yaml"));
      return copy;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A new file with what answers by callback are signed with. */
  static Path callbackSecret() {
    try {
      return Files.writeString(
          Files.createTempFile("gatehouse", ".secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
