package dev.gatehouse.policy.shell;

/** Languages whose program text is found in a shell text. */
public enum Language {
  PYTHON,
  PERL,
  RUBY,
  JAVASCRIPT,
  PHP,
  LUA,
  AWK,
  SED,
  SQL,
  POWERSHELL,
  CMD,
  OTHER
}
