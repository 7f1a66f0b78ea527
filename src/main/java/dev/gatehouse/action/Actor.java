package dev.gatehouse.action;

/**
 * Who asks.
 *
 * @param tenant whose data it is; nothing crosses tenants
 * @param name the key's name
 * @param role the key's role
 */
public record Actor(String tenant, String name, Role role) {}
