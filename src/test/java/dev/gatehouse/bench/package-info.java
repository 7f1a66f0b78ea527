/**
 * {@code ./gatehouse bench}: scenarios in processes of their own, their figures, tables and plots.
 */
@NullMarked
package dev.gatehouse.bench;

import org.jspecify.annotations.NullMarked;
