package dev.gatehouse.policy.shell;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command while it is being read: facts are still added to it. */
final class Invocation {
  final int index;
  final @Nullable String name;
  final String base;
  final @Nullable Word nameWord;
  final List<Word> arguments;
  final List<Redirection> redirections;
  final List<Assignment> assignments;
  final int pipeline;
  final int position;
  final Context context;
  final int start;
  final int end;
  int facts;

  Invocation(
      int index,
      @Nullable String name,
      @Nullable Word nameWord,
      List<Word> arguments,
      List<Redirection> redirections,
      List<Assignment> assignments,
      int pipeline,
      int position,
      Context context,
      int facts,
      int start,
      int end) {
    this.index = index;
    this.name = name;
    this.base = name == null ? "" : name.substring(name.lastIndexOf('/') + 1);
    this.nameWord = nameWord;
    this.arguments = arguments;
    this.redirections = redirections;
    this.assignments = assignments;
    this.pipeline = pipeline;
    this.position = position;
    this.context = context;
    this.facts = facts | context.facts();
    this.start = start;
    this.end = end;
  }

  String value(int argument) {
    return argument < arguments.size() ? arguments.get(argument).value() : "";
  }

  ShellCommand toCommand() {
    return new ShellCommand(
        name,
        nameWord,
        arguments,
        redirections,
        assignments,
        pipeline,
        position,
        context.wrapper(),
        context.wrappers(),
        Bits.nesting(context.nesting()),
        context.depth(),
        context.layer(),
        Bits.facts(facts),
        ShellCommand.shortFlagsOf(arguments),
        start,
        end);
  }
}
