package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * The built-in policy on SQL that is executed, whatever stands around it, and on the same text as
 * data.
 */
class SqlQuotingProperties {
  private static final Policy POLICY = load();

  /** Statements that nobody is to run without being asked, also through a shell. */
  private static final List<String> DANGEROUS =
      List.of(
          "drop table users",
          "truncate orders",
          "delete from users",
          "update users set admin = true",
          "alter table t drop column a",
          "grant all on t to public",
          "copy t from program 'id'",
          "exec xp_cmdshell 'id'",
          "select load_file('/etc/passwd')");

  /** Ways in which a text is executed. */
  private static final List<Hand> RUN =
      List.of(
          text -> text,
          text -> "select 1; " + text + "; select 1 from t where a = 1",
          text -> "select 'where'; " + text,
          text -> text + " -- where id = 1",
          text -> text + " /* where id = 1 */",
          text -> "/* ' */ " + text + " /* ' */",
          text -> "select '--'; " + text,
          text -> "select '/*'; " + text + "; select '*/'",
          text -> "select '''' ; " + text,
          text -> "select \"it's\"; " + text + "; select \"it's\"",
          text -> "select 1 where a in (select 2);\n" + text,
          text -> "begin " + text + " end",
          text -> "explain analyze " + text,
          text -> "do $$ begin " + text + "; end $$",
          text -> "execute immediate " + quoted(text),
          text -> "exec(" + quoted(text) + ")",
          text -> "exec sp_executesql N" + quoted(text),
          text -> "prepare s from " + quoted(text) + "; execute s",
          text -> text.replace(" ", "/**/"),
          text -> text.replace(" ", "\n-- '\n"),
          text -> "/*!50000 " + text + " */");

  /** Ways in which a text is only data. */
  private static final List<Hand> READ =
      List.of(
          text -> "select " + quoted(text),
          text -> "select * from logs where message = " + quoted(text),
          text -> "select a from t where b like " + quoted("%" + text + "%"));

  /** Puts a text into another one. */
  interface Hand {
    String on(String text);
  }

  private static Policy load() {
    try {
      return Policy.compile(
          new PolicyFiles(Path.of("conf/policies")).read(), InstantSource.system());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Property
  void whatRunsIsAskedAboutWhateverStandsAroundIt(
      @ForAll("dangerous") String text, @ForAll("run") Hand hand) {
    String statement = hand.on(text);
    assertNotEquals(Outcome.ALLOW, decide("sql", "query", statement), statement);
    String command = "psql <<'END'\n" + statement + "\nEND\n";
    assertNotEquals(Outcome.ALLOW, decide("bash", "command", command), command);
  }

  @Property
  void whatIsOnlyDataIsAllowed(@ForAll("dangerous") String text, @ForAll("read") Hand hand) {
    String statement = hand.on(text);
    assertEquals(Outcome.ALLOW, decide("sql", "query", statement), statement);
  }

  @Provide
  Arbitrary<String> dangerous() {
    return Arbitraries.of(DANGEROUS);
  }

  @Provide
  Arbitrary<Hand> run() {
    return Arbitraries.of(RUN);
  }

  @Provide
  Arbitrary<Hand> read() {
    return Arbitraries.of(READ);
  }

  private static Outcome decide(String tool, String argument, String text) {
    Actor actor = new Actor("t", "a", Role.AGENT);
    return POLICY.decide(new Action(actor, "s", tool, Map.of(argument, text), Map.of())).outcome();
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
