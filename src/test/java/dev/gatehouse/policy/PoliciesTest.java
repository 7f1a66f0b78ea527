package dev.gatehouse.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Decision;
import dev.gatehouse.action.Outcome;
import dev.gatehouse.action.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoliciesTest {
  private static final String ALLOW = "rules: [{id: a, text: x, tools: t, decision: allow}]\n";
  private static final String DENY = "rules: [{id: a, text: x, tools: t, decision: deny}]\n";
  private static final String FAILING =
      "rules: [{id: a, text: x, tools: t, decision: deny, when: {argument: x, equals: y}, tests:"
          + " {match: [{tool: t}]}}]\n";

  private static final Action USE =
      new Action(new Actor("acme", "ada", Role.AGENT), "s", "t", Map.of(), Map.of());

  @TempDir Path folder;

  @BeforeEach
  void writePolicy() throws IOException {
    Files.writeString(folder.resolve("p.yaml"), ALLOW);
  }

  @Test
  void keepsTheGoodPolicyWhenTheNewOneIsBad() throws Exception {
    Policies policies = Policies.load(folder);
    Policy good = policies.active();
    Files.writeString(folder.resolve("p.yaml"), "rules: [{id: a}]\n");

    assertThrows(PolicyException.class, policies::reload);

    assertSame(good, policies.active());
  }

  @Test
  void keepsTheGoodPolicyWhenTheNewOneFailsItsOwnTests() throws Exception {
    Policies policies = Policies.load(folder);

    PolicyException failure =
        assertThrows(PolicyException.class, () -> policies.activate(Map.of("p.yaml", FAILING)));

    assertTrue(failure.problems().getFirst().found().startsWith("test: "));
    assertEquals(1, policies.versions().size());
  }

  @Test
  void reloadsOnceWhenAFileChanges() throws Exception {
    Policies policies = Policies.load(folder);
    String before = policies.active().digest();
    Files.writeString(folder.resolve("q.yaml"), DENY.replace("id: a", "id: b"));

    assertTrue(policies.reloadIfChanged());
    assertFalse(policies.reloadIfChanged());
    assertNotEquals(before, policies.active().digest());
  }

  @Test
  void whoHoldsAPolicyKeepsItWhateverIsActivated() throws Exception {
    // Given
    Policies policies = Policies.load(folder);
    Policy held = policies.active();

    // When
    Files.writeString(folder.resolve("p.yaml"), DENY);
    policies.reload();

    // Then
    assertEquals(Outcome.ALLOW, held.decide(USE).outcome());
    assertEquals(Outcome.DENY, policies.active().decide(USE).outcome());
  }

  /** Both rules of a version say the same: an ask between allow and deny would be half of each. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyDecisionIsOfOneWholeVersion(boolean byApi) throws Exception {
    // Given
    Files.writeString(folder.resolve("p.yaml"), version("allow"));
    Policies policies = Policies.load(folder);
    Map<String, Outcome> expected = new ConcurrentHashMap<>();
    expected.put(policies.active().digest(), Outcome.ALLOW);
    expected.put(policies.check(Map.of("p.yaml", version("deny"))).digest(), Outcome.DENY);
    AtomicBoolean changing = new AtomicBoolean(true);
    Set<Outcome> seen = ConcurrentHashMap.newKeySet();

    // When
    Future<?> deciding;
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      deciding =
          executor.submit(() -> {
            while (changing.get()) {
              Decision decision = policies.active().decide(USE);
              seen.add(decision.outcome());
              assertEquals(expected.get(decision.policy()), decision.outcome());
              assertEquals(2, decision.reasons().size());
            }
          });
      try {
        for (int i = 0; i < 1_000 && (i < 100 || seen.size() < 2); i++) {
          String text = version(i % 2 == 0 ? "deny" : "allow");
          if (byApi) {
            policies.activate(Map.of("p.yaml", text));
          } else {
            Files.writeString(folder.resolve("p.yaml"), text);
            assertTrue(policies.reloadIfChanged());
          }
        }
      } finally {
        changing.set(false);
      }
    }

    // Then
    deciding.get();
    assertEquals(Set.of(Outcome.ALLOW, Outcome.DENY), seen);
  }

  private static String version(String decision) {
    return """
    rules:
      - {id: a, text: x, tools: t, decision: %s}
      - {id: b, text: x, tools: 't*', decision: %s}
    """
        .formatted(decision, decision);
  }

  @Test
  void tellsAllThatIsWrongWithAllFilesAndKeepsTheGoodPolicy() throws Exception {
    // Given
    Policies policies = Policies.load(folder);
    Policy good = policies.active();
    Files.writeString(folder.resolve("p.yaml"), "rules:\n  - {id: a, text: x, decison: deny}\n");
    Files.writeString(folder.resolve("q.yaml"), "rules: [\n");
    Files.writeString(
        folder.resolve("r.yaml"), "tier: top\n" + DENY.replace("tools: t", "tools: [t, '']"));

    // When
    PolicyException refusal = assertThrows(PolicyException.class, policies::reloadIfChanged);

    // Then
    assertEquals(
        List.of(
            "p.yaml:2:5",
            "p.yaml:2:5",
            "p.yaml:2:22",
            "q.yaml:2:1",
            "r.yaml:1:7",
            "r.yaml:2:9",
            "r.yaml:2:37"),
        refusal.problems().stream()
            .map(problem -> problem.file() + ":" + problem.line() + ":" + problem.column())
            .toList());
    refusal
        .problems()
        .forEach(problem -> {
          assertFalse(problem.found().isEmpty());
          assertFalse(problem.expected().isEmpty());
          assertTrue(String.valueOf(refusal.getMessage()).contains(problem.toString()));
        });
    assertSame(good, policies.active());
    assertFalse(policies.reloadIfChanged(), "it is told once");
  }

  @Test
  void rollsBackAndActivatesByDigest() throws Exception {
    Policies policies = Policies.load(folder);
    Policy first = policies.active();
    Policy second = policies.activate(Map.of("p.yaml", DENY));

    assertSame(first, policies.rollback());
    assertThrows(IllegalStateException.class, policies::rollback);
    assertSame(second, policies.activate(second.digest()));
    assertThrows(IllegalArgumentException.class, () -> policies.activate("sha256:unknown"));
  }

  @Test
  void givesTheSameContentTheSameDigest() throws Exception {
    Policies policies = Policies.load(folder);

    assertEquals(policies.active().digest(), policies.check(Map.of("p.yaml", ALLOW)).digest());
    assertNotEquals(policies.active().digest(), policies.check(Map.of("q.yaml", ALLOW)).digest());
  }

  @Test
  void takesAChoiceOverTheNextStartWhileTheFilesStayAsTheyAre() throws Exception {
    // Given
    Path versions = folder.resolve("versions");
    Policies policies = Policies.load(folder, versions);
    String first = policies.active().digest();
    Files.writeString(folder.resolve("p.yaml"), DENY);
    String second = policies.reload().digest();
    policies.rollback();

    // When
    Policies next = Policies.load(folder, versions);

    // Then
    assertEquals(first, next.active().digest());
    assertEquals(second, next.files());
    assertEquals(List.of(first, second), next.versions());
    assertEquals(second, next.activate(second).digest());
    assertEquals(first, next.rollback().digest());
  }

  @Test
  void aTouchedFileDoesNotUndoAChoice() throws Exception {
    // Given
    Policies policies = Policies.load(folder);
    String first = policies.active().digest();
    Files.writeString(folder.resolve("p.yaml"), DENY);
    policies.reload();
    policies.rollback();

    // When
    Files.writeString(folder.resolve("p.yaml"), DENY);

    // Then
    assertFalse(policies.reloadIfChanged());
    assertEquals(first, policies.active().digest());
  }

  @Test
  void takesFilesThatChangedBetweenTwoRuns() throws Exception {
    // Given
    Path versions = folder.resolve("versions");
    String first = Policies.load(folder, versions).active().digest();
    Files.writeString(folder.resolve("p.yaml"), DENY);

    // When
    Policies next = Policies.load(folder, versions);

    // Then
    assertNotEquals(first, next.active().digest());
    assertEquals(first, next.rollback().digest());
  }

  @Test
  void goesOnWithTheLastGoodVersionWhenTheFilesWentBadBetweenTwoRuns() throws Exception {
    // Given
    Path versions = folder.resolve("versions");
    String first = Policies.load(folder, versions).active().digest();
    Files.writeString(folder.resolve("p.yaml"), "rules: [{id: a}]\n");

    // When
    Policies next = Policies.load(folder, versions);

    // Then
    assertEquals(first, next.active().digest());
    assertTrue(next.startProblem() != null);
    Files.writeString(folder.resolve("p.yaml"), DENY);
    assertTrue(next.reloadIfChanged());
  }

  @Test
  void startsWithAKnownPolicyThatItsTestsNoLongerFitAndTells() throws Exception {
    // Given: taken over when another version of the program read it in another way.
    Path versions = folder.resolve("versions");
    Map<String, String> texts = Map.of("p.yaml", FAILING);
    String digest = PolicyDigest.of(new TreeMap<>(texts));
    VersionStore store = VersionsOnDisk.open(versions);
    store.keep(digest, texts);
    store.write(new Standing(digest, digest, List.of(), List.of(digest)));
    Files.writeString(folder.resolve("p.yaml"), FAILING);

    // When
    Policies policies = Policies.load(folder, versions);

    // Then
    assertEquals(digest, policies.active().digest());
    assertEquals(1, policies.testKnown().size());
  }

  @Test
  void tellsWhatIsWrongWithTheFilesWhereNothingElseCanBeUsed() throws Exception {
    // Given
    Path versions = folder.resolve("versions");
    Map<String, String> texts = Map.of("p.yaml", "rules: [{id: kept}]\n");
    String digest = PolicyDigest.of(new TreeMap<>(texts));
    VersionStore store = VersionsOnDisk.open(versions);
    store.keep(digest, texts);
    store.write(new Standing(digest, digest, List.of(), List.of(digest)));
    Files.writeString(folder.resolve("p.yaml"), "rules: nothing\n");

    // When
    PolicyException failure =
        assertThrows(PolicyException.class, () -> Policies.load(folder, versions));

    // Then
    assertTrue(failure.problems().getFirst().found().contains("rules is a text"));
  }

  @Test
  void namesFilesThatAreNoTextOrWouldBePassedOver() throws Exception {
    // Given
    Files.write(folder.resolve("bad.yaml"), new byte[] {'a', ':', '\n', ' ', (byte) 0xff});
    Files.writeString(folder.resolve("other.yml"), DENY);
    Files.write(folder.resolve("large.yaml"), new byte[(4 << 20) + 1]);
    Files.createSymbolicLink(folder.resolve(".#p.yaml"), Path.of("an-editor@somewhere"));

    // When
    PolicyException failure = assertThrows(PolicyException.class, () -> Policies.load(folder));

    // Then
    assertEquals(
        List.of(
            "bad.yaml:2:2: a byte that is no UTF-8; expected a file in UTF-8",
            "large.yaml:1:1: more than 4194304 bytes; expected several smaller files",
            "other.yml:1:1: a file named .yml; expected NAME.yaml"),
        failure.problems().stream().map(PolicyProblem::toString).toList());
  }

  @Test
  void anEditorsFilesAreLeftAlone() throws Exception {
    Files.createSymbolicLink(folder.resolve(".#p.yaml"), Path.of("an-editor@somewhere"));

    Policies policies = Policies.load(folder);

    assertFalse(policies.reloadIfChanged());
  }

  @Test
  void filesThatCouldNotBeKeptAreTriedAgain() throws Exception {
    // Given
    Path versions = folder.resolve("versions");
    Policies policies = Policies.load(folder, versions);
    Path away = folder.resolve("away");
    Files.move(versions, away);
    Files.writeString(versions, "in the way");
    Files.writeString(folder.resolve("p.yaml"), DENY);
    assertThrows(UncheckedIOException.class, policies::reloadIfChanged);

    // When
    Files.delete(versions);
    Files.move(away, versions);

    // Then
    assertTrue(policies.reloadIfChanged());
    assertEquals(Outcome.DENY, policies.active().decide(USE).outcome());
  }

  @Test
  void doesNotStartWhereItCannotTellWhichVersionWasActive() throws Exception {
    // Given
    Path versions = folder.resolve("versions");
    Policies.load(folder, versions);
    Files.writeString(versions.resolve("active"), "nonsense");

    // When
    UncheckedIOException refusal =
        assertThrows(UncheckedIOException.class, () -> Policies.load(folder, versions));

    // Then
    assertTrue(String.valueOf(refusal.getMessage()).contains("damaged"), refusal::toString);
  }

  @Test
  void keepsABoundedNumberOfVersions() throws Exception {
    // Given
    Path versions = folder.resolve("versions");
    Policies policies = Policies.load(folder, versions);

    // When
    for (int i = 0; i < 80; i++) {
      policies.activate(Map.of("p.yaml", ALLOW.replace("text: x", "text: x" + i)));
    }

    // Then
    assertEquals(64, policies.versions().size());
    try (var kept = Files.list(versions)) {
      assertEquals(65, kept.count());
    }
    Policies next = Policies.load(folder, versions);
    assertEquals(policies.active().digest(), next.active().digest());
    for (int i = 0; i < 63; i++) {
      next.rollback();
    }
    assertThrows(IllegalStateException.class, next::rollback);
  }
}
