package dev.gatehouse.sandbox;

/**
 * Whose sandbox it is; nobody else's code ever runs in it.
 *
 * @param actor the key's name
 */
public record Owner(String tenant, String actor, String session) {}
