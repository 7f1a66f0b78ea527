package dev.gatehouse.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.PrintStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Entry point of the commands that need no server. */
public final class Cli {
  private Cli() {}

  /** Runs the command that the first argument names and exits with its code. */
  public static void main(String[] args) {
    int code = run(args, System.out, System.err);
    System.out.flush();
    System.exit(code);
  }

  /** The same without exiting: 0 for success, 1 for findings, 2 for wrong usage. */
  static int run(String[] args, PrintStream out, PrintStream err) {
    String command = args.length == 0 ? "" : args[0];
    String[] rest = args.length == 0 ? args : Arrays.copyOfRange(args, 1, args.length);
    return switch (command) {
      case "policy" -> new PolicyCommand().run(rest, out, err);
      case "audit" -> new AuditCommand().run(rest, out, err);
      case "approvals" -> new ApprovalsCommand(System.getenv(), terminal()).run(rest, out, err);
      default -> {
        err.println("usage: gatehouse policy test|lint|explain|evaluate|bench ..");
        err.println("       gatehouse audit query|tail|stats|export|verify|prove ..");
        err.println(
            "       gatehouse approvals list|show|preview|approve|deny|watch|remembered|revoke ..");
        yield 2;
      }
    };
  }

  /** What a person types; null where input and output are not both a terminal. */
  // JDK 22 to 24 always had a console; 25 has none again where nothing is a terminal.
  @SuppressWarnings("SystemConsoleNull")
  private static @Nullable BufferedReader terminal() {
    Console console = System.console();
    return console != null && console.isTerminal() ? new BufferedReader(console.reader()) : null;
  }
}
