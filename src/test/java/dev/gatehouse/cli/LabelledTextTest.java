package dev.gatehouse.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.gatehouse.cli.LabelledText.Kind;
import dev.gatehouse.cli.LabelledText.Label;
import dev.gatehouse.cli.LabelledText.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LabelledTextTest {
  private static final String GOOD =
      "{\"id\":\"1\",\"kind\":\"cmd\",\"text\":\"dir\",\"label\":\"benign\",\"tier\":\"B\",\"note\":[1]}";

  @TempDir Path folder;

  @Test
  void readsWhatIsGivenAndMakesUpNothing() throws IOException {
    String bare = "{\"kind\":\"python\",\"text\":\"\",\"label\":\"ambiguous\"}";

    assertEquals(
        List.of(
            new LabelledText("1", Kind.CMD, "dir", Label.BENIGN, Tier.B, ""),
            new LabelledText("", Kind.PYTHON, "", Label.AMBIGUOUS, Tier.NONE, "")),
        read(GOOD + "\n\n  \n" + bare + "\n"));
  }

  @Test
  void tellsEveryWrongLineAtOnceWithItsPlace() {
    String lines =
        String.join(
            "\n",
            GOOD,
            "{\"kind\":\"fish\",\"text\":\"x\",\"label\":\"dangerous\"}",
            "",
            GOOD.replace("benign", "harmless").replace("\"B\"", "\"a\""),
            GOOD.replace("\"text\":\"dir\"", "\"text\":7"),
            "{\"text\":\"x\"}",
            "not json",
            GOOD + " {}",
            GOOD.replace("\"id\":\"1\"", "\"kind\":\"bash\""),
            GOOD);

    IOException refusal = assertThrows(IOException.class, () -> read(lines));

    List<String> told =
        String.valueOf(refusal.getMessage()).replace(folder + "/", "").lines().toList();
    assertEquals(
        List.of(
            "i.jsonl:2: kind is 'fish', expected one of bash, python, powershell, cmd",
            "i.jsonl:4: label is 'harmless', expected one of dangerous, benign, ambiguous",
            "i.jsonl:4: tier is 'a', expected A, B or ''",
            "i.jsonl:5: text is no text",
            "i.jsonl:6: no 'kind'",
            "i.jsonl:6: no 'label'"),
        told.subList(0, 6));
    assertEquals(9, told.size(), told::toString);
    for (int i = 0; i < 3; i++) {
      assertTrue(
          told.get(6 + i).startsWith("i.jsonl:" + (7 + i) + ": no JSON object: "), told::toString);
    }
  }

  @Test
  void tellsABoundedNumberOfThem() {
    IOException refusal = assertThrows(IOException.class, () -> read("{}\n".repeat(1_000)));

    List<String> told = String.valueOf(refusal.getMessage()).lines().toList();
    assertEquals(101, told.size());
    assertEquals("and 2900 more", told.getLast());
  }

  @Test
  void refusesWhatIsNoText() throws IOException {
    Path file = folder.resolve("i.jsonl");
    Files.write(file, new byte[] {'{', (byte) 0xff, '}'});

    IOException refusal = assertThrows(IOException.class, () -> LabelledText.read(file));

    assertTrue(String.valueOf(refusal.getMessage()).endsWith("it is not UTF-8"));
  }

  private List<LabelledText> read(String lines) throws IOException {
    return LabelledText.read(Files.writeString(folder.resolve("i.jsonl"), lines));
  }
}
