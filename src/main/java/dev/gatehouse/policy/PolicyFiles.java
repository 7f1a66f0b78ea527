package dev.gatehouse.policy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The policy files of a folder: those named {@code *.yaml}, not those below it. Files whose names
 * begin with a point are an editor's.
 */
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
   * @throws UnreadableFilesException with every file that is over 4 MiB, is not UTF-8, or is named
   *     {@code *.yml}, which would be passed over
   * @throws IOException if the folder or a file cannot be read
   */
  public Map<String, String> read() throws IOException {
    Map<String, String> files = new TreeMap<>();
    List<PolicyProblem> problems = new ArrayList<>();
    for (Path file : list()) {
      String name = String.valueOf(file.getFileName());
      if (name.endsWith(".yml")) {
        problems.add(new PolicyProblem(name, 1, 1, "a file named .yml", "NAME.yaml"));
      } else if (Files.size(file) > LARGEST_BYTES) {
        problems.add(
            new PolicyProblem(
                name, 1, 1, "more than " + LARGEST_BYTES + " bytes", "several smaller files"));
      } else {
        String text = text(name, Files.readAllBytes(file), problems);
        if (text != null) {
          files.put(name, text);
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new UnreadableFilesException(PolicyCompiler.sorted(problems));
    }
    return files;
  }

  private List<Path> list() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*.{yaml,yml}")) {
      for (Path file : stream) {
        if (!file.getFileName().toString().startsWith(".")) {
          files.add(file);
        }
      }
    }
    return files;
  }

  private static @Nullable String text(String name, byte[] bytes, List<PolicyProblem> problems) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    if (!decoder.decode(in, out, true).isError()) {
      return out.flip().toString();
    }
    int line = 1;
    int column = 1;
    for (int at = 0; at < in.position(); at++) {
      boolean ends = bytes[at] == '\n';
      line += ends ? 1 : 0;
      column = ends ? 1 : column + 1;
    }
    problems.add(
        new PolicyProblem(name, line, column, "a byte that is no UTF-8", "a file in UTF-8"));
    return null;
  }

  /**
   * Something that changes when a file is added, removed or written. Blocks.
   *
   * @throws UncheckedIOException if the folder cannot be read
   */
  String fingerprint() {
    StringBuilder print = new StringBuilder();
    try {
      Map<String, String> marks = new TreeMap<>();
      for (Path file : list()) {
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
