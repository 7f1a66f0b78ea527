package dev.gatehouse.policy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The policy that is active, and the versions that were. Reading it takes one volatile read;
 * changes are atomic and one at a time, and a policy that does not compile or fails its own tests
 * replaces nothing. Whoever holds a {@link Policy} keeps it. Safe for any thread; loading blocks.
 *
 * <p>The files count when they change; an operator's choice of another version counts until they
 * do. With a place to keep versions this holds over restarts too: files that are as they were when
 * they were last taken over leave the choice alone, others replace it.
 */
public final class Policies {
  private static final int MOST_VERSIONS = 64;

  /** Versions that are kept compiled; others are compiled when they are activated. */
  private static final int MOST_COMPILED = 8;

  private final PolicyFiles files;
  private final InstantSource clock;
  private final VersionStore store;
  private final Rates rates = new Rates();

  /** Guarded by this: compiled versions by digest, oldest first. */
  private final Map<String, Policy> compiled = new LinkedHashMap<>();

  /** Written by who holds this. */
  private volatile Standing standing;

  private volatile String fingerprint;
  private final @Nullable PolicyException startProblem;

  /** What was active at the start and was not tested then; null for nothing. */
  private final @Nullable Policy untested;

  private volatile Policy active;

  private Policies(PolicyFiles files, VersionStore store, InstantSource clock)
      throws PolicyException {
    this.files = files;
    this.store = store;
    this.clock = clock;
    this.fingerprint = files.fingerprint();
    Map<String, String> texts = read(files);
    String digest = PolicyDigest.of(new TreeMap<>(texts));
    PolicyException problem = null;
    Policy trusted = null;
    try {
      Standing known = store.standing();
      if (known == null) {
        active = check(texts);
        standing = new Standing(digest, digest, List.of(), List.of(digest));
        store.keep(digest, texts);
        store.write(standing);
      } else if (known.files().equals(digest)) {
        active = compile(known.active().equals(digest) ? texts : store.read(known.active()));
        trusted = active;
        standing = known;
      } else {
        standing = known;
        Policy changed = null;
        try {
          changed = check(texts);
        } catch (PolicyException e) {
          problem = e;
        }
        active = changed == null ? kept(known.active(), problem) : changed;
        trusted = changed == null ? active : null;
        if (changed != null) {
          become(next(digest, digest), texts);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the versions of the policy cannot be used, and which one was active is not known: "
              + e.getMessage()
              + "; without their folder the start is from the policy files",
          e);
    }
    startProblem = problem;
    untested = trusted;
    compiled.put(active.digest(), active);
  }

  /** What was active before, where the files cannot be used; they are what can be mended. */
  private Policy kept(String digest, @Nullable PolicyException files)
      throws IOException, PolicyException {
    try {
      return compile(store.read(digest));
    } catch (PolicyException e) {
      if (files == null) {
        throw e;
      }
      files.addSuppressed(e);
      throw files;
    }
  }

  /**
   * Reads and activates the policy in a folder; its versions end with the process.
   *
   * @throws PolicyException with everything that is wrong
   * @throws UncheckedIOException if the folder cannot be read
   */
  public static Policies load(Path directory) throws PolicyException {
    return load(directory, InstantSource.system());
  }

  /** The same, with the clock that rules with a time, a rate or an expiry go by. */
  public static Policies load(Path directory, InstantSource clock) throws PolicyException {
    return new Policies(new PolicyFiles(directory), new VersionsInMemory(), clock);
  }

  /**
   * Activates the version that was active when a process last used {@code versions}, or, if the
   * files in the folder have changed since or it is new, what they hold.
   *
   * @param versions the folder in which versions are kept; made if there is none
   * @throws PolicyException with everything that is wrong, if there is no good version to go on
   *     with
   * @throws UncheckedIOException if a folder cannot be read or written, or what is kept is damaged
   */
  public static Policies load(Path directory, Path versions) throws PolicyException {
    try {
      return new Policies(
          new PolicyFiles(directory), VersionsOnDisk.open(versions), InstantSource.system());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The policy that decides now. */
  public Policy active() {
    return active;
  }

  /**
   * What was wrong with the files at the start, where the version before them was kept; or null.
   */
  public @Nullable PolicyException startProblem() {
    return startProblem;
  }

  /**
   * Compiles and self-tests files without activating them.
   *
   * @param texts file texts by name
   * @throws PolicyException with everything that is wrong
   */
  public Policy check(Map<String, String> texts) throws PolicyException {
    Policy policy = compile(texts);
    List<PolicyProblem> problems = SelfTest.run(policy);
    if (!problems.isEmpty()) {
      throw new PolicyException(problems);
    }
    return policy;
  }

  private Policy compile(Map<String, String> texts) throws PolicyException {
    return PolicyCompiler.compile(texts, clock, rates);
  }

  /**
   * What the own tests say now of a policy that was known at the start. They were passed when it
   * was taken over, so the start did not wait for them; another version of this program may read it
   * in another way. Takes a second or so; of a policy that was tested at the start it says nothing.
   */
  public List<PolicyProblem> testKnown() {
    return untested == null ? List.of() : SelfTest.run(untested);
  }

  /**
   * Checks files and makes them the active policy.
   *
   * @param texts file texts by name
   * @throws PolicyException with everything that is wrong; the active policy stays
   * @throws UncheckedIOException if the version cannot be kept; the active policy stays
   */
  public Policy activate(Map<String, String> texts) throws PolicyException {
    Policy policy = check(texts);
    synchronized (this) {
      install(policy, next(policy.digest(), standing.files()), texts);
    }
    return policy;
  }

  /**
   * Makes a version active that was active before.
   *
   * @throws IllegalArgumentException if no version has this digest
   * @throws PolicyException if it cannot be used any more; the active policy stays
   * @throws UncheckedIOException if it is damaged, or the choice cannot be kept
   */
  public synchronized Policy activate(String digest) throws PolicyException {
    if (!standing.versions().contains(digest)) {
      throw new IllegalArgumentException(
          "no version " + digest + ", known: " + standing.versions());
    }
    Policy policy = version(digest);
    install(policy, next(digest, standing.files()), null);
    return policy;
  }

  /**
   * Makes the version active that was active before the present one.
   *
   * @throws IllegalStateException if there is none
   * @throws PolicyException if it cannot be used any more; the active policy stays
   * @throws UncheckedIOException if it is damaged, or the choice cannot be kept
   */
  public synchronized Policy rollback() throws PolicyException {
    String digest = standing.previous();
    if (digest == null) {
      throw new IllegalStateException("there is no earlier version");
    }
    Policy policy = version(digest);
    List<String> before = standing.before().subList(0, standing.before().size() - 1);
    install(policy, new Standing(digest, standing.files(), before, standing.versions()), null);
    return policy;
  }

  /**
   * Reads the folder again and activates what it holds.
   *
   * @throws PolicyException with everything that is wrong; the active policy stays
   * @throws UncheckedIOException if the folder cannot be read, or the version not be kept
   */
  public Policy reload() throws PolicyException {
    Map<String, String> texts = read(files);
    Policy policy = check(texts);
    synchronized (this) {
      install(policy, next(policy.digest(), policy.digest()), texts);
    }
    return policy;
  }

  /**
   * Reloads if a file of the folder was added, removed or written since this was last asked, and
   * the folder holds something else than when it was last taken over. Cheap if not; to be called
   * every second or so.
   *
   * @return whether another policy is active now
   * @throws PolicyException with everything that is wrong, once for each change of the files
   * @throws UncheckedIOException if the folder cannot be read, or the version not be kept; each
   *     time
   */
  public boolean reloadIfChanged() throws PolicyException {
    String now = files.fingerprint();
    if (now.equals(fingerprint)) {
      return false;
    }
    String old = active.digest();
    try {
      if (!PolicyDigest.of(new TreeMap<>(read(files))).equals(standing.files())) {
        reload();
      }
    } catch (PolicyException e) {
      fingerprint = now;
      throw e;
    }
    // Not before: what could not be read or kept now is tried again.
    fingerprint = now;
    return !active.digest().equals(old);
  }

  /** The digests of all versions that can be activated, oldest first. */
  public List<String> versions() {
    return standing.versions();
  }

  /** The digest of what the folder of policy files held when it was last taken over. */
  public String files() {
    return standing.files();
  }

  private Policy version(String digest) throws PolicyException {
    Policy policy = compiled.get(digest);
    try {
      return policy == null ? check(store.read(digest)) : policy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What stands once a version is active that comes after the present one. */
  private Standing next(String digest, String filesDigest) {
    List<String> versions = new ArrayList<>(standing.versions());
    List<String> before = new ArrayList<>(standing.before());
    if (!digest.equals(standing.active())) {
      versions.remove(digest);
      versions.add(digest);
      before.addLast(standing.active());
    }
    while (versions.size() > MOST_VERSIONS) {
      String oldest = versions.removeFirst();
      before.removeIf(oldest::equals);
    }
    while (before.size() > MOST_VERSIONS) {
      before.removeFirst();
    }
    return new Standing(digest, filesDigest, before, versions);
  }

  /** Kept first and active then: what decided is there after a crash. */
  private synchronized void install(
      Policy policy, Standing to, @Nullable Map<String, String> texts) {
    if (to.equals(standing)) {
      return;
    }
    try {
      become(to, texts);
    } catch (IOException e) {
      throw new UncheckedIOException("the version cannot be kept", e);
    }
    compiled.remove(policy.digest());
    compiled.put(policy.digest(), policy);
    while (compiled.size() > MOST_COMPILED) {
      compiled.remove(compiled.keySet().iterator().next());
    }
    active = policy;
  }

  private void become(Standing to, @Nullable Map<String, String> texts) throws IOException {
    if (texts != null) {
      store.keep(to.active(), texts);
    }
    store.write(to);
    standing = to;
  }

  private static Map<String, String> read(PolicyFiles files) throws PolicyException {
    try {
      return files.read();
    } catch (UnreadableFilesException e) {
      throw new PolicyException(e.problems());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
