/**
 * The words every other package speaks: what an agent asks for and what the gate answers.
 *
 * <p>Immutable values only: no I/O, no clock, no framework type.
 */
@NullMarked
package dev.gatehouse.action;

import org.jspecify.annotations.NullMarked;
