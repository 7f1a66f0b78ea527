package dev.gatehouse.sandbox;

import java.time.Instant;

/**
 * A sandbox as its user sees it.
 *
 * @param runtime the engine's runtime that isolates it
 * @param warm whether it stood ready when it was asked for
 * @param expiresAt when it is destroyed at the latest
 */
public record SandboxInfo(
    String id,
    Owner owner,
    String runtime,
    String image,
    boolean warm,
    Instant createdAt,
    Instant expiresAt) {}
