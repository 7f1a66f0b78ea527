/**
 * Reads SQL of any database as far as a policy needs it: which statements there are, told from what
 * is only text or comment. Plain Java; nothing here throws, whatever the text.
 */
@NullMarked
package dev.gatehouse.policy.sql;

import org.jspecify.annotations.NullMarked;
