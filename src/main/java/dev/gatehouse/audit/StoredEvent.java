package dev.gatehouse.audit;

/**
 * An event in its place in the log.
 *
 * @param chain the server run that wrote it
 * @param sequence its number in that chain, from 1, without gaps
 */
public record StoredEvent(long chain, long sequence, AuditEvent event) {}
