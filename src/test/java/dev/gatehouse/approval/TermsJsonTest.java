package dev.gatehouse.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.action.ApprovalTerms;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class TermsJsonTest {
  private static final ApprovalTerms TERMS =
      new ApprovalTerms(List.of(List.of("group:sre", "ben"), List.of("ada")), 2, 600_000, true);
  private static final String JSON =
      """
      {"approvers":[["group:sre","ben"],["ada"]],"quorum":2,"timeoutMillis":600000,"reasonRequired":true}\
      """;

  @Test
  void writesWhoHowManyHowLongAndWhetherWithAReason() {
    assertEquals(JSON, TermsJson.of(TERMS).encode());
  }

  @Test
  void readsWhatItWrote() {
    assertEquals(TERMS, TermsJson.read(new JsonObject(JSON)));
    ApprovalTerms escalating =
        new ApprovalTerms(List.of(), 1, 1000, false, List.of(List.of("group:oncall")));
    assertEquals(escalating, TermsJson.read(TermsJson.of(escalating)));
  }
}
