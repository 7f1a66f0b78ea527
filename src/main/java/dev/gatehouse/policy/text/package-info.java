/**
 * What the shell reader and the Python reader share: how a stretch of text is used, and the
 * decoding of disguised text.
 *
 * <p>Plain Java, no I/O; every function is linear in its input.
 */
@NullMarked
package dev.gatehouse.policy.text;

import org.jspecify.annotations.NullMarked;
