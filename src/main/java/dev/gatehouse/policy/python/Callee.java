package dev.gatehouse.policy.python;

/**
 * What is known of a function by its qualified name alone.
 *
 * @param name the qualified name
 * @param attribute the part behind its last dot
 * @param local whether the text itself defines it
 * @param prints whether it only prints or records what it is given
 * @param unpickles whether it rebuilds objects from bytes
 * @param queries whether it hands a statement to a database
 * @param calls the place of the argument that it calls; -1 if it calls none by its name alone
 * @param builtin what it makes of texts and names
 * @param command how it starts a command, if it does
 */
record Callee(
    String name,
    String attribute,
    boolean local,
    boolean prints,
    boolean unpickles,
    boolean queries,
    int calls,
    Builtin builtin,
    CommandForm command) {

  static Callee of(String name) {
    String attribute = name.substring(name.lastIndexOf('.') + 1);
    return new Callee(
        name,
        attribute,
        name.startsWith("<local>."),
        prints(name),
        unpickles(name),
        QueryText.isQuery(attribute),
        Callbacks.placeOfCalled(attribute),
        Builtin.of(name),
        CommandForm.of(name, attribute));
  }

  /** Whether a function only prints or records what it is given. */
  private static boolean prints(String name) {
    return switch (name) {
      case "print",
          "input",
          "warnings.warn",
          "pprint.pprint",
          "sys.stdout.write",
          "sys.stderr.write" ->
          true;
      default ->
          name.startsWith("logging.")
              || name.startsWith("logger.")
              || name.startsWith("log.")
              || name.endsWith("Error")
              || name.endsWith("Exception")
              || name.endsWith("Warning");
    };
  }

  private static boolean unpickles(String name) {
    return switch (name) {
      case "pickle.loads",
          "pickle.load",
          "marshal.loads",
          "marshal.load",
          "dill.loads",
          "shelve.open",
          "jsonpickle.decode",
          "cloudpickle.loads" ->
          true;
      default -> false;
    };
  }
}
