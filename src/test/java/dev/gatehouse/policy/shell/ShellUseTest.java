package dev.gatehouse.policy.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.policy.text.Use;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellUseTest {
  private static final String PART = "rm -rf /";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo 'rm -rf /'",
        "echo rm -rf /",
        "grep \"rm -rf /\" docs",
        "grep -rn -e 'rm -rf /' src | wc -l",
        "rg -C 2 'rm -rf /' .",
        "git commit -am 'never rm -rf / again'",
        "git log --grep='rm -rf /'",
        "printf '%s\\n' 'rm -rf /' | tee notes.txt",
        "ls # rm -rf /",
        "cat <<E\nrm -rf /\nE",
        "cat > notes.md <<'E'\nrm -rf /\nE",
        "echo 'rm -rf /' >&2",
        "sh -c \"echo 'rm -rf /'\"",
        "echo \"rm -rf / $(date)\"",
      })
  void takesWhatIsOnlyMentionedForData(String text) {
    // Given a text that mentions a command and does not run it
    // When it is read
    Reading reading = Reading.of(text);
    // Then the mention is data, and no such command is found
    assertEquals(Use.DATA, reading.useOf(PART), text);
    assertEquals(false, reading.runs("rm|-rf|/"), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rm -rf /",
        "sh -c 'rm -rf /'",
        "echo 'rm -rf /' | sh",
        "echo 'rm -rf /' | cat | tac | bash -s",
        "echo 'echo hi; rm -rf /' | sh",
        "eval 'rm -rf /'",
        "x='rm -rf /'; eval $x",
        "x=$(echo 'rm -rf /'); eval \"$x\"",
        "f() { echo 'rm -rf /'; }; f | sh",
        "bash <<E\nrm -rf /\nE",
        "echo 'rm -rf /' > a.txt; sh a.txt",
        "cat > a.md <<'E'\nrm -rf /\nE\nbash a.md",
        "echo 'rm -rf /' >> ~/.profile",
        "bash -c \"$(echo 'rm -rf /')\"",
        "source <(echo 'rm -rf /')",
        "(echo 'rm -rf /') | sh",
        "alias x='rm -rf /'; x",
      })
  void takesWhatRunsForExecuted(String text) {
    assertEquals(Use.EXECUTED, Reading.of(text).useOf(PART), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo 'rm -rf /' | frobnicate",
        "echo 'rm -rf /' > job",
        "frobnicate 'rm -rf /'",
        "frobnicate <<E\nrm -rf /\nE",
        "cat > deploy.sh <<E\nrm -rf /\nE",
      })
  void doesNotKnowWhatOthersDoWithAText(String text) {
    assertEquals(Use.UNKNOWN, Reading.of(text).useOf(PART), text);
  }
}
