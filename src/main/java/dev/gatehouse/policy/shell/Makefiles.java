package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.List;

/** Reads the recipes of a makefile that the same text gives or wrote. */
final class Makefiles {
  private final Draft draft;
  private final Programs programs;

  Makefiles(Draft draft, Programs programs) {
    this.draft = draft;
    this.programs = programs;
  }

  void read(Invocation invocation) {
    String file = "";
    List<Word> words = invocation.arguments;
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.startsWith("--eval=")) {
        String text = value.substring("--eval=".length()).replace("$(shell ", "$(");
        programs.run(invocation, words.get(i).withValue(text));
        recipes(invocation, text, words.get(i).start(), words.get(i).end());
      } else if (value.startsWith("--file=") || value.startsWith("--makefile=")) {
        file = value.substring(value.indexOf('=') + 1);
      } else if (value.equals("-f") && i + 1 < words.size()) {
        file = words.get(i + 1).value();
      } else if (value.startsWith("SHELL=")) {
        programs.run(invocation, words.get(i).withValue(value.substring("SHELL=".length())));
      }
    }
    if (file.equals("-") || file.equals("/dev/stdin")) {
      String input = Output.input(draft, invocation);
      if (input != null) {
        paintHereDocuments(invocation);
        recipes(invocation, input, invocation.start, invocation.end);
      }
      return;
    }
    for (String name :
        file.isEmpty() ? List.of("GNUmakefile", "makefile", "Makefile") : List.of(file)) {
      Draft.Written written = draft.file(name);
      if (written != null && written.content() != null) {
        invocation.facts |= Bits.of(ShellFact.RUNS_WRITTEN_FILE);
        draft.flow(written.command(), invocation.index, Flow.Kind.FILE);
        recipes(invocation, written.content(), written.start(), written.end());
        return;
      }
    }
  }

  private void paintHereDocuments(Invocation invocation) {
    for (Redirection redirection : invocation.redirections) {
      draft.canvas.paint(redirection.target().start(), redirection.target().end(), Use.EXECUTED);
    }
  }

  private void recipes(Invocation invocation, String makefile, int start, int end) {
    if (!draft.charge(makefile.length())) {
      return;
    }
    List<String> lines = new ArrayList<>();
    for (String line : makefile.split("\n", -1)) {
      if (line.startsWith("\t")) {
        int at = 1;
        while (at < line.length() && "@-+ \t".indexOf(line.charAt(at)) >= 0) {
          at++;
        }
        lines.add(line.substring(at));
      }
    }
    if (!lines.isEmpty()) {
      programs.run(invocation, String.join("\n", lines), start, end);
    }
  }
}
