package dev.gatehouse.approval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.action.ApprovalTerms;
import dev.gatehouse.action.Hours;
import io.vertx.core.json.JsonObject;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
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
    Hours night =
        new Hours(
            LocalTime.of(22, 0),
            LocalTime.of(6, 0, 30),
            Set.of(DayOfWeek.SUNDAY, DayOfWeek.MONDAY),
            ZoneId.of("Europe/Berlin"));
    ApprovalTerms atNight =
        new ApprovalTerms(List.of(), 1, 1000, false, List.of(), 500, List.of(night));
    assertEquals(atNight, TermsJson.read(new JsonObject(TermsJson.of(atNight).encode())));
    ApprovalTerms tried =
        new ApprovalTerms(List.of(), 1, 1000, false, List.of(), 0, List.of(), true);
    assertEquals(tried, TermsJson.read(TermsJson.of(tried)));
  }
}
