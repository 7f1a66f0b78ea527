/**
 * The command line: {@code gatehouse policy ..} and {@code audit ..}. Reads files, prints, returns
 * an exit code.
 */
@NullMarked
package dev.gatehouse.cli;

import org.jspecify.annotations.NullMarked;
