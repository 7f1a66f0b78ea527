/**
 * The gate: the one place where the order is written down: authenticate, classify, approve,
 * execute, record.
 */
@NullMarked
package dev.gatehouse.gate;

import org.jspecify.annotations.NullMarked;
