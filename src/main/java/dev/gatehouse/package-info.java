/** The server: reads the configuration, starts the parts in order and stops them in reverse. */
@NullMarked
package dev.gatehouse;

import org.jspecify.annotations.NullMarked;
