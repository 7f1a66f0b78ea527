package dev.gatehouse;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.gatehouse.Api.Answer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What may wait, who may answer it, and what becomes of a right where there is no room. */
class ApprovalLimitsIT {
  private static final int PENDING = 4;
  private static final Path POLICIES = ApprovalKeys.copyOfPolicy("limited");

  @RegisterExtension
  static final RunningServer SERVER =
      new RunningServer()
          .with("GATEHOUSE_POLICY_DIRECTORY", POLICIES.toString())
          .with("GATEHOUSE_KEYS", ApprovalKeys.setting(ApprovalKeys.USUAL))
          .with("GATEHOUSE_LIMITS_PENDING_APPROVALS", Integer.toString(PENDING))
          .with("GATEHOUSE_LIMITS_TENANTS", "[{name: default, sandboxes: 1}]");

  private final Api api = SERVER.api();

  @BeforeAll
  static void write() throws IOException {
    ApprovalKeys.write(ApprovalKeys.USUAL, SERVER.data());
    String offDay =
        LocalDate.now(ZoneOffset.UTC).minusDays(3).getDayOfWeek().name().toLowerCase(Locale.ROOT);
    Files.writeString(
        POLICIES.resolve("duty.yaml"),
        """
        policy: duty
        tier: organisation
        rules:
          - id: off-duty
            text: those who are asked are off duty
            tools: [bash]
            when: [{actor: session, starts: off}]
            decision: ask
            risk: medium
            approval: {duty: {from: '00:00', to: '23:59', days: [%s], zone: UTC}}
        """
            .formatted(offDay));
    assertEquals(200, SERVER.api().post("operator", "/v1/policies:reload", "").status());
  }

  private Answer ask(String session, String code) {
    return api.post("agent", "/v1/executions", Api.execution("bash", code).put("session", session));
  }

  private Answer decide(String who, Answer asked, String decision) {
    return api.post(
        who,
        "/v1/approvals/" + asked.body().getString("approvalId") + "/decision",
        new JsonObject().put("decision", decision));
  }

  @Test
  void whereThereIsNoRoomForASandboxTheRightToItStays() {
    // Given
    JsonObject first = new JsonObject().put("session", "first");
    Answer asked = api.post("agent", "/v1/sandboxes", first);
    decide("ada", asked, "approve");
    first.put("approval", asked.body().getString("approvalId"));
    Answer held = api.post("agent", "/v1/sandboxes", first);
    assertEquals(201, held.status(), held.body().encode());
    JsonObject second = new JsonObject().put("session", "second");
    asked = api.post("agent", "/v1/sandboxes", second);
    decide("ada", asked, "approve");
    second.put("approval", asked.body().getString("approvalId"));

    // When
    Answer refused = api.post("agent", "/v1/sandboxes", second);
    api.delete("agent", "/v1/sandboxes/" + held.body().getString("id"));
    Answer made = api.post("agent", "/v1/sandboxes", second);

    // Then
    assertEquals("quota.exceeded", refused.code(), refused.body().encode());
    assertEquals(201, made.status(), made.body().encode());
    api.delete("agent", "/v1/sandboxes/" + made.body().getString("id"));
    Answer again = api.post("agent", "/v1/sandboxes", second);
    assertEquals("approval.consumed", again.code(), again.body().encode());
    assertEquals(
        List.of(), api.get("agent", "/v1/sandboxes").body().getJsonArray("sandboxes").getList());
  }

  @Test
  void noMoreQuestionsWaitThanThereMayInAll() {
    // Given
    List<Answer> asked = new ArrayList<>();
    for (int i = 0; i < PENDING; i++) {
      asked.add(ask("s", "echo wait " + i));
    }

    // When
    Answer refused = ask("s", "echo one more");

    // Then
    assertEquals(429, refused.status(), refused.body().encode());
    assertEquals("approvals.exhausted", refused.code());
    asked.forEach(one -> assertEquals(200, decide("ada", one, "deny").status()));
    Answer room = ask("s", "echo one more");
    assertEquals(202, room.status(), room.body().encode());
    assertEquals(200, decide("ada", room, "deny").status());
  }

  @Test
  void aPersonIsAskedByNameOrByRole() {
    // Given
    Answer named = ask("named", "echo named");
    Answer role = ask("role", "echo role");

    // When, then
    assertEquals("approval.not-asked", decide("ada", named, "approve").code());
    assertEquals("approved", decide("ben", named, "approve").body().getString("state"));
    assertEquals("role.wrong", decide("operator", role, "approve").code());
    assertEquals("approved", decide("dan", role, "approve").body().getString("state"));
  }

  @Test
  void whereNobodyIsOnDutyTheActionIsRefused() {
    // When
    Answer refused = ask("off", "echo off");

    // Then
    assertEquals(403, refused.status(), refused.body().encode());
    assertEquals("approval.off-duty", refused.code());
  }
}
