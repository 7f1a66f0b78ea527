package dev.gatehouse.cli;

import java.io.PrintStream;
import java.util.Arrays;

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
      default -> {
        err.println("usage: gatehouse policy test|lint|explain|evaluate|bench ..");
        err.println("       gatehouse audit query|tail|stats|export|verify|prove ..");
        yield 2;
      }
    };
  }
}
