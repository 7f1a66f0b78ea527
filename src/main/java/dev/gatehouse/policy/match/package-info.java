/**
 * Matching of hostile text in linear time: a keyword automaton that says which patterns can match
 * at all, and the patterns that verify it.
 */
@NullMarked
package dev.gatehouse.policy.match;

import org.jspecify.annotations.NullMarked;
