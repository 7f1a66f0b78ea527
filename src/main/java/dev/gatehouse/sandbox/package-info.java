/** Sandboxes: gVisor containers on a Docker engine, and the code that runs in them. */
@NullMarked
package dev.gatehouse.sandbox;

import org.jspecify.annotations.NullMarked;
