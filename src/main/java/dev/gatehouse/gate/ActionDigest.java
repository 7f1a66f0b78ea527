package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** Digests: what exactly was asked about, whatever order its keys came in. */
final class ActionDigest {
  /** What an action's context calls the kind of sandbox it is for. */
  static final String SANDBOX = "sandbox";

  private ActionDigest() {}

  /**
   * SHA-256 over the canonical JSON of the actor, session, tool, arguments (the environment among
   * them), context (the sandbox's profile, and where and how long it runs), and the policy that
   * asked, as hex.
   */
  static String of(Action action, String policy) {
    return sha256(
        CanonicalJson.of(
            Map.of(
                "tenant", action.actor().tenant(),
                "actor", action.actor().name(),
                "session", action.session(),
                "tool", action.tool(),
                "arguments", action.arguments(),
                "context", action.context(),
                "policy", policy)));
  }

  /**
   * The same over what must be equal for an answer to hold again: the actor, tool, arguments and
   * kind of sandbox; not the session, nor where and how long it runs.
   */
  static String same(Action action) {
    return sha256(
        CanonicalJson.of(
            Map.of(
                "tenant",
                action.actor().tenant(),
                "actor",
                action.actor().name(),
                "tool",
                action.tool(),
                "arguments",
                action.arguments(),
                SANDBOX,
                action.context().getOrDefault(SANDBOX, ""))));
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
}
