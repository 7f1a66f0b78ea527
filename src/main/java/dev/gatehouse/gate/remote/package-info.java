/** Asking other services over HTTP: pooled, bounded in time and size, never following elsewhere. */
@NullMarked
package dev.gatehouse.gate.remote;

import org.jspecify.annotations.NullMarked;
