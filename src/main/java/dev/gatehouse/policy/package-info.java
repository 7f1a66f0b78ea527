/**
 * Turns an {@link dev.gatehouse.action.Action} into a {@link dev.gatehouse.action.Decision}: rules
 * from files, compiled once, immutable, read by any number of threads.
 *
 * <p>Plain Java. {@link dev.gatehouse.policy.PolicyFiles} alone reads files; nothing else does I/O.
 */
@NullMarked
package dev.gatehouse.policy;

import org.jspecify.annotations.NullMarked;
