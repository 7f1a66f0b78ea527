package dev.gatehouse.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Versions that survive the process, however it ends: each a folder named by its digest, with the
 * files as they were, and one file {@code active} that says which of them counts. Folders and file
 * are written beside their place, forced to the disk and moved there. What does not match its
 * digest is refused. Blocks.
 */
final class VersionsOnDisk implements VersionStore {
  private static final String HEAD = "gatehouse policy versions 1";
  private static final String PREFIX = "sha256:";
  private static final String DRAFT = ".draft";
  private static final Pattern DIGEST = Pattern.compile(PREFIX + "[0-9a-f]{64}");
  private static final Pattern NAME = Pattern.compile("[^./\\\\\0][^/\\\\\0]*\\.yaml");

  private final Path folder;
  private final Path activeFile;

  private VersionsOnDisk(Path folder) {
    this.folder = folder;
    this.activeFile = folder.resolve("active");
  }

  /** Opens the folder, and makes it first where there is none, for its owner alone. */
  static VersionsOnDisk open(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    delete(folder.resolve(DRAFT));
    return new VersionsOnDisk(folder);
  }

  @Override
  public void keep(String digest, Map<String, String> texts) throws IOException {
    Path version = folderOf(digest);
    if (Files.exists(version)) {
      if (isWhole(version, digest)) {
        return;
      }
      delete(version);
    }
    Path draft = folder.resolve(DRAFT);
    delete(draft);
    Files.createDirectory(draft);
    for (Map.Entry<String, String> text : texts.entrySet()) {
      if (!NAME.matcher(text.getKey()).matches()) {
        throw new IOException("'" + text.getKey() + "' is no name of a policy file");
      }
      write(draft.resolve(text.getKey()), text.getValue());
    }
    force(draft);
    Files.move(draft, version, StandardCopyOption.ATOMIC_MOVE);
    force(folder);
  }

  @Override
  public Map<String, String> read(String digest) throws IOException {
    Path version = folderOf(digest);
    if (!Files.isDirectory(version)) {
      throw new IOException("version " + digest + " is not kept in " + folder);
    }
    SortedMap<String, String> texts = texts(version);
    String found = PolicyDigest.of(texts);
    if (!found.equals(digest)) {
      throw new IOException(version + " is damaged: its content has the digest " + found);
    }
    return texts;
  }

  @Override
  public @Nullable Standing standing() throws IOException {
    if (!Files.exists(activeFile)) {
      return null;
    }
    try {
      return parse(Files.readString(activeFile));
    } catch (CharacterCodingException | IllegalArgumentException e) {
      throw new IOException(activeFile + " is damaged: " + e.getMessage(), e);
    }
  }

  @Override
  public void write(Standing standing) throws IOException {
    Path draft = folder.resolve(DRAFT);
    delete(draft);
    write(draft, format(standing));
    Files.move(
        draft, activeFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    force(folder);
    forgetOthers(standing);
  }

  private void forgetOthers(Standing standing) throws IOException {
    List<Path> others = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder, Files::isDirectory)) {
      for (Path version : folders) {
        if (!standing.versions().contains(PREFIX + version.getFileName())) {
          others.add(version);
        }
      }
    }
    for (Path other : others) {
      delete(other);
    }
  }

  /** Lines of a word and a digest; the last one is the digest of those above it. */
  private static String format(Standing standing) {
    StringBuilder lines = new StringBuilder(HEAD).append('\n');
    line(lines, "active", standing.active());
    line(lines, "files", standing.files());
    standing.before().forEach(digest -> line(lines, "before", digest));
    standing.versions().forEach(digest -> line(lines, "version", digest));
    line(lines, "check", check(lines.toString()));
    return lines.toString();
  }

  private static void line(StringBuilder lines, String word, String digest) {
    lines.append(word).append(' ').append(digest).append('\n');
  }

  private static String check(String lines) {
    return PolicyDigest.of(new TreeMap<>(Map.of("active", lines)));
  }

  private static Standing parse(String text) {
    int last = text.lastIndexOf("check ");
    if (!text.startsWith(HEAD + "\n")
        || last < 0
        || !text.substring(last).equals("check " + check(text.substring(0, last)) + "\n")) {
      throw new IllegalArgumentException("it is not what Gatehouse wrote");
    }
    List<String> active = new ArrayList<>();
    List<String> files = new ArrayList<>();
    List<String> before = new ArrayList<>();
    List<String> versions = new ArrayList<>();
    for (String line : text.substring(HEAD.length() + 1, last).split("\n", -1)) {
      int blank = line.indexOf(' ');
      String digest = line.substring(blank + 1);
      switch (line.substring(0, Math.max(0, blank))) {
        case "active" -> active.add(digest);
        case "files" -> files.add(digest);
        case "before" -> before.add(digest);
        case "version" -> versions.add(digest);
        default -> {}
      }
    }
    if (active.size() != 1 || files.size() != 1) {
      throw new IllegalArgumentException("it names not exactly one active version");
    }
    return new Standing(active.getFirst(), files.getFirst(), before, versions);
  }

  private Path folderOf(String digest) throws IOException {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IOException("'" + digest + "' is no digest of a policy");
    }
    return folder.resolve(digest.substring(PREFIX.length()));
  }

  private static boolean isWhole(Path version, String digest) throws IOException {
    try {
      return PolicyDigest.of(texts(version)).equals(digest);
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static SortedMap<String, String> texts(Path version) throws IOException {
    return new TreeMap<>(new PolicyFiles(version).read());
  }

  private static void write(Path file, String text) throws IOException {
    Files.write(
        file,
        text.getBytes(UTF_8),
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.WRITE,
        StandardOpenOption.DSYNC);
  }

  /** Has the names in a folder reach the disk. */
  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void delete(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
