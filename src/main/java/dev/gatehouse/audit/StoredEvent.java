package dev.gatehouse.audit;

import java.time.Instant;

/**
 * An event in its place in the log.
 *
 * @param chain the server run that wrote it
 * @param sequence its number in that chain, from 1, without gaps
 * @param recordedAt when the writer took it, to the microsecond; never goes back in a chain
 * @param hash SHA-256 of the row and of the hash before it, as 64 hex digits
 */
public record StoredEvent(
    long chain, long sequence, Instant recordedAt, String hash, AuditEvent event) {}
