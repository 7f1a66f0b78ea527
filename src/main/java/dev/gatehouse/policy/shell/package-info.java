/**
 * A tolerant reader of POSIX sh and bash: from text to the flat list of commands that would run.
 *
 * <p>It never throws, never loops and takes time linear in the text, whatever the text is. What it
 * cannot read it calls unknown, with a {@link dev.gatehouse.policy.shell.ShellFact} that says so;
 * it never guesses in the direction of less risk. It runs nothing and reads no file.
 */
@NullMarked
package dev.gatehouse.policy.shell;

import org.jspecify.annotations.NullMarked;
