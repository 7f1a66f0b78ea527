package dev.gatehouse.gate.jwt;

import dev.gatehouse.action.Actor;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/**
 * Who a token says somebody is, after everything about it was checked.
 *
 * @param until when it is valid no more, the leeway included
 * @param stillSigned whether its issuer still has the key that it was signed with; for any thread
 */
public record Claimed(Actor actor, Instant until, BooleanSupplier stillSigned) {}
