package dev.gatehouse.policy.text;

/**
 * One stretch of the text as it was given, and its use. Text under no region is {@link
 * Use#EXECUTED}.
 *
 * @param start first UTF-16 code unit, from 0
 * @param end one past the last UTF-16 code unit
 * @param use what happens to it
 */
public record Region(int start, int end, Use use) {}
