package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.gatehouse.action.Action;
import dev.gatehouse.action.Actor;
import dev.gatehouse.action.Role;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalJsonTest {
  /** The samples of RFC 8785, appendix B, and of section 3.2.2. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0",
    "8000000000000000, 0",
    "0000000000000001, 5e-324",
    "8000000000000001, -5e-324",
    "7fefffffffffffff, 1.7976931348623157e+308",
    "ffefffffffffffff, -1.7976931348623157e+308",
    "4340000000000000, 9007199254740992",
    "c340000000000000, -9007199254740992",
    "4430000000000000, 295147905179352830000",
    "44b52d02c7e14af5, 9.999999999999997e+22",
    "44b52d02c7e14af6, 1e+23",
    "44b52d02c7e14af7, 1.0000000000000001e+23",
    "444b1ae4d6e2ef4e, 999999999999999700000",
    "444b1ae4d6e2ef4f, 999999999999999900000",
    "444b1ae4d6e2ef50, 1e+21",
    "3eb0c6f7a0b5ed8c, 9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d, 0.000001",
    "41b3de4355555553, 333333333.3333332",
    "41b3de4355555554, 333333333.33333325",
    "41b3de4355555555, 333333333.3333333",
    "becbf647612f3696, -0.0000033333333333333333",
    "43143ff3c1cb0959, 1424953923781206.2"
  })
  void writesNumbersAsEcmaScriptDoes(String bits, String expected) {
    double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));

    assertEquals(expected, CanonicalJson.of(value));
  }

  @Test
  void writesTextsWithTheShortestEscapes() {
    assertEquals(
        "\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\u0000\\t\\b\\f\\r\u007f\"",
        CanonicalJson.of("\u20ac$\u000f\nA'B\"\\\\\"/\u0000\t\b\f\r\u007f"));
  }

  @Test
  void sortsNamesByTheirUtf16Units() {
    Map<String, Object> object = new LinkedHashMap<>();
    for (String name : List.of("\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6")) {
      object.put(name, 1);
    }

    assertEquals(
        "{\"\\r\":1,\"1\":1,\"\u0080\":1,\"\u00f6\":1,\"\u20ac\":1,\"\ud83d\ude00\":1,\"\ufb33\":1}",
        CanonicalJson.of(object));
  }

  @Test
  void keepsListsInOrderAndNothingElse() {
    assertEquals(
        "[3,null,true,[],{}]", CanonicalJson.of(Arrays.asList(3, null, true, List.of(), Map.of())));
  }

  @Test
  void differentWholeNumbersNeverGetTheSameText() {
    BigInteger large = BigInteger.TWO.pow(80);

    assertNotEquals(CanonicalJson.of(large), CanonicalJson.of(large.add(BigInteger.ONE)));
    assertNotEquals(CanonicalJson.of(1L << 53), CanonicalJson.of((1L << 53) + 1));
  }

  @Test
  void refusesWhatIsNoJson() {
    assertThrows(IllegalArgumentException.class, () -> CanonicalJson.of(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> CanonicalJson.of(new Object()));
  }

  @Test
  void aDigestIsAnotherForEachPartOfTheAction() {
    Actor actor = new Actor("t", "a", Role.AGENT);
    Action action =
        new Action(
            actor,
            "s",
            "bash",
            Map.of("command", "ls", "env", Map.of("A", "1")),
            Map.of("sandbox", Map.of("runtime", "runsc")));
    String digest = ActionDigest.of(action, "p");

    assertEquals(digest, ActionDigest.of(action, "p"));
    assertNotEquals(digest, ActionDigest.of(action, "q"));
    for (Action other :
        List.of(
            new Action(
                new Actor("t", "b", Role.AGENT), "s", "bash", action.arguments(), action.context()),
            new Action(actor, "s2", "bash", action.arguments(), action.context()),
            new Action(actor, "s", "sh", action.arguments(), action.context()),
            new Action(
                actor,
                "s",
                "bash",
                Map.of("command", "ls ", "env", Map.of("A", "1")),
                action.context()),
            new Action(
                actor,
                "s",
                "bash",
                Map.of("command", "ls", "env", Map.of("B", "1")),
                action.context()),
            new Action(
                actor,
                "s",
                "bash",
                action.arguments(),
                Map.of("sandbox", Map.of("runtime", "runc"))))) {
      assertNotEquals(digest, ActionDigest.of(other, "p"));
    }
  }
}
