package dev.gatehouse.policy.python;

import java.util.List;

/**
 * A function as it stands in the text.
 *
 * @param parameters their names, {@code self} included
 * @param defaults of each parameter its default value, or {@link PythonValue#UNKNOWN}
 * @param bodyStart index of the first token of the body
 * @param bodyEnd index of the token behind it
 * @param definition the scope of the body as it was read where it is defined
 * @param program the text that it stands in
 */
record Function(
    String name,
    List<String> parameters,
    List<PythonValue> defaults,
    int bodyStart,
    int bodyEnd,
    Scope definition,
    Program program) {}
