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
    if (args.length > 0 && args[0].equals("audit")) {
      return new AuditCommand().run(Arrays.copyOfRange(args, 1, args.length), out, err);
    }
    err.println("usage: gatehouse audit verify ..");
    return 2;
  }
}
