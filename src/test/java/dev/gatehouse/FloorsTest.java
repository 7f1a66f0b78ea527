package dev.gatehouse;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.MethodCallTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.gatehouse.store.EmbeddedDatabase;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** The floors of DESIGN.md, section 3: a package imports only from floors below its own. */
@AnalyzeClasses(packages = "dev.gatehouse", importOptions = ImportOption.DoNotIncludeTests.class)
class FloorsTest {
  private static final String ROOT = "dev.gatehouse";

  /** The command line stands beside the main program. */
  private static final int ROOF = 5;

  private static final Map<String, Integer> FLOORS =
      Map.ofEntries(
          Map.entry("", ROOF),
          Map.entry("cli", ROOF),
          Map.entry("http", 4),
          Map.entry("gate", 3),
          Map.entry("policy", 2),
          Map.entry("approval", 2),
          Map.entry("sandbox", 2),
          Map.entry("audit", 2),
          Map.entry("latency", 1),
          Map.entry("store", 1),
          Map.entry("config", 0),
          Map.entry("action", 0));

  /**
   * Read a little wider than the design's table: both are on the ground, and a configured key has a
   * role, which is a word of {@code action}.
   */
  private static final Map<String, Set<String>> NEIGHBOURS = Map.of("config", Set.of("action"));

  /** Calls that hold a thread until something happens. */
  private static final Map<Class<?>, Set<String>> BLOCKING =
      Map.of(
          Thread.class, Set.of("sleep", "join"),
          io.vertx.core.Future.class, Set.of("await"),
          java.util.concurrent.Future.class, Set.of("get"),
          CompletableFuture.class, Set.of("get", "join"),
          CountDownLatch.class, Set.of("await"),
          Process.class, Set.of("waitFor"));

  @ArchTest
  static final ArchRule packagesImportOnlyFromFloorsBelow =
      ArchRuleDefinition.classes()
          .should(
              new ArchCondition<>("import only from floors below their own") {
                @Override
                public void check(JavaClass origin, ConditionEvents events) {
                  origin.getDirectDependenciesFromSelf().stream()
                      .filter(dependency -> isOurs(dependency.getTargetClass()))
                      .filter(dependency -> !isAllowed(dependency))
                      .forEach(dependency ->
                          events.add(
                              SimpleConditionEvent.violated(origin, dependency.getDescription())));
                }
              });

  @ArchTest
  static final ArchRule everyPackageHasAFloor =
      ArchRuleDefinition.classes()
          .should(
              new ArchCondition<>("live in a package that has a floor") {
                @Override
                public void check(JavaClass origin, ConditionEvents events) {
                  boolean has = FLOORS.containsKey(packageOf(origin));
                  events.add(new SimpleConditionEvent(origin, has, origin + " has no floor"));
                }
              });

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.gatehouse.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule policyIsPlainJava =
      noClasses()
          .that()
          .resideInAPackage("dev.gatehouse.policy..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.vertx..", "io.netty..", "com.github.dockerjava..", "java.sql..", "javax.sql..");

  @ArchTest
  static final ArchRule onlySandboxTalksToDocker =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.gatehouse.sandbox..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.github.dockerjava..");

  /** What is done on the sandbox loop, a hit of the pool above all, waits for no disk. */
  @ArchTest
  static final ArchRule theSandboxLoopTouchesNoFiles =
      noClasses()
          .that()
          .resideInAPackage("dev.gatehouse.sandbox")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("java.nio.file..")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("java\\.io\\.(File.*|RandomAccessFile)");

  /** The roof hands the database's address from what starts it to what connects to it. */
  @ArchTest
  static final ArchRule onlyTheKeepersOfRecordsSpeakSql =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              ROOT, "dev.gatehouse.store..", "dev.gatehouse.audit..", "dev.gatehouse.approval..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx.sqlclient..", "io.vertx.pgclient..", "java.sql..");

  /**
   * The roof waits for the start and the stop on the main thread; {@code DockerVerticle} is a
   * worker, as does {@code Keeper}; {@code EmbeddedDatabase} says of all its methods that they
   * block, and the roof calls them in a worker.
   */
  @ArchTest
  static final ArchRule noEventLoopWaits =
      noClasses()
          .that(
              describe(
                  "are not the roof's, nor on a worker's threads",
                  type ->
                      FLOORS.getOrDefault(packageOf(type), 0) < ROOF
                          && !type.isEquivalentTo(EmbeddedDatabase.class)
                          && !type.getName().equals("dev.gatehouse.audit.Keeper")
                          && !type.getName().startsWith("dev.gatehouse.sandbox.DockerVerticle")))
          .should()
          .callMethodWhere(isBlocking());

  private static DescribedPredicate<JavaMethodCall> isBlocking() {
    return describe(
        "the call holds its thread",
        call -> {
          MethodCallTarget target = call.getTarget();
          return BLOCKING.entrySet().stream()
              .anyMatch(entry ->
                  target.getOwner().isAssignableTo(entry.getKey())
                      && entry.getValue().contains(target.getName()));
        });
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
  }

  private static boolean isAllowed(Dependency dependency) {
    String from = packageOf(dependency.getOriginClass());
    String to = packageOf(dependency.getTargetClass());
    return from.equals(to)
        || NEIGHBOURS.getOrDefault(from, Set.of()).contains(to)
        || FLOORS.getOrDefault(from, 0) > FLOORS.getOrDefault(to, ROOF);
  }

  /** The name after {@code dev.gatehouse}, without sub-packages: a feature is one room. */
  private static String packageOf(JavaClass type) {
    String rest = type.getPackageName().substring(ROOT.length());
    return rest.isEmpty() ? "" : rest.substring(1).split("\\.", 2)[0];
  }
}
