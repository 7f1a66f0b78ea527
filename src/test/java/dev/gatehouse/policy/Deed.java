package dev.gatehouse.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that a text does, in a few words, and the text that does it. The lists beside this
 * class are written from knowledge of what commands do, not from any data set.
 */
public record Deed(String name, String text) {
  private static final String HEADING = "## ";

  /** Shell commands that the built-in policy must not allow. */
  public static List<Deed> dangerousShell() {
    return read("dangerous-shell.txt");
  }

  /** Shell commands of everyday work. */
  public static List<Deed> harmlessShell() {
    return read("harmless-shell.txt");
  }

  /** Python that the built-in policy must not allow. */
  public static List<Deed> dangerousPython() {
    return read("dangerous-python.txt");
  }

  /** Python of everyday work. */
  public static List<Deed> harmlessPython() {
    return read("harmless-python.txt");
  }

  /** A heading tells the name; the lines below it, up to the next one, are the text. */
  static List<Deed> read(String resource) {
    List<Deed> deeds = new ArrayList<>();
    for (String part : ("\n" + text(resource)).split("\n" + HEADING, -1)) {
      int end = part.indexOf('\n');
      if (end > 0) {
        deeds.add(new Deed(part.substring(0, end), part.substring(end + 1).strip()));
      }
    }
    return deeds;
  }

  private static String text(String resource) {
    try (InputStream stream = Deed.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("no " + resource + " beside " + Deed.class.getName());
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
