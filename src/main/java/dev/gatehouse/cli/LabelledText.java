package dev.gatehouse.cli;

import dev.gatehouse.action.Action;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A text with what is known of it, to hold decisions against.
 *
 * @param id its name; empty if it has none
 * @param category what it does; empty if it is not told
 */
record LabelledText(String id, Kind kind, String text, Label label, Tier tier, String category) {
  /** Problems of one file that are told one by one. */
  private static final int MOST_PROBLEMS = 100;

  /** The program that would run it. */
  enum Kind {
    BASH,
    PYTHON,
    POWERSHELL,
    CMD
  }

  /** What is right to do with it: flag it, let it pass, or either. */
  enum Label {
    DANGEROUS,
    BENIGN,
    AMBIGUOUS
  }

  /** How grave it is to miss it. */
  enum Tier {
    A,
    B,
    NONE
  }

  /** What an agent would ask for that wants it run. */
  Action action() {
    return Items.action(word(kind), text);
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads a file with one JSON object a line: {@code kind}, {@code text} and {@code label}, and as
   * it likes {@code id}, {@code tier} and {@code category}; other keys are ignored, and so are
   * blank lines.
   *
   * @throws IOException if it cannot be read, or with the place of each line that is not one of
   *     these
   */
  static List<LabelledText> read(Path file) throws IOException {
    List<LabelledText> texts = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    int number = 0;
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          read(line, file + ":" + number + ": ", texts, problems);
        }
      }
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": after line " + number + " it is not UTF-8", e);
    }
    if (!problems.isEmpty()) {
      int more = problems.size() - MOST_PROBLEMS;
      String told = problems.stream().limit(MOST_PROBLEMS).collect(Collectors.joining("\n"));
      throw new IOException(told + (more > 0 ? "\nand " + more + " more" : ""));
    }
    return texts;
  }

  private static void read(
      String line, String place, List<LabelledText> texts, List<String> problems) {
    Map<String, Object> item;
    try {
      item = Json.object(line);
    } catch (IOException e) {
      problems.add(place + "no JSON object: " + Json.reason(e));
      return;
    }
    int before = problems.size();
    List<String> wrong = new ArrayList<>();
    for (String key : List.of("kind", "text", "label")) {
      if (!item.containsKey(key)) {
        wrong.add("no '" + key + "'");
      }
    }
    for (String key : List.of("id", "kind", "text", "label", "tier", "category")) {
      if (item.containsKey(key) && !(item.get(key) instanceof String)) {
        wrong.add(key + " is no text");
      }
    }
    Kind kind = word(item, "kind", Kind.BASH, wrong);
    Label label = word(item, "label", Label.AMBIGUOUS, wrong);
    Tier tier =
        switch (Items.text(item, "tier")) {
          case "A" -> Tier.A;
          case "B" -> Tier.B;
          case "" -> Tier.NONE;
          default -> {
            wrong.add("tier is '" + Items.text(item, "tier") + "', expected A, B or ''");
            yield Tier.NONE;
          }
        };
    wrong.forEach(what -> problems.add(place + what));
    if (problems.size() == before) {
      texts.add(
          new LabelledText(
              Items.text(item, "id"),
              kind,
              Items.text(item, "text"),
              label,
              tier,
              Items.text(item, "category")));
    }
  }

  private static <E extends Enum<E>> E word(
      Map<String, Object> item, String key, E fallback, List<String> wrong) {
    if (!(item.get(key) instanceof String word)) {
      return fallback;
    }
    E[] known = fallback.getDeclaringClass().getEnumConstants();
    for (E constant : known) {
      if (word(constant).equals(word)) {
        return constant;
      }
    }
    List<String> words = Arrays.stream(known).map(LabelledText::word).toList();
    wrong.add(key + " is '" + word + "', expected one of " + String.join(", ", words));
    return fallback;
  }
}
