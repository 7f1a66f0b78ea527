/** Tests of the shell reader. */
@NullMarked
package dev.gatehouse.policy.shell;

import org.jspecify.annotations.NullMarked;
