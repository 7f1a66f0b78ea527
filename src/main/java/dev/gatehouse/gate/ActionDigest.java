package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Digests: what exactly was asked about, whatever order its keys came in. */
final class ActionDigest {
  private ActionDigest() {}

  /** SHA-256 over the actor, session, tool, arguments and the policy that asked, as hex. */
  static String of(Action action, String policy) {
    Map<String, Object> bound = new TreeMap<>();
    bound.put("tenant", action.actor().tenant());
    bound.put("actor", action.actor().name());
    bound.put("session", action.session());
    bound.put("tool", action.tool());
    bound.put("arguments", sorted(action.arguments()));
    bound.put("policy", policy);
    return sha256(Json.encode(bound));
  }

  /** SHA-256 of the text's UTF-8 bytes, as hex. */
  static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static @Nullable Object sorted(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> sorted = new TreeMap<>();
      map.forEach((key, inner) -> sorted.put(String.valueOf(key), sorted(inner)));
      return sorted;
    }
    if (value instanceof List<?> list) {
      List<@Nullable Object> items = new ArrayList<>(list.size());
      list.forEach(item -> items.add(sorted(item)));
      return items;
    }
    return value;
  }
}
