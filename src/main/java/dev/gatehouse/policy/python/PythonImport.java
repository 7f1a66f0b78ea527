package dev.gatehouse.policy.python;

/**
 * One imported module or name.
 *
 * @param module the module, with leading dots if relative
 * @param name what is imported from it; empty for the module itself; {@code *} for everything
 * @param alias the name it is bound to in this text; empty if none
 * @param dynamic whether by {@code __import__} or {@code importlib}
 * @param start where it stands in the given text
 * @param end where it ends, exclusive
 */
public record PythonImport(
    String module, String name, String alias, boolean dynamic, int start, int end) {

  /** {@code module} or {@code module.name}. */
  public String qualifiedName() {
    return name.isEmpty() || name.equals("*") ? module : module + "." + name;
  }
}
