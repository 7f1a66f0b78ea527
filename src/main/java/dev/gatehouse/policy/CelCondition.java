package dev.gatehouse.policy;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelConstant;
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
 */
record CelCondition(Source source, String expression, Set<String> texts, CelRuntime.Program program)
    implements Condition {
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
            .addVar("context", JSON)
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
      return new CelCondition(source, expression, texts(tree), Cel.RUNTIME.createProgram(tree));
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

  @Override
  public boolean holds(Facts facts) {
    Action action = facts.action;
    Map<String, Object> variables =
        Map.of(
            "tool", action.tool(),
            "session", action.session(),
            "actor",
                Map.of(
                    "tenant", action.actor().tenant(),
                    "name", action.actor().name(),
                    "role", action.actor().role().word()),
            "arguments", CelValues.of(action.arguments()),
            "context", CelValues.of(action.context()));
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
