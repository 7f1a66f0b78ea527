/** The configuration: read from YAML and the environment, checked whole, handed on as records. */
@NullMarked
package dev.gatehouse.config;

import org.jspecify.annotations.NullMarked;
