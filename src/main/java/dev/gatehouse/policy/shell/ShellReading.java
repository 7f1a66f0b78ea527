package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Region;
import dev.gatehouse.policy.text.Use;
import java.util.List;
import java.util.Set;

/**
 * What a shell text would do, as far as it can be told without running it.
 *
 * <p>Immutable. Every span lies inside {@link #text}.
 *
 * @param text as given
 * @param commands every command, in order of appearance: of a wrapped command the wrapper first; of
 *     a word with a substitution the inner commands first
 * @param pipelines the pipelines that the commands' {@link ShellCommand#pipeline} points to
 * @param flows output that reaches another command otherwise than through a pipe
 * @param embedded program text of other languages
 * @param regions the stretches of text that are data or unknown, by start, without overlap; all
 *     other text is executed
 * @param facts of the text as a whole: the union of the commands' facts, and more
 * @param steps the reader's steps: grows at most linearly with the text
 */
public record ShellReading(
    String text,
    List<ShellCommand> commands,
    List<Pipeline> pipelines,
    List<Flow> flows,
    List<Embedded> embedded,
    List<Region> regions,
    Set<ShellFact> facts,
    long steps) {

  public boolean has(ShellFact fact) {
    return facts.contains(fact);
  }

  /**
   * What happens to the text from start to end: executed if any part of it is, else unknown if any
   * part is, else data.
   */
  public Use use(int start, int end) {
    return Use.of(regions, start, end);
  }

  /**
   * Whether output of one command can reach another: through a pipe (also out of or into a
   * subshell, group or loop), a substitution, a here-string, a variable or a file.
   */
  public boolean flows(int from, int to) {
    if (piped(from, to)) {
      return true;
    }
    for (int i = 0, count = flows.size(); i < count; i++) {
      Flow flow = flows.get(i);
      if (flow.from() == from && (flow.to() == to || reachesThroughWrapper(flow, to))) {
        return true;
      }
    }
    return false;
  }

  /** A variable in the arguments of a wrapper is one in those of the wrapped command. */
  private boolean reachesThroughWrapper(Flow flow, int to) {
    if (flow.kind() != Flow.Kind.VARIABLE) {
      return false;
    }
    int at = commands.get(to).wrapper();
    while (at >= 0 && at != flow.to()) {
      at = commands.get(at).wrapper();
    }
    return at >= 0;
  }

  /**
   * Whether {@code from} stands earlier than {@code to} in one pipeline, directly or inside a
   * compound command that is a stage of it.
   */
  public boolean piped(int from, int to) {
    ShellCommand source = commands.get(from);
    int pipeline = source.pipeline();
    int position = source.position();
    while (pipeline >= 0) {
      Pipeline level = pipelines.get(pipeline);
      if (level.length() > 1 && position < positionIn(pipeline, to)) {
        return true;
      }
      position = level.parentPosition();
      pipeline = level.parent();
    }
    return false;
  }

  private int positionIn(int pipeline, int command) {
    ShellCommand target = commands.get(command);
    int at = target.pipeline();
    int position = target.position();
    while (at > pipeline) {
      position = pipelines.get(at).parentPosition();
      at = pipelines.get(at).parent();
    }
    return at == pipeline ? position : -1;
  }
}
