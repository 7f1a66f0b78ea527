package dev.gatehouse.policy.shell;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes what {@code echo} and {@code printf} print. */
final class Printing {
  private Printing() {}

  static String echo(List<Word> words) {
    int i = 0;
    boolean newline = true;
    boolean escapes = false;
    for (; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.length() < 2 || value.charAt(0) != '-' || !onlyFlags(value)) {
        break;
      }
      newline &= value.indexOf('n') < 0;
      escapes |= value.indexOf('e') > 0;
    }
    StringBuilder out = new StringBuilder();
    for (int k = i; k < words.size(); k++) {
      if (k > i) {
        out.append(' ');
      }
      out.append(words.get(k).value());
    }
    if (newline) {
      out.append('\n');
    }
    return escapes ? Escapes.decode(out.toString()) : out.toString();
  }

  private static boolean onlyFlags(String value) {
    for (int i = 1; i < value.length(); i++) {
      if ("neE".indexOf(value.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  static @Nullable String printf(Draft draft, List<Word> words) {
    int at = 0;
    if (at < words.size() && words.get(at).value().equals("--")) {
      at++;
    }
    if (at >= words.size()) {
      return "";
    }
    if (words.get(at).value().equals("-v")) {
      return "";
    }
    String format = Escapes.decode(words.get(at++).value());
    StringBuilder out = new StringBuilder();
    int rounds = 0;
    do {
      int before = at;
      int i = 0;
      while (i < format.length()) {
        char c = format.charAt(i++);
        if (c != '%' || i >= format.length()) {
          out.append(c);
          continue;
        }
        while (i < format.length() && "-+ #0123456789.".indexOf(format.charAt(i)) >= 0) {
          i++;
        }
        char verb = i < format.length() ? format.charAt(i++) : '%';
        if (verb == '%') {
          out.append('%');
          continue;
        }
        String value = at < words.size() ? words.get(at++).value() : "";
        switch (verb) {
          case 'b' -> out.append(Escapes.decode(value));
          case 'c' -> out.append(value.isEmpty() ? "" : value.substring(0, 1));
          default -> out.append(value);
        }
      }
      if (at == before || ++rounds > 256 || !draft.charge(format.length())) {
        break;
      }
    } while (at < words.size());
    return out.toString();
  }
}
