package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.shell.Trait.Role;
import dev.gatehouse.policy.text.Use;
import java.util.List;

/** Tells which of a command's arguments and inputs are data. */
final class Painting {
  private Painting() {}

  static void paint(Draft draft, Invocation invocation, Trait trait) {
    List<Word> words = invocation.arguments;
    int count = words.size();
    if (Interpreter.prints(trait)) {
      if (count > 0) {
        draft.paintAround(words.get(0).start(), words.get(count - 1).end(), printed(invocation));
      }
    } else if (trait.role() == Role.PATTERN) {
      pattern(draft, words, trait);
    } else if (trait.role() == Role.MESSAGE) {
      message(draft, words, trait);
    } else {
      for (int i = 0; i < count; i++) {
        Word word = words.get(i);
        if (word.quoted() && word.value().indexOf(' ') >= 0) {
          draft.paintAround(word.start(), word.end(), Use.UNKNOWN);
        }
      }
    }
    for (int i = 0, size = invocation.redirections.size(); i < size; i++) {
      Redirection redirection = invocation.redirections.get(i);
      if (redirection.kind() == Redirection.Kind.HERE_DOCUMENT
          || redirection.kind() == Redirection.Kind.HERE_STRING) {
        Use use = trait.filter() ? printed(invocation) : Use.UNKNOWN;
        draft.paintAround(redirection.target().start(), redirection.target().end(), use);
      }
    }
  }

  /**
   * What is printed to the terminal or into a document is data; what is written to another file may
   * be run from there one day.
   */
  private static Use printed(Invocation invocation) {
    for (int i = 0, count = invocation.redirections.size(); i < count; i++) {
      Redirection redirection = invocation.redirections.get(i);
      if (redirection.writesFile() && !isDocument(redirection.target())) {
        return Use.UNKNOWN;
      }
    }
    if (invocation.base.equals("tee") || invocation.base.equals("dd")) {
      for (Word word : invocation.arguments) {
        if (!word.isFlag() && !isDocument(word)) {
          return Use.UNKNOWN;
        }
      }
    }
    return Use.DATA;
  }

  private static boolean isDocument(Word file) {
    if (!file.known()) {
      return false;
    }
    String name = file.value();
    if (name.equals("/dev/null") || name.equals("/dev/stderr") || name.equals("/dev/stdout")) {
      return true;
    }
    int dot = name.lastIndexOf('.');
    return switch (dot < 0 ? "" : name.substring(dot + 1)) {
      case "txt", "md", "log", "csv", "tsv", "rst", "adoc", "html" -> true;
      default -> false;
    };
  }

  private static void pattern(Draft draft, List<Word> words, Trait trait) {
    boolean given = false;
    int first = -1;
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      String value = word.value();
      if (!word.isFlag()) {
        if (first < 0) {
          first = i;
        }
        continue;
      }
      if (value.equals("--")) {
        if (first < 0) {
          first = i + 1;
        }
        break;
      }
      char last = value.charAt(value.length() - 1);
      if (value.charAt(1) == '-') {
        if (value.startsWith("--regexp=")) {
          draft.paintAround(word.start(), word.end(), Use.DATA);
          given = true;
        }
      } else if (last == 'e' && i + 1 < words.size()) {
        draft.paintAround(words.get(i + 1).start(), words.get(i + 1).end(), Use.DATA);
        given = true;
        i++;
      } else if (trait.valued().indexOf(last) >= 0) {
        given |= last == 'f';
        i++;
      }
    }
    if (!given && first >= 0 && first < words.size()) {
      draft.paintAround(words.get(first).start(), words.get(first).end(), Use.DATA);
    }
  }

  private static void message(Draft draft, List<Word> words, Trait trait) {
    for (int i = 0; i < words.size(); i++) {
      Word word = words.get(i);
      if (!word.isFlag()) {
        continue;
      }
      String value = word.value();
      int equals = value.indexOf('=');
      String flag;
      if (value.charAt(1) == '-') {
        flag = value.substring(2, equals < 0 ? value.length() : equals);
      } else {
        flag = value.substring(value.length() - 1);
      }
      if (!trait.code().contains(flag)) {
        continue;
      }
      if (equals > 0) {
        draft.paintAround(word.start(), word.end(), Use.DATA);
      } else if (i + 1 < words.size()) {
        draft.paintAround(words.get(i + 1).start(), words.get(i + 1).end(), Use.DATA);
        i++;
      }
    }
  }

  /** Whether what it lets through ends in a file that may be run from there one day. */
  static boolean keeps(Invocation filter) {
    return printed(filter) == Use.UNKNOWN;
  }

  /**
   * What a command prints reaches, perhaps through filters, a command that keeps it or of which the
   * reader does not know what it does with it.
   */
  static void unknownConsumer(Draft draft, Invocation consumer) {
    int first = draft.firstCommand(consumer.pipeline);
    for (int i = consumer.index - 1; i >= first && i >= 0 && draft.charge(1); i--) {
      Invocation producer = draft.commands.get(i);
      Trait trait = Commands.trait(producer.base);
      if (Interpreter.prints(trait) && !producer.arguments.isEmpty()) {
        List<Word> words = producer.arguments;
        draft.paintAround(words.get(0).start(), words.get(words.size() - 1).end(), Use.UNKNOWN);
        return;
      }
      if (!trait.filter()) {
        return;
      }
    }
  }
}
