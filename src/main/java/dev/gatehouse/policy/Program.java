package dev.gatehouse.policy;

import dev.gatehouse.policy.shell.Language;

/**
 * Text of a language without a reader of its own, as an argument or inside another text.
 *
 * @param language the language
 * @param text the program
 * @param origin where it stands
 */
record Program(Language language, String text, Origin origin) {}
