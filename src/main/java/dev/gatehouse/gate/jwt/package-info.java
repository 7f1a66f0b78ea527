/**
 * Tokens (JWT) that other issuers signed: their keys, fetched and kept, and what is checked before
 * a token says who somebody is.
 */
@NullMarked
package dev.gatehouse.gate.jwt;

import org.jspecify.annotations.NullMarked;
