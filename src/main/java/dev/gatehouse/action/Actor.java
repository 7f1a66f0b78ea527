package dev.gatehouse.action;

import java.util.Set;

/**
 * Who asks.
 *
 * @param tenant whose data it is; nothing crosses tenants
 * @param name the key's name
 * @param role the key's role
 * @param holder who holds the key; keys of one holder are one person
 * @param groups what groups of approvers the holder is in
 */
public record Actor(String tenant, String name, Role role, String holder, Set<String> groups) {
  public Actor {
    groups = Set.copyOf(groups);
  }

  /** Somebody in no group, who holds no other key. */
  public Actor(String tenant, String name, Role role) {
    this(tenant, name, role, name, Set.of());
  }
}
