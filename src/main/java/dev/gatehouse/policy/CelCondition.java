package dev.gatehouse.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.gatehouse.action.Action;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Holds if an expression of the Common Expression Language is true. It sees {@code tool}, {@code
 * session}, {@code actor} (with {@code tenant}, {@code name}, {@code role}), {@code arguments} and
 * {@code context}.
 *
 * @param expression as written
 * @param texts the texts it is written with: what it may compare with
 * @param program compiled and type-checked
 * @param readsAnnotations whether it can look at a tool's annotations
 */
record CelCondition(
    Source source,
    String expression,
    Set<String> texts,
    CelRuntime.Program program,
    boolean readsAnnotations)
    implements Condition {
  private static final String CONTEXT = "context";
  private static final MapType JSON = MapType.create(SimpleType.STRING, SimpleType.DYN);

  /** One compiler and one runtime for all; both are immutable. */
  private static final class Cel {
    static final CelCompiler COMPILER =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .addVar("tool", SimpleType.STRING)
            .addVar("session", SimpleType.STRING)
            .addVar("actor", MapType.create(SimpleType.STRING, SimpleType.STRING))
            .addVar("arguments", JSON)
            .addVar(CONTEXT, JSON)
            .setResultType(SimpleType.BOOL)
            .build();
    static final CelRuntime RUNTIME = CelRuntimeFactory.plannerRuntimeBuilder().build();
  }

  /**
   * Compiles and type-checks.
   *
   * @throws IllegalArgumentException with a sentence for the author
   */
  static CelCondition compile(Source source, String expression) {
    try {
      CelAbstractSyntaxTree tree = Cel.COMPILER.compile(expression).getAst();
      return new CelCondition(
          source, expression, texts(tree), Cel.RUNTIME.createProgram(tree), readsAnnotations(tree));
    } catch (CelValidationException | CelEvaluationException e) {
      throw new IllegalArgumentException(String.valueOf(e.getMessage()).strip(), e);
    }
  }

  private static Set<String> texts(CelAbstractSyntaxTree tree) {
    return CelNavigableAst.fromAst(tree)
        .getRoot()
        .allNodes()
        .filter(node -> node.getKind() == ExprKind.Kind.CONSTANT)
        .map(node -> node.expr().constant())
        .filter(constant -> constant.getKind() == CelConstant.Kind.STRING_VALUE)
        .map(CelConstant::stringValue)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** It does unless the context is used for another thing in it only, which it names. */
  private static boolean readsAnnotations(CelAbstractSyntaxTree tree) {
    return CelNavigableAst.fromAst(tree)
        .getRoot()
        .allNodes()
        .filter(node -> node.getKind() == ExprKind.Kind.IDENT)
        .filter(node -> node.expr().ident().name().equals(CONTEXT))
        .anyMatch(node -> {
          String name = node.parent().map(parent -> named(parent.expr())).orElse("");
          return name.isEmpty() || name.equals(ValueCondition.ANNOTATIONS);
        });
  }

  /** What an expression takes from a map by name; empty if it does something else. */
  private static String named(CelExpr expression) {
    return switch (expression.getKind()) {
      case SELECT -> expression.select().field();
      case CALL -> {
        CelExpr.CelCall call = expression.call();
        CelExpr name =
            switch (call.function()) {
              case "_[_]" -> call.args().getLast();
              case "@in" -> call.args().getFirst();
              default -> expression;
            };
        boolean constant =
            name.getKind() == ExprKind.Kind.CONSTANT
                && name.constant().getKind() == CelConstant.Kind.STRING_VALUE;
        yield constant ? name.constant().stringValue() : "";
      }
      default -> "";
    };
  }

  @Override
  public boolean holds(Facts facts) {
    Action action = facts.action;
    Map<String, Object> variables =
        Map.of(
            "tool",
            action.tool(),
            "session",
            action.session(),
            "actor",
            Map.of(
                "tenant", action.actor().tenant(),
                "name", action.actor().name(),
                "role", action.actor().role().word()),
            "arguments",
            CelValues.of(action.arguments()),
            CONTEXT,
            CelValues.of(action.context()));
    try {
      return program.eval(variables) instanceof Boolean holds && holds;
    } catch (CelEvaluationException e) {
      throw new RuleFailure("CEL: " + e.getMessage());
    }
  }

  @Override
  public Need need() {
    return Need.nothing();
  }
}
