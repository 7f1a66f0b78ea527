package dev.gatehouse.policy.python;

/** How a function is told the command that it starts. */
enum CommandForm {
  /** A command line for a shell. */
  LINE,
  /** A line or words, by the argument {@code shell}. */
  PROCESS,
  /** The same on a terminal of its own. */
  TERMINAL,
  /** Words, each an argument. */
  VECTOR,
  /** A path, and words of which the first is the name that the program is told. */
  EXECUTE,
  /** The same behind a mode. */
  SPAWN,
  /** A path and a list of words. */
  PROGRAM,
  /** The same behind a mode. */
  SPAWN_PROGRAM,
  /** The words of {@code pip}. */
  PIP,
  /** The input of a program that was started before, and its end. */
  COMMUNICATE,
  /** Some of that input. */
  INPUT,
  /** A line in first place, whatever it is called. */
  FIRST,
  /** It starts none. */
  NONE;

  static CommandForm of(String name, String attribute) {
    if (name.length() == attribute.length()) {
      return NONE;
    }
    return switch (name) {
      case "os.system",
          "os.popen",
          "os.popen2",
          "os.popen3",
          "os.popen4",
          "commands.getoutput",
          "commands.getstatusoutput",
          "subprocess.getoutput",
          "subprocess.getstatusoutput",
          "popen2.popen2",
          "popen2.popen3",
          "popen2.popen4",
          "platform.popen",
          "asyncio.create_subprocess_shell",
          "pexpect.run",
          "pexpect.spawn",
          "pexpect.spawnu",
          "invoke.run",
          "fabric.api.run",
          "fabric.api.local",
          "fabric.api.sudo",
          "delegator.run",
          "envoy.run",
          "sh.bash",
          "get_ipython.system",
          "get_ipython.getoutput" ->
          LINE;
      case "subprocess.run",
          "subprocess.call",
          "subprocess.Popen",
          "subprocess.check_call",
          "subprocess.check_output",
          "os.subprocess.Popen",
          "subprocess32.Popen",
          "asyncio.subprocess.create_subprocess_shell" ->
          PROCESS;
      case "pty.spawn" -> TERMINAL;
      case "asyncio.create_subprocess_exec", "trio.run_process", "anyio.run_process" -> VECTOR;
      case "os.execlp", "os.execl", "os.execle", "os.execlpe" -> EXECUTE;
      case "os.spawnl", "os.spawnle", "os.spawnlp", "os.spawnlpe" -> SPAWN;
      case "os.execv",
          "os.execve",
          "os.execvp",
          "os.execvpe",
          "os.posix_spawn",
          "os.posix_spawnp" ->
          PROGRAM;
      case "os.spawnv", "os.spawnve", "os.spawnvp", "os.spawnvpe" -> SPAWN_PROGRAM;
      case "pip.main", "pip._internal.main", "pip._internal.cli.main.main" -> PIP;
      case "subprocess.Popen.communicate" -> COMMUNICATE;
      case "subprocess.Popen.stdin.write", "os.popen.write" -> INPUT;
      case "os.startfile" -> FIRST;
      default ->
          switch (attribute) {
            case "exec_command", "exec_run", "create_subprocess_shell", "subprocess_shell" -> FIRST;
            default -> NONE;
          };
    };
  }
}
