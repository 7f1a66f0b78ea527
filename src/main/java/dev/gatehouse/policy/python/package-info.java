/**
 * A tolerant reader of Python 2 and 3: from text to the imports and calls it would make, with their
 * arguments as far as they can be computed.
 *
 * <p>It never throws, never loops and takes time linear in the text, whatever the text is. What it
 * cannot read it calls unknown; it never guesses in the direction of less risk. It runs nothing and
 * reads no file.
 */
@NullMarked
package dev.gatehouse.policy.python;

import org.jspecify.annotations.NullMarked;
