package dev.gatehouse.policy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The policy that is active, and the versions that were. Reading it takes one volatile read;
 * changes are atomic and one at a time, and a policy that does not compile or fails its own tests
 * replaces nothing. Whoever holds a {@link Policy} keeps it. Safe for any thread; loading blocks.
 */
public final class Policies {
  private static final int MOST_VERSIONS = 64;

  private final PolicyFiles files;
  private final InstantSource clock;
  private final Rates rates = new Rates();

  /** Guarded by this: versions by digest, oldest first, and the digests that were active before. */
  private final Map<String, Policy> versions = new LinkedHashMap<>();

  private final Deque<String> before = new ArrayDeque<>();
  private String fingerprint = "";

  private volatile Policy active;

  private Policies(PolicyFiles files, InstantSource clock) throws PolicyException {
    this.files = files;
    this.clock = clock;
    this.fingerprint = files.fingerprint();
    this.active = check(read(files));
    versions.put(active.digest(), active);
  }

  /**
   * Reads and activates the policy in a folder.
   *
   * @throws PolicyException with everything that is wrong
   * @throws UncheckedIOException if the folder cannot be read
   */
  public static Policies load(Path directory) throws PolicyException {
    return load(directory, InstantSource.system());
  }

  /** The same, with the clock that rules with a time, a rate or an expiry go by. */
  public static Policies load(Path directory, InstantSource clock) throws PolicyException {
    return new Policies(new PolicyFiles(directory), clock);
  }

  /** The policy that decides now. */
  public Policy active() {
    return active;
  }

  /**
   * Compiles and self-tests files without activating them.
   *
   * @param texts file texts by name
   * @throws PolicyException with everything that is wrong
   */
  public Policy check(Map<String, String> texts) throws PolicyException {
    Policy policy = PolicyCompiler.compile(texts, clock, new Rates());
    List<PolicyProblem> problems = SelfTest.run(policy);
    if (!problems.isEmpty()) {
      throw new PolicyException(problems);
    }
    return PolicyCompiler.compile(texts, clock, rates);
  }

  /**
   * Checks files and makes them the active policy.
   *
   * @param texts file texts by name
   * @throws PolicyException with everything that is wrong; the active policy stays
   */
  public Policy activate(Map<String, String> texts) throws PolicyException {
    Policy policy = check(texts);
    install(policy);
    return policy;
  }

  /**
   * Makes a version active that was active before.
   *
   * @throws IllegalArgumentException if no version has this digest
   */
  public synchronized Policy activate(String digest) {
    Policy policy = versions.get(digest);
    if (policy == null) {
      throw new IllegalArgumentException("no version " + digest + ", known: " + versions.keySet());
    }
    install(policy);
    return policy;
  }

  /**
   * Makes the version active that was active before the present one.
   *
   * @throws IllegalStateException if there is none
   */
  public synchronized Policy rollback() {
    String digest = before.pollLast();
    Policy policy = digest == null ? null : versions.get(digest);
    if (policy == null) {
      throw new IllegalStateException("there is no earlier version");
    }
    active = policy;
    return policy;
  }

  /**
   * Reads the folder again and activates what it holds.
   *
   * @throws PolicyException with everything that is wrong; the active policy stays
   * @throws UncheckedIOException if the folder cannot be read
   */
  public Policy reload() throws PolicyException {
    return activate(read(files));
  }

  /**
   * Reloads if a file of the folder was added, removed or written since this was last asked. Cheap
   * if not; to be called every second or so.
   *
   * @return whether another policy is active now
   * @throws PolicyException with everything that is wrong, once for each change of the files
   */
  public boolean reloadIfChanged() throws PolicyException {
    String now = files.fingerprint();
    synchronized (this) {
      if (now.equals(fingerprint)) {
        return false;
      }
      fingerprint = now;
    }
    String old = active.digest();
    return !reload().digest().equals(old);
  }

  /** The digests of all versions that can be activated, oldest first. */
  public synchronized List<String> versions() {
    return new ArrayList<>(versions.keySet());
  }

  private synchronized void install(Policy policy) {
    Policy old = active;
    if (old.digest().equals(policy.digest())) {
      return;
    }
    versions.remove(policy.digest());
    versions.put(policy.digest(), policy);
    before.addLast(old.digest());
    active = policy;
    while (versions.size() > MOST_VERSIONS) {
      String oldest = versions.keySet().iterator().next();
      versions.remove(oldest);
      before.removeIf(oldest::equals);
    }
    while (before.size() > MOST_VERSIONS) {
      before.removeFirst();
    }
  }

  private static Map<String, String> read(PolicyFiles files) {
    try {
      return files.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
