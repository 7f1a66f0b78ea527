package dev.gatehouse.policy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;

/** The policy files of a folder: those named {@code *.yaml}, not those below it. */
public final class PolicyFiles {
  private static final long LARGEST_BYTES = 4L << 20;

  private final Path directory;

  /** The files of {@code directory}; it is read when asked for, each time anew. */
  public PolicyFiles(Path directory) {
    this.directory = directory;
  }

  /**
   * The texts by file name. Blocks.
   *
   * @throws IOException if the folder or a file cannot be read, or a file is over 4 MiB
   */
  public Map<String, String> read() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.yaml")) {
      for (Path file : stream) {
        if (Files.size(file) > LARGEST_BYTES) {
          throw new IOException(file.getFileName() + " is over " + LARGEST_BYTES + " bytes");
        }
        files.put(String.valueOf(file.getFileName()), Files.readString(file));
      }
    }
    return files;
  }

  /**
   * Something that changes when a file is added, removed or written. Blocks.
   *
   * @throws UncheckedIOException if the folder cannot be read
   */
  String fingerprint() {
    StringBuilder print = new StringBuilder();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.yaml")) {
      Map<String, String> marks = new TreeMap<>();
      for (Path file : stream) {
        BasicFileAttributes about = Files.readAttributes(file, BasicFileAttributes.class);
        marks.put(
            file.toString(), about.size() + " " + about.lastModifiedTime() + " " + about.fileKey());
      }
      marks.forEach((name, mark) -> print.append(name).append(' ').append(mark).append('\n'));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return print.toString();
  }
}
