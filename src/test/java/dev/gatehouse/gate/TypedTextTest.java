package dev.gatehouse.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.gate.TypedText.Judged;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class TypedTextTest {
  private final TypedText typed = new TypedText();

  @Test
  void aPieceIsJudgedWithWhatWasSentBefore() {
    // Given
    send("rm -r");

    // When
    Judged judged = typed.with(Buffer.buffer("f /\n"));

    // Then
    assertEquals("f /\n", judged.piece());
    assertEquals("rm -rf /\n", judged.whole());
    assertFalse(judged.cut());
  }

  @Test
  void whatWasNotSentIsNotPartOfIt() {
    // Given
    assertTrue(typed.begin(typed.with(Buffer.buffer("lost"))));
    typed.notSent();

    // Then
    assertEquals("kept", typed.with(Buffer.buffer("kept")).whole());
  }

  @Test
  void twoAtOnceAreNotSentBesideEachOther() {
    // Given
    Judged first = typed.with(Buffer.buffer("rm -rf"));
    Judged second = typed.with(Buffer.buffer(" /\n"));

    // When
    boolean begun = typed.begin(first);
    boolean beside = typed.begin(second);
    typed.sent(first);
    boolean after = typed.begin(second);

    // Then
    assertTrue(begun);
    assertFalse(beside, "the first is on its way");
    assertFalse(after, "it was judged without the first");
    assertTrue(typed.begin(typed.with(Buffer.buffer(" /\n"))));
  }

  @Test
  void nulAndWhatIsNotUtf8HideNothing() {
    // When
    Judged judged = typed.with(Buffer.buffer(new byte[] {'r', 0, 'm', (byte) 0xFF, '\n'}));

    // Then
    assertEquals("rm\uFFFD\n", judged.whole());
  }

  @Test
  void onlyTheLatestIsJudgedAgainAndThatIsSaid() {
    // Given
    send("first");
    send("x".repeat(TypedText.MAX_EARLIER_CHARS));

    // When
    Judged judged = typed.with(Buffer.buffer("last"));

    // Then
    assertEquals("x".repeat(TypedText.MAX_EARLIER_CHARS) + "last", judged.whole());
    assertTrue(judged.cut());
  }

  private void send(String text) {
    Judged judged = typed.with(Buffer.buffer(text));
    assertTrue(typed.begin(judged));
    typed.sent(judged);
  }
}
