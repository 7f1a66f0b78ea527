package dev.gatehouse.sandbox;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The signals that may be sent to what runs. Each is called as POSIX calls it. */
public enum ProcessSignal {
  SIGHUP,
  SIGINT,
  SIGQUIT,
  SIGKILL,
  SIGUSR1,
  SIGUSR2,
  SIGTERM,
  SIGCONT,
  SIGSTOP,
  SIGTSTP;

  private static final Map<String, ProcessSignal> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(Enum::name, Function.identity()));

  public static Optional<ProcessSignal> of(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}
