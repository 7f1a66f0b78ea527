/** The edge: HTTP routes, authentication, problem+json. Translates to and from the gate. */
@NullMarked
package dev.gatehouse.http;

import org.jspecify.annotations.NullMarked;
