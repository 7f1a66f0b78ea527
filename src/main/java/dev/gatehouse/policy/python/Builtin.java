package dev.gatehouse.policy.python;

/** What a function makes of a text, or of names, that only the running program knows. */
enum Builtin {
  /** The attribute of an object by its name. */
  ATTRIBUTE,
  /** The same of the object that it is called on. */
  OWN_ATTRIBUTE,
  /** A module by its name. */
  IMPORT,
  /** All names by their texts. */
  GLOBALS,
  /** The names of an object, or all. */
  VARS,
  /** It runs a text. */
  RUN,
  /** It runs a text, or calls what it is given. */
  TIME,
  /** A text that can be run. */
  COMPILE,
  /** Nothing of all that. */
  NONE;

  static Builtin of(String name) {
    return switch (name) {
      case "getattr", "operator.attrgetter" -> ATTRIBUTE;
      case "__import__",
          "importlib.import_module",
          "importlib.__import__",
          "imp.load_module",
          "importlib.reload" ->
          IMPORT;
      case "globals", "locals" -> GLOBALS;
      case "vars" -> VARS;
      case "eval", "exec", "execfile", "builtins.exec", "runpy.run_string", "code.interact" -> RUN;
      case "compile" -> COMPILE;
      case "timeit.timeit" -> TIME;
      default -> name.endsWith(".__getattribute__") ? OWN_ATTRIBUTE : NONE;
    };
  }
}
