/** Tests of the SQL reader. */
@NullMarked
package dev.gatehouse.policy.sql;

import org.jspecify.annotations.NullMarked;
