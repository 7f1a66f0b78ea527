package dev.gatehouse.policy.sql;

import dev.gatehouse.policy.sql.SqlTokens.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parts a text into statements, as one database does: at semicolons, at words that only begin
 * statements, and at brackets around statements. Confined to one thread.
 */
final class Statements {
  /** Literals in literals in literals are read, no deeper. */
  private static final int DEEPEST = 3;

  private static final Set<String> BEGINNING =
      Set.of(
          "alter",
          "call",
          "copy",
          "create",
          "delete",
          "drop",
          "exec",
          "execute",
          "grant",
          "insert",
          "merge",
          "revoke",
          "select",
          "truncate",
          "update");

  /** Behind these, a word that begins statements only names one. */
  private static final Set<String> NAMING =
      Set.of("on", "for", "before", "after", "or", "of", "grant", "revoke", "show", "with", ",");

  private static final int LONGEST_NAME = 128;

  /** These are functions as well, where a bracket follows. */
  private static final Set<String> FUNCTIONS = Set.of("insert", "truncate");

  /** Where one of these is, literals may be put together and executed. */
  private static final Set<String> EXECUTING =
      Set.of(
          "exec",
          "execute",
          "prepare",
          "function",
          "procedure",
          "event",
          "gexec",
          "sp_executesql",
          "openquery",
          "openrowset",
          "query_to_xml",
          "dblink",
          "dblink_exec",
          "dblink_send_query",
          "schedule",
          "parse",
          "submit",
          "create_job");

  private final Dialect dialect;
  private final int most;
  private final Map<String, SqlStatement> found;
  private int tokensLeft;

  /** Whether there was more than is read or kept. */
  boolean cut;

  /**
   * @param most so many statements are kept
   * @param tokens so many words, literals and signs are read
   * @param found where they go, by their texts
   */
  Statements(Dialect dialect, int most, int tokens, Map<String, SqlStatement> found) {
    this.dialect = dialect;
    this.most = most;
    this.tokensLeft = tokens;
    this.found = found;
  }

  void read(String text) {
    new Text(text, 0, null).read();
  }

  private void keep(SqlStatement statement) {
    if (found.size() < most) {
      found.putIfAbsent(statement.text(), statement);
    } else {
      cut |= !found.containsKey(statement.text());
    }
  }

  /** A literal with those that are joined to it, and where it stands. */
  private static final class Literal {
    final StringBuilder text = new StringBuilder();
    final int start;
    int end;

    Literal(int start) {
      this.start = start;
    }
  }

  /** One text: the whole, or a literal that may be executed. */
  private final class Text {
    private final SqlTokens tokens;
    private final int depth;
    private final @Nullable Literal within;
    private final List<Literal> literals = new ArrayList<>();
    private final Deque<StatementDraft> outer = new ArrayDeque<>();
    private StatementDraft draft = new StatementDraft();
    private boolean joins;
    private boolean executes;

    Text(String text, int depth, @Nullable Literal within) {
      this.tokens = new SqlTokens(text, dialect);
      this.depth = depth;
      this.within = within;
    }

    void read() {
      for (Kind kind = next(); kind != Kind.END; kind = next()) {
        switch (kind) {
          case WORD -> word(tokens.value);
          case LITERAL -> literal();
          case NAME -> name(tokens.value);
          case SIGN, END -> sign(tokens.value.charAt(0));
        }
      }
      finishAll();
      cut |= tokens.givenUp;
      if (executes && depth < DEEPEST) {
        literals.forEach(literal ->
            new Text(literal.text.toString(), depth + 1, within == null ? literal : within).read());
      } else {
        cut |= executes && !literals.isEmpty();
      }
    }

    private Kind next() {
      Kind kind = tokens.next();
      if (kind != Kind.END && tokensLeft-- <= 0) {
        cut = true;
        return Kind.END;
      }
      return kind;
    }

    private void word(String word) {
      boolean begins =
          BEGINNING.contains(word)
              && !NAMING.contains(draft.last)
              && !(FUNCTIONS.contains(word) && tokens.isBefore('('));
      if (draft.last.equals("(") && (begins || word.equals("where") || word.equals("with"))) {
        outer.push(draft);
        draft = new StatementDraft();
      } else if (begins && !draft.isEmpty()) {
        finish();
      }
      executes |= isExecuting(word) || (word.equals("do") && draft.isEmpty());
      // One letter right before a literal belongs to it: E'..', N'..'.
      joins &= word.length() == 1;
      add(word, word);
    }

    private void literal() {
      if (!joins) {
        literals.add(new Literal(tokens.start));
      }
      Literal literal = literals.getLast();
      literal.text.append(tokens.value);
      literal.end = tokens.end();
      joins = true;
      add("''", "");
    }

    private void name(String name) {
      joins = false;
      executes |= isExecuting(name.toLowerCase(Locale.ROOT));
      boolean plain = name.length() <= LONGEST_NAME && name.chars().allMatch(Statements::isPlain);
      add(plain ? '"' + name.toLowerCase(Locale.ROOT) + '"' : "\"\"", "");
    }

    private void sign(char sign) {
      joins &= sign == '+' || sign == '|';
      if (sign == ';') {
        finishAll();
        return;
      }
      if (sign == ')' && draft.open == 0 && !outer.isEmpty()) {
        finish();
        draft = outer.pop();
      }
      draft.open = Math.max(0, draft.open + (sign == '(' ? 1 : sign == ')' ? -1 : 0));
      add(tokens.value, tokens.value);
    }

    private void add(String piece, String word) {
      draft.add(
          piece,
          word,
          within == null ? tokens.start : within.start,
          within == null ? tokens.end() : within.end);
    }

    private void finish() {
      if (!draft.isEmpty()) {
        keep(draft.finished());
      }
      draft = new StatementDraft();
    }

    private void finishAll() {
      finish();
      while (!outer.isEmpty()) {
        draft = outer.pop();
        finish();
      }
    }
  }

  private static boolean isExecuting(String name) {
    return EXECUTING.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  private static boolean isPlain(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  }
}
