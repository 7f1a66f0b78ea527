package dev.gatehouse.sandbox;

import io.vertx.core.Future;
import java.util.Optional;

/** What is known beyond this server's memory of sandboxes that ended. */
public interface PastSandboxes {
  /**
   * How a sandbox ended.
   *
   * @param text the ending's word, or what is known beyond it
   */
  record Ended(Ending ending, String text) {}

  /**
   * The end of the sandbox, if there was one of that id that the claim reaches, and it is known.
   */
  Future<Optional<Ended>> find(String id, Claim claim);
}
