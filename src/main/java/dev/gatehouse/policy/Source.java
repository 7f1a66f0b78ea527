package dev.gatehouse.policy;

/**
 * Where something stands in a policy file.
 *
 * @param file name of the file
 * @param line from 1
 * @param column from 1
 * @param text the YAML in one line, cut to a readable length
 */
record Source(String file, int line, int column, String text) {
  @Override
  public String toString() {
    return file + ":" + line + ": " + text;
  }
}
