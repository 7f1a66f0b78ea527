package dev.gatehouse.policy.python;

import dev.gatehouse.policy.text.Region;
import dev.gatehouse.policy.text.Use;
import java.util.List;
import java.util.Set;

/**
 * What Python text would do, as far as it can be told without running it.
 *
 * <p>Immutable. Every span lies inside {@link #text}.
 *
 * @param text as given
 * @param imports in order
 * @param calls in order of evaluation: of nested calls the inner first. A function body is read
 *     where it is defined and, if a call gives it computable arguments, once more with those; calls
 *     in decorators and default values count as well
 * @param shellTexts commands it runs
 * @param queryTexts statements it hands to databases
 * @param definitions names of the functions and classes that it defines
 * @param attributes qualified names of attributes that are read or written without being called,
 *     where the start is known: {@code os.environ}, {@code sys.modules}
 * @param regions the stretches of text that are data or unknown, by start, without overlap; all
 *     other text is executed
 * @param facts of the text as a whole: the union of the calls' facts, and more
 * @param steps the reader's steps: grows at most linearly with the text
 */
public record PythonReading(
    String text,
    List<PythonImport> imports,
    List<PythonCall> calls,
    List<ShellText> shellTexts,
    List<QueryText> queryTexts,
    Set<String> definitions,
    List<String> attributes,
    List<Region> regions,
    Set<PythonFact> facts,
    long steps) {

  public boolean has(PythonFact fact) {
    return facts.contains(fact);
  }

  /**
   * What happens to the text from start to end: executed if any part of it is, else unknown if any
   * part is, else data.
   */
  public Use use(int start, int end) {
    return Use.of(regions, start, end);
  }
}
