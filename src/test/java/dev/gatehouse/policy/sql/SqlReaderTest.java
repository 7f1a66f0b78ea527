package dev.gatehouse.policy.sql;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "SELECT  a\tFROM T                     | select a from t",
        "select 1;select 2;                    | select 1; select 2",
        "select 'a;b', 'it''s'                 | select '' , ''",
        "select(1)=(1)                         | select ( 1 ) = ( 1 )",
        "select a from t where b=1union select | select a from t where b = 1 union; select",
        "select mysql.user.a                   | select mysql.user.a",
        "update t set a=1 select 2             | update t set a = 1; select 2",
        "begin delete from t end               | begin; delete from t end",
        "delete from t where id in (select id from u where x)"
            + " | select id from u where x; delete from t where id in ( )",
        "with d as (delete from t returning *) select * from d"
            + " | delete from t returning *; with d as ( ); select * from d",
        "alter table t drop column a           | alter table t; drop column a",
        "grant select, update on t to a        | grant select , update on t to a",
        "create table t (a int references u on delete cascade)"
            + " | create table t ( a int references u on delete cascade )"
      })
  void partsATextIntoStatements(String text, String statements) {
    assertEquals(List.of(statements.split("; ", -1)), texts(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "select 1 /* ; drop table x */         | drop table x | false",
        "select 1 -- ; drop table x            | drop table x | false",
        "select 'a; drop table x'              | drop table x | false",
        "drop/* */table/**/x                   | drop table x | true",
        "select 1 /*! ; drop table x */        | drop table x | true",
        "/*!50000 drop */ table x              | drop table x | true",
        "select '\\'; drop table x; -- '       | drop table x | true",
        "select '\\'' ; drop table x; -- '     | drop table x | true",
        "select $$ ' $$; drop table x; -- '    | drop table x | true",
        "select $a$ $$ ' $a$; drop table x --' | drop table x | true",
        "select [a'] ; drop table x; -- ']     | drop table x | true",
        "select 1 /* /* */ ; drop table x -- */| drop table x | true",
        "select q'[it's]'; drop table x        | drop table x | true",
        "select 1 # ' \\n ; drop table x       | drop table x | true",
        "select 'never closed ; drop table x   | drop table x | true",
        "select 'a'' ; drop table x            | drop table x | true",
        "select 'a\\' '; drop table x; -- '    | drop table x | true",
        "\" select 'a\\' '; drop table x; -- ' \\ | drop table x | true",
        "select 'a'' ; drop table x '          | drop table x | false",
        "select \"a\\\" ; drop table x; -- \" | drop table x | true",
        "select 'a\\\\' ; drop table x        | drop table x | true",
        "select /* never closed ; drop table x | drop table x | true",
        "select 1 --1 ; drop table x           | drop table x | true",
        "do $$ begin drop table x; end $$      | drop table x | true",
        "exec('dr' + 'op table x')             | drop table x | true",
        "exec(N'dr' + N'op table x')           | drop table x | true",
        "select 'drop table x' \\gexec         | drop table x | true",
        "set @q='drop table x';prepare s from @q| drop table x | true",
        "exec('exec(''drop table x'')')        | drop table x | true",
        "insert into t values ('drop table x') on conflict do nothing | drop table x | false"
      })
  void tellsWhatRunsFromWhatIsOnlyText(String text, String statement, boolean runs) {
    List<String> texts = texts(text.replace("\\n", "\n"));

    assertEquals(runs, texts.stream().anyMatch(one -> one.startsWith(statement)), texts::toString);
  }

  @Test
  void saysWhereAStatementStands() {
    SqlStatement second = SqlReader.read("select 1; drop  table x ;").statements().getLast();

    assertEquals(new SqlStatement("drop table x", 10, 23), second);
  }

  @Test
  void keepsQuotedNamesAndEmptiesOtherQuotes() {
    assertTrue(
        texts("exec master.dbo.[XP_CmdShell] 'x'").contains("exec master.dbo. \"xp_cmdshell\" ''"));
    assertTrue(texts("update t set \"a b\" = 1").contains("update t set \"\" = 1"));
  }

  @Test
  void saysThatItReadNotAllOfTooManyStatements() {
    assertFalse(SqlReader.read(statements(4_000)).cut());
    assertTrue(SqlReader.read(statements(5_000)).cut());
    assertFalse(SqlReader.read("select 1;".repeat(5_000)).cut());
  }

  @Test
  void saysThatItReadNotAllOfTooManyWords() {
    assertFalse(SqlReader.read("select " + "a, ".repeat(100_000) + "b").cut());
    assertTrue(SqlReader.read("select " + "a, ".repeat(200_000) + "b").cut());
    assertTrue(SqlReader.read("select -- 1\n" + "a, ".repeat(100_000) + "b").cut());
  }

  @Test
  void saysThatItLooksForNoMoreEndsWhereTooManyAreMissing() {
    assertFalse(SqlReader.read("select 'never closed ; drop table x").cut());
    assertTrue(SqlReader.read("select /* \" ` ' /* ; drop table x").cut());
  }

  @Test
  void saysThatItReadNotAllOfTextsTooDeepInTexts() {
    String text = "drop table x";
    for (int i = 0; i < 6; i++) {
      text = "exec('" + text.replace("'", "''") + "')";
    }
    assertTrue(SqlReader.read(text).cut());
  }

  private static String statements(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "select " + i + ";")
        .collect(Collectors.joining());
  }

  private static List<String> texts(String text) {
    return SqlReader.read(text).statements().stream().map(SqlStatement::text).toList();
  }
}
