package dev.gatehouse.policy.sql;

import java.util.List;

/**
 * What a text says to a database.
 *
 * @param statements its statements, those in texts that it executes included; where databases read
 *     the text in different ways, those of every way
 * @param cut whether there was more than is read: too many statements or words, or too many quotes
 *     and comments that never end
 */
public record SqlReading(List<SqlStatement> statements, boolean cut) {}
