package dev.gatehouse.policy.shell;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One simple command that would run.
 *
 * @param name the resolved name with its path, look-alike letters made plain. If only part of it
 *     can be computed ({@link ShellFact#UNRESOLVED_NAME}), that part without holes; null if no part
 *     of it can, and if there is none: assignments or redirections on their own
 * @param nameWord the word that the name comes from; null if there is none
 * @param arguments the words after the name
 * @param redirections in order
 * @param assignments those in front
 * @param pipeline index of its pipeline in {@link ShellReading#pipelines}
 * @param position its place in that pipeline, from 0
 * @param wrapper index of the command whose arguments hold this one ({@code sudo}, {@code xargs},
 *     {@code sh} of {@code sh -c}), or -1
 * @param wrappers base names of all of those, outermost first: {@code [sudo, env]}
 * @param nesting what it stands inside of
 * @param depth how many of those, counting repeats
 * @param layer 0 in the given text, more by one for each text inside a text ({@code sh -c}, {@code
 *     eval}, decoded)
 * @param facts about this command alone
 * @param shortFlags see {@link #hasShort}
 * @param start where the command starts in the given text. Of a command that is read from a
 *     computed text: where that text comes from
 * @param end where it ends, exclusive
 */
public record ShellCommand(
    @Nullable String name,
    @Nullable Word nameWord,
    List<Word> arguments,
    List<Redirection> redirections,
    List<Assignment> assignments,
    int pipeline,
    int position,
    int wrapper,
    List<String> wrappers,
    Set<Nesting> nesting,
    int depth,
    int layer,
    Set<ShellFact> facts,
    long shortFlags,
    int start,
    int end) {

  /** The name without its path: {@code rm} for {@code /bin/rm}; empty if there is no name. */
  public String baseName() {
    if (name == null) {
      return "";
    }
    int slash = name.lastIndexOf('/');
    return slash < 0 ? name : name.substring(slash + 1);
  }

  /**
   * Whether a one-letter flag is given, alone or in a cluster: {@code hasShort('r')} holds for
   * {@code -r}, {@code -rf} and {@code -fr}. Letters after {@code --} do not count; letters of a
   * value stuck to its flag do, because the reader does not know every command's flags.
   */
  public boolean hasShort(char letter) {
    return (shortFlags & bit(letter)) != 0;
  }

  /**
   * Whether a long flag is given, with or without {@code =value}, in full or abbreviated as GNU
   * programs allow ({@code --recurs} for {@code --recursive}), or in the one-dash form of find and
   * Java ({@code -delete}).
   *
   * @param flag without dashes
   */
  public boolean hasLong(String flag) {
    return longFlag(flag) >= 0;
  }

  /**
   * The value of a flag: of {@code --flag=value}, {@code --flag value}, {@code -f value} or {@code
   * -fvalue}.
   *
   * @param flag without dashes; one letter or a long name
   * @return null if the flag is not given or nothing follows it
   */
  public @Nullable Word flagValue(String flag) {
    int count = arguments.size();
    if (flag.length() == 1) {
      char letter = flag.charAt(0);
      for (int i = 0; i < count; i++) {
        Word word = arguments.get(i);
        String value = word.value();
        if (value.equals("--")) {
          return null;
        }
        if (!word.isFlag() || value.charAt(1) == '-') {
          continue;
        }
        int at = value.indexOf(letter, 1);
        if (at > 0) {
          return at + 1 == value.length() ? argument(i + 1) : tail(word, at + 1);
        }
      }
      return null;
    }
    int at = longFlag(flag);
    if (at < 0) {
      return null;
    }
    Word word = arguments.get(at);
    int equals = word.value().indexOf('=');
    return equals < 0 ? argument(at + 1) : tail(word, equals + 1);
  }

  /** Whether one of the programs this command is an argument of has the given base name. */
  public boolean wrappedBy(String baseName) {
    return wrappers.contains(baseName);
  }

  /**
   * How many arguments stand up to the first {@code --}, that one included; all if there is none.
   * Whatever follows is an operand, and so is in front of it whatever is no flag. The value of a
   * flag given as a word of its own counts as operand.
   */
  public int flagsEnd() {
    int count = arguments.size();
    for (int i = 0; i < count; i++) {
      if (arguments.get(i).value().equals("--")) {
        return i + 1;
      }
    }
    return count;
  }

  public boolean has(ShellFact fact) {
    return facts.contains(fact);
  }

  public boolean inside(Nesting kind) {
    return nesting.contains(kind);
  }

  private @Nullable Word argument(int index) {
    return index < arguments.size() ? arguments.get(index) : null;
  }

  private int longFlag(String flag) {
    for (int i = 0, count = arguments.size(); i < count; i++) {
      String value = arguments.get(i).value();
      int length = value.length();
      if (length < 2 || value.charAt(0) != '-') {
        continue;
      }
      if (value.charAt(1) != '-') {
        if (length - 1 >= flag.length()
            && value.startsWith(flag, 1)
            && (length - 1 == flag.length() || value.charAt(flag.length() + 1) == '=')) {
          return i;
        }
        continue;
      }
      if (length == 2) {
        return -1;
      }
      int equals = value.indexOf('=');
      int end = equals < 0 ? length : equals;
      if (end > 2 && end - 2 <= flag.length() && value.regionMatches(2, flag, 0, end - 2)) {
        return i;
      }
    }
    return -1;
  }

  private static Word tail(Word word, int from) {
    return new Word(
        word.value().substring(from),
        word.known(),
        word.quoted(),
        word.glob(),
        word.firstInner(),
        word.lastInner(),
        word.start(),
        word.end());
  }

  /** The bit of {@link #shortFlags} for a letter or digit; 0 for any other character. */
  static long bit(char letter) {
    if (letter >= 'a' && letter <= 'z') {
      return 1L << (letter - 'a');
    }
    if (letter >= 'A' && letter <= 'Z') {
      return 1L << (letter - 'A' + 26);
    }
    if (letter >= '0' && letter <= '9') {
      return 1L << (letter - '0' + 52);
    }
    return 0;
  }

  /** The bits of all one-letter flags among the words. */
  static long shortFlagsOf(List<Word> words) {
    long bits = 0;
    for (int i = 0, count = words.size(); i < count; i++) {
      String value = words.get(i).value();
      int length = value.length();
      if (length < 2 || value.charAt(0) != '-') {
        continue;
      }
      if (value.charAt(1) == '-') {
        if (length == 2) {
          break;
        }
        continue;
      }
      for (int at = 1; at < length; at++) {
        bits |= bit(value.charAt(at));
      }
    }
    return bits;
  }
}
