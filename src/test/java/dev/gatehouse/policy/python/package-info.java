/** Tests of the python reader. */
@NullMarked
package dev.gatehouse.policy.python;

import org.jspecify.annotations.NullMarked;
