/** Questions that wait for a person's answer. */
@NullMarked
package dev.gatehouse.approval;

import org.jspecify.annotations.NullMarked;
