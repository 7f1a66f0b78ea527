package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A reading while it is made: what was found so far, what variables, functions and files hold, and
 * the budgets.
 *
 * <p>The budgets make the work linear in the text: each is a fixed number, and everything that
 * reads a text a second time, or makes more of it, is charged.
 */
@SuppressWarnings("EnumOrdinal") // bits and int arrays, never stored
final class Draft {
  /** Substitutions, expansions and texts inside each other. */
  static final int MAX_DEPTH = 32;

  static final int MAX_LAYERS = 8;
  static final int MAX_COMMANDS = 10_000;
  static final int MAX_WORDS = 50_000;
  private static final int MAX_WORK = 50_000;
  private static final int MAX_FILES = 256;
  private static final int MAX_FLOWS = 2_000;

  /** Characters that expansions, decoded texts and function bodies may add to the text. */
  private static final int MIN_EXPANSION = 1 << 18;

  /** A function body as it stands in a text. */
  record Body(Source source, int start, int end) {}

  /** What a file holds after an earlier command: null where that is not known. */
  record Written(@Nullable String content, int command, int start, int end) {}

  final String text;
  final List<Invocation> commands = new ArrayList<>(4);
  final Canvas canvas = new Canvas();
  final Interpreter interpreter = new Interpreter(this);
  private final Variables variables = new Variables();
  private final Directory directory;
  private final List<Flow> flows = new ArrayList<>(0);
  private final List<Embedded> embedded = new ArrayList<>(0);
  private @Nullable Map<String, Body> functions;
  private @Nullable Map<String, Word> aliases;
  private @Nullable Map<String, Written> files;
  private final List<Invocation> recursive = new ArrayList<>(0);
  private final Set<String> running = new HashSet<>(0);

  private int[] pipelines = new int[0];
  private int pipelineCount;
  private @Nullable NavigableMap<Integer, Integer> substitutions;
  private int[] usedInner = new int[0];
  private int usedCount;

  int facts;
  long steps;
  int wordCount;
  private int work;
  private int expansion;
  private int depth;

  /** What was seen since the current word was begun. */
  boolean sawQuoting;

  boolean sawEscapes;
  boolean sawExpansion;
  boolean sawOutput;
  boolean sawIfs;

  /** How many words the last word became because a variable may hold several texts. */
  int alternatives;

  /** Index of the last {@code read}, or -1. */
  int lastRead = -1;

  /**
   * What a command reads that no redirection and no pipe feeds: what the loop around it is given,
   * or else what the whole text is given.
   */
  @Nullable String inherited;

  /** Whether a loop is read once more for one of the lines that it is given. */
  boolean again;

  /** Whether the last computed output went through a decoder. */
  boolean decoded;

  Draft(String text, Surroundings around) {
    this.text = text;
    this.inherited = around.input();
    this.directory = new Directory(around.directory());
    this.expansion = MIN_EXPANSION + text.length() + around.length();
    around.variables().forEach(variables::given);
    if (!around.parameters().isEmpty()) {
      variables.positional(around.parameters());
    }
  }

  Variables variables() {
    return variables;
  }

  Directory directory() {
    return directory;
  }

  boolean deep() {
    return depth >= MAX_DEPTH;
  }

  boolean enter() {
    if (depth >= MAX_DEPTH) {
      facts |= Bits.of(ShellFact.LIMIT_REACHED);
      return false;
    }
    depth++;
    return true;
  }

  void leave() {
    depth--;
  }

  /** Takes characters from the budget; false, and the fact, if it does not hold as many. */
  boolean charge(int characters) {
    if (characters > expansion) {
      expansion = 0;
      facts |= Bits.of(ShellFact.LIMIT_REACHED);
      return false;
    }
    expansion -= characters;
    steps += characters;
    return true;
  }

  /**
   * Takes one from the budget of words, commands, expansions and redirections; once it is used up
   * nothing more is read.
   */
  boolean work() {
    if (++work > MAX_WORK) {
      facts |= Bits.of(ShellFact.LIMIT_REACHED);
      return false;
    }
    return true;
  }

  boolean exhausted() {
    return work > MAX_WORK;
  }

  boolean full() {
    if (commands.size() >= MAX_COMMANDS || wordCount >= MAX_WORDS || exhausted()) {
      facts |= Bits.of(ShellFact.LIMIT_REACHED);
      return true;
    }
    return false;
  }

  // Pipelines: parent, parent's position, length, joint, flags, first command.

  private static final int PIPELINE = 6;

  int pipeline(int parent, int parentPosition, Joint joint, boolean negated) {
    int at = pipelineCount * PIPELINE;
    if (at + PIPELINE > pipelines.length) {
      pipelines = Arrays.copyOf(pipelines, Math.max(4 * PIPELINE, pipelines.length * 2));
    }
    pipelines[at] = parent;
    pipelines[at + 1] = parentPosition;
    pipelines[at + 2] = 1;
    pipelines[at + 3] = joint.ordinal();
    pipelines[at + 4] = negated ? 2 : 0;
    pipelines[at + 5] = commands.size();
    return pipelineCount++;
  }

  void lengthen(int pipeline, int length) {
    pipelines[pipeline * PIPELINE + 2] = length;
  }

  void background(int pipeline) {
    pipelines[pipeline * PIPELINE + 4] |= 1;
  }

  int parent(int pipeline) {
    return pipelines[pipeline * PIPELINE];
  }

  int parentPosition(int pipeline) {
    return pipelines[pipeline * PIPELINE + 1];
  }

  int length(int pipeline) {
    return pipelines[pipeline * PIPELINE + 2];
  }

  boolean isBackground(int pipeline) {
    return (pipelines[pipeline * PIPELINE + 4] & 1) != 0;
  }

  int firstCommand(int pipeline) {
    return pipelines[pipeline * PIPELINE + 5];
  }

  // What feeds what.

  void flow(int from, int to, Flow.Kind kind) {
    if (from < 0 || (from >= to && kind != Flow.Kind.PROCESS_SUBSTITUTION)) {
      return;
    }
    if (flows.size() >= MAX_FLOWS) {
      facts |= Bits.of(ShellFact.LIMIT_REACHED);
      return;
    }
    flows.add(new Flow(from, to, kind));
  }

  /**
   * A variable is used that holds the output of commands: they flow into the command that is being
   * read.
   */
  void used(Variables.Value value) {
    if (value.firstInner() < 0) {
      return;
    }
    if (usedCount + 2 > usedInner.length) {
      usedInner = Arrays.copyOf(usedInner, Math.max(8, usedInner.length * 2));
    }
    if (usedCount < 64) {
      usedInner[usedCount++] = value.firstInner();
      usedInner[usedCount++] = value.lastInner();
    }
  }

  /**
   * Paints the commands as executed whose output reaches a command that runs it, or a wrapper of
   * that.
   */
  void repaintFeeders(Invocation runner) {
    for (int i = flows.size() - 1, stop = Math.max(0, i - 256); i >= stop; i--) {
      Flow flow = flows.get(i);
      int at = runner.index;
      for (int level = 0; at >= 0 && level < MAX_DEPTH; level++) {
        if (flow.to() == at) {
          Interpreter.repaint(this, commands.get(flow.from()));
        }
        at = commands.get(at).context.wrapper();
      }
    }
  }

  int usedMark() {
    return usedCount;
  }

  /**
   * The commands whose output was used through variables since the mark now flow into this command.
   */
  void flowUsed(int mark, int to) {
    while (usedCount > mark) {
      int last = usedInner[--usedCount];
      int first = usedInner[--usedCount];
      for (int i = first; i <= last; i++) {
        flow(i, to, Flow.Kind.VARIABLE);
      }
    }
  }

  /** The value of an assignment comes from the commands whose output it uses through variables. */
  Word carryUsed(int mark, Word value) {
    if (usedCount <= mark) {
      return value;
    }
    usedCount = mark;
    return value.hasSubstitution() ? value : value.from(usedInner[mark], usedInner[mark + 1]);
  }

  void embed(Language language, String program, boolean known, int command, int start, int end) {
    embedded.add(new Embedded(language, program, known, command, start, end));
  }

  // Substitutions: where each starts, by where it ends.

  void substituted(int start, int end) {
    if (substitutions == null) {
      substitutions = new TreeMap<>();
    }
    substitutions.merge(end, start, Math::min);
  }

  /** Paints a stretch, leaving out the substitutions in it: what they hold runs. */
  void paintAround(int start, int end, Use use) {
    int until = end;
    if (substitutions != null) {
      for (Map.Entry<Integer, Integer> inner :
          substitutions.subMap(start, false, end, true).descendingMap().entrySet()) {
        if (inner.getValue() >= start && inner.getKey() <= until) {
          canvas.paint(inner.getKey(), until, use);
          until = inner.getValue();
        }
      }
    }
    canvas.paint(start, until, use);
  }

  // Functions, aliases, files.

  void define(String name, Body body) {
    if (functions == null) {
      functions = new HashMap<>();
    }
    functions.put(name, body);
  }

  @Nullable Body function(String name) {
    return functions == null ? null : functions.get(name);
  }

  boolean start(String function) {
    return running.size() < 6 && running.add(function);
  }

  void stop(String function) {
    running.remove(function);
  }

  /**
   * A function calls itself: a fork bomb, if it turns out to do so in a pipeline or in the
   * background.
   */
  void recursion(Invocation call) {
    if (recursive.size() < 64) {
      recursive.add(call);
    }
  }

  private void findForkBombs() {
    for (Invocation call : recursive) {
      int at = call.pipeline;
      for (int level = 0; at >= 0 && level < MAX_DEPTH; level++) {
        if (length(at) > 1 || isBackground(at)) {
          call.facts |= Bits.of(ShellFact.FORK_BOMB);
        }
        at = parent(at);
      }
    }
  }

  boolean isRunning(String function) {
    return running.contains(function);
  }

  void alias(String name, Word value) {
    if (aliases == null) {
      aliases = new HashMap<>();
    }
    aliases.put(name, value);
  }

  @Nullable Word alias(String name) {
    return aliases == null ? null : aliases.get(name);
  }

  void write(String path, Written written) {
    if (files == null) {
      files = new HashMap<>();
    }
    if (files.size() < MAX_FILES) {
      files.put(Directory.plain(path), written);
    }
  }

  @Nullable Written file(String path) {
    if (files == null) {
      return null;
    }
    String plain = Directory.plain(path);
    Written written = files.get(plain);
    return written != null ? written : files.get(Directory.plain(directory.path(plain)));
  }

  /** What the files below a folder hold. */
  List<Written> filesBelow(String folder) {
    if (files == null) {
      return List.of();
    }
    String plain = Directory.plain(folder + "/.");
    String below = plain.isEmpty() || plain.equals("/") ? plain : plain + "/";
    List<Written> found = new ArrayList<>();
    files.forEach((path, written) -> {
      if (path.startsWith(below)) {
        found.add(written);
      }
    });
    return found;
  }

  boolean wroteFiles() {
    return files != null;
  }

  // The end.

  ShellReading finish() {
    findForkBombs();
    int count = commands.size();
    ShellCommand[] list = new ShellCommand[count];
    int all = facts;
    for (int i = 0; i < count; i++) {
      Invocation invocation = commands.get(i);
      all |= invocation.facts;
      list[i] = invocation.toCommand();
    }
    return new ShellReading(
        text,
        List.of(list),
        pipelines(),
        flows.isEmpty() ? List.of() : List.copyOf(flows),
        embedded.isEmpty() ? List.of() : List.copyOf(embedded),
        canvas.regions(),
        Bits.facts(all),
        steps);
  }

  private static final List<Pipeline> ONE = List.of(Pipeline.SINGLE);
  private static final Joint[] JOINTS = Joint.values();

  private List<Pipeline> pipelines() {
    if (pipelineCount == 1 && pipelines[2] == 1 && pipelines[3] == 0 && pipelines[4] == 0) {
      return ONE;
    }
    Pipeline[] list = new Pipeline[pipelineCount];
    for (int i = 0; i < pipelineCount; i++) {
      int at = i * PIPELINE;
      list[i] =
          new Pipeline(
              pipelines[at],
              pipelines[at + 1],
              pipelines[at + 2],
              JOINTS[pipelines[at + 3]],
              (pipelines[at + 4] & 1) != 0,
              (pipelines[at + 4] & 2) != 0);
    }
    return List.of(list);
  }
}
