package dev.gatehouse.sandbox;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a directory, in the order of the names' bytes.
 *
 * @param next what to go on after, a name's bytes each as the character of its value; null at the
 *     end
 */
public record FilePage(List<FileEntry> entries, @Nullable String next) {}
