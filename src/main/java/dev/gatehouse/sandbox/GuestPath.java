package dev.gatehouse.sandbox;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A file's path inside a sandbox: bytes, as the kernel has them, below one of the places that can
 * be written to. It has one form only: absolute, without empty steps, {@code .} and {@code ..}.
 */
public final class GuestPath {
  /** Longest path, in bytes. */
  static final int MAX_BYTES = 4096;

  /** Longest name, in bytes. */
  static final int MAX_NAME_BYTES = 255;

  private static final Set<String> ROOTS = Set.of("workspace", "tmp");
  private static final String UNRESERVED = "-._~/";

  /** What is asked for cannot be a path here. */
  public static final class BadPathException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadPathException(String message) {
      super(message, null, false, false);
    }
  }

  /** The bytes, each as the character of its value. */
  private final String latin;

  private GuestPath(String latin) {
    this.latin = latin;
  }

  /**
   * Reads what a caller wrote.
   *
   * @param latin the path's bytes, each as the character of its value
   * @throws BadPathException if it is not absolute, climbs with {@code ..}, leads to another place
   *     than {@code /workspace} and {@code /tmp}, or is too long
   */
  public static GuestPath parse(String latin) {
    if (!latin.startsWith("/")) {
      throw new BadPathException("a path begins with /");
    }
    if (latin.length() > MAX_BYTES) {
      throw new BadPathException("a path has at most " + MAX_BYTES + " bytes");
    }
    List<String> names = new ArrayList<>();
    for (String name : latin.split("/", -1)) {
      if (name.equals("..")) {
        throw new BadPathException("a path does not climb with ..");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(checked(name));
      }
    }
    if (names.isEmpty() || !ROOTS.contains(names.getFirst())) {
      throw new BadPathException("a path is below /workspace or /tmp");
    }
    return new GuestPath("/" + String.join("/", names));
  }

  private static String checked(String name) {
    if (name.length() > MAX_NAME_BYTES) {
      throw new BadPathException("a name has at most " + MAX_NAME_BYTES + " bytes");
    }
    if (name.indexOf('\0') >= 0) {
      throw new BadPathException("a name has no NUL");
    }
    return name;
  }

  /**
   * What a sandbox says is below here.
   *
   * @param names one name, or several with {@code /} between
   * @throws BadPathException if they cannot be names
   */
  GuestPath below(String names) {
    for (String name : names.split("/", -1)) {
      if (name.isEmpty()
          || name.equals(".")
          || name.equals("..")
          || name.chars().anyMatch(c -> c > 255)) {
        throw new BadPathException("no name");
      }
      checked(name);
    }
    return new GuestPath(latin + "/" + names);
  }

  /** Whether it is one of the places itself, which nobody can move or remove. */
  public boolean isRoot() {
    return latin.lastIndexOf('/') == 0;
  }

  /** The last name, as {@link #text()} shows it. */
  public String name() {
    return text(latin.substring(latin.lastIndexOf('/') + 1));
  }

  /** As a reader sees it: UTF-8, and U+FFFD for what is none. */
  public String text() {
    return text(latin);
  }

  static String text(String latin) {
    return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** Whether {@link #text()} says it all. */
  public boolean isText() {
    try {
      StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(latin.getBytes(StandardCharsets.ISO_8859_1)));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** As it stands in a URL, byte for byte. */
  public String encoded() {
    StringBuilder encoded = new StringBuilder(latin.length());
    for (int i = 0; i < latin.length(); i++) {
      char c = latin.charAt(i);
      if (c < 128 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }

  /** The bytes, each as the character of its value: so they go to the sandbox. */
  String latin() {
    return latin;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GuestPath path && latin.equals(path.latin);
  }

  @Override
  public int hashCode() {
    return latin.hashCode();
  }

  @Override
  public String toString() {
    return encoded();
  }
}
