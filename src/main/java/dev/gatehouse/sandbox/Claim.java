package dev.gatehouse.sandbox;

import org.jspecify.annotations.Nullable;

/**
 * What a caller must match to reach a sandbox.
 *
 * @param actor null matches every key of the tenant, for its operators
 * @param session null matches every session of that key
 */
public record Claim(String tenant, @Nullable String actor, @Nullable String session) {
  /** Whether it reaches what is the owner's. */
  public boolean matches(Owner owner) {
    return tenant.equals(owner.tenant())
        && (actor == null || actor.equals(owner.actor()))
        && (session == null || session.equals(owner.session()));
  }
}
