package dev.gatehouse.audit.redact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {
  private static final byte[] KEY = new byte[32];
  private final Redactor redactor = new Redactor(KEY, false);

  /** In each, what stands between « and » is secret; the rest must stay. A ~ is left out. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "key is «AKIA~IOSFODNN7EXAMPLE»",
        "«ghp_~abcdefghijklmnopqrstuvwxyz0123456789» pushed",
        "«github_pat_~11ABCDEFG0abcdefghij_klmnopqrstuv»",
        "slack «xoxb~-123456789012-abcdefGHIJKL»",
        "post to «https://hooks.slack.com/~services/T0000/B0000/XXXXXXXXXXXX»",
        "maps «AIza~SyA1234567890abcdefghijklmnopqrstuv»",
        "«sk-~ant-api03-abcdefghij0123456789»",
        "«sk-~proj-abcdefghij0123456789»",
        "«sk_live~_abcdefghijklmnop12»",
        "«glpat-~abcdefghijklmnopqrst»",
        "jwt «eyJ~hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N»",
        "curl -H 'Authorization: Bearer «abc123def456ghi»' https://x.example",
        "psql postgresql://app:«hunter2»@db.example:5432/app",
        "redis://:«p4ss»@cache:6379",
        "amqp://u:«p@ss»@mq/vhost",
        "export AWS_SECRET_ACCESS_KEY=«wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY»",
        "PGPASSWORD=«hunter2» psql -h db",
        "password: «hunter2»",
        "api_key = '«correct horse battery»'",
        "{\\\"client_secret\\\": \\\"«s3cr3tvalue»\\\"",
        "mysqldump -u root -p«hunter2» shop",
        "tool --password «hunter2» --verbose",
        "tool --api-key=«hunter2-and-more»",
        "curl -u admin:«hunter2» http://x",
        "sshpass -p «hunter2» ssh host",
        "card «4111 1111 1111 1111» exp 12/30",
        "card «378282246310005»",
        "my card is «4111111111111111».",
        "my card is «4111 1111 1111 1111».",
        "card «4111 1111 1111 1111» 123",
        "card «4111-1111-1111-1111» 12 30",
        "card «4111111111111111» 737",
        "order 17 «4111 1111 1111 1111»",
        "unionpay «6200000000000005»",
        "amex «3782 822463 10005» 1234",
        "vault «hvs.~CAESIJ0123456789abcdefghijklmnop»",
        "docker login -p «dckr_~pat_abcdefghij0123456789ABCDEFG»",
        "twilio «SK~0123456789abcdef0123456789abcdef»",
        "grafana «glsa_~0123456789abcdef0123456789abcdef_0123abcd»",
        "runner «glrt-~abcdefghijklmnopqrst»",
        "deploy «gldt-~abcdefghijklmnopqrst»",
        "linear «lin_~api_abcdefghijklmnopqrstuvwxyz0123456789ABCD»",
        "pulumi «pul-~0123456789abcdef0123456789abcdef01234567»",
        "new relic «NRAK-~ABCDEFGHIJKLMNOPQRSTUVWXYZ1»",
        "gem «rubygems_~0123456789abcdef0123456789abcdef0123456789abcdef»",
        "supabase «sbp_~0123456789abcdef0123456789abcdef01234567»",
        "«AGE-~SECRET-KEY-1QQPQZG7QQPQZG7QQPQZG7QQPQZG7QQPQZG7QQPQZG7QQPQZG7QQPQZG7QQ»",
        "Cookie: «sid=abc; theme=dark»",
        "a «-----BEGIN RSA ~PRIVATE KEY-----\nMIIE\n-----END RSA ~PRIVATE KEY-----» b",
        "«-----BEGIN OPENSSH ~PRIVATE KEY-----\nb3Bl\n-----END OPENSSH ~PRIVATE KEY-----»",
        "«-----BEGIN EC ~PRIVATE KEY-----\ncut off in the middle»",
        "«-----BEGIN PGP ~PRIVATE KEY BLOCK-----\nx\n-----END PGP ~PRIVATE KEY BLOCK-----»",
        "«-----BEGIN ENCRYPTED ~PRIVATE KEY-----\nx\n-----END ENCRYPTED ~PRIVATE KEY-----»"
      })
  void takesTheSecretOutAndLeavesTheRest(String marked) {
    // Given
    String example = marked.replace("~", "");
    int start = example.indexOf('«');
    int end = example.indexOf('»');
    String text = example.replace("«", "").replace("»", "");

    // When
    String redacted = redactor.text(text);

    // Then
    String before = example.substring(0, start);
    String after = example.substring(end + 1);
    String secret = example.substring(start + 1, end);
    assertTrue(redacted.startsWith(before + "[redacted:"), redacted);
    assertTrue(redacted.endsWith(redactor.digest(secret) + "]" + after), redacted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keyboard=qwerty",
        "max_tokens=4096",
        "token_count: 17",
        "the tokenizer split it into tokens: 5 of them",
        "import secrets; secrets.token_hex()",
        "password = input('Password? ')",
        "token = os.environ['TOKEN']",
        "def login(user: str, password: str, token: Optional[str] = None)",
        "task-management-system-with-a-long-name-1234",
        "the risk-assessment-of-2024-was-long",
        "https://example.com:8080/path@v2",
        "docker run -u 1000:1000 image",
        "1234567890123456 and 4111 1111 1111 1112 are no cards",
        "pi is 3.4111111111111111 and 4111111111111111.5 is no card",
        "a4111111111111111 and 4111111111111111_b are names",
        "rows 1024 2048 4096 8192 and 12 34 56 78 90 12 34 56 78",
        "id 01932c07-f0a1-7000-8000-123456789012",
        "the bearer of good news",
        "a basic introduction",
        "monkey=banana",
        "ls -la /etc && cat /etc/hostname",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "someone@example.com"
      })
  void leavesAloneWhatIsNoSecret(String text) {
    assertEquals(text, redactor.text(text));
  }

  @Test
  void equalSecretsCanBeCorrelatedButNotGuessedWithoutTheKey() {
    // Given
    byte[] otherKey = KEY.clone();
    otherKey[0] = 1;

    // When
    String first = redactor.text("password=hunter2");
    String second = redactor.text("PASSWORD=hunter2");

    // Then
    assertEquals(first.substring(9), second.substring(9));
    assertNotEquals(first, new Redactor(otherKey, false).text("password=hunter2"));
    assertNotEquals(first, redactor.text("password=hunter3"));
  }

  @Test
  void looksIntoNestedStructuresListsAndJsonInsideText() {
    // Given
    String inner = new JsonObject().put("db", new JsonObject().put("password", "hunter2")).encode();
    JsonObject json =
        new JsonObject()
            .put("list", new JsonArray().add("fine").add("token=hunter2").add(7))
            .put("deep", new JsonObject().put("apiKey", new JsonArray().add("hunter2")))
            .put("pin_token", 123456)
            .put("X-Api-Key", "hunter2")
            .put("text", inner)
            .put("twice", new JsonObject().put("body", inner).encode())
            .put("secret", true)
            .put("max_tokens", 4096)
            .put("keyboard", "hunter-layout")
            .put("card", 4111111111111111L);

    // When
    JsonObject redacted = new JsonObject(redactor.json(json.encode()));

    // Then
    assertFalse(redacted.encode().contains("hunter2"), redacted.encode());
    assertFalse(redacted.encode().contains("123456"), redacted.encode());
    assertFalse(redacted.encode().contains("4111"), redacted.encode());
    assertEquals("fine", redacted.getJsonArray("list").getString(0));
    assertEquals(7, redacted.getJsonArray("list").getInteger(2));
    assertEquals(4096, redacted.getInteger("max_tokens"));
    assertEquals("hunter-layout", redacted.getString("keyboard"));
    assertTrue(redacted.getBoolean("secret"));
    assertTrue(new JsonObject(redacted.getString("text")).containsKey("db"));
  }

  @Test
  void takesOutEveryCardOfARow() {
    String redacted = redactor.text("4111 1111 1111 1111 5500 0000 0000 0004 378282246310005");

    assertEquals(3, redacted.split("redacted:", -1).length - 1, redacted);
    assertFalse(redacted.matches(".*\\d{4} \\d{4}.*"), redacted);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "password", "dbPassword", "DB_PASSWORD", "x-api-key", "accessToken", "access_tokens",
        "client.secret", "Authorization", "privateKey", "password2", "secret_value", "APIKey"
      })
  void knowsTheNamesOfSecrets(String name) {
    assertTrue(SecretName.is(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keyboard", "max_tokens", "token_count", "tokenizer", "key", "primary_key", "keys",
        "passwordPolicy", "monkey", "author", "secretary", "tokens", "cookieless", ""
      })
  void knowsTheNamesThatOnlyLookLikeIt(String name) {
    assertFalse(SecretName.is(name));
  }

  @Test
  void redactsAddressesOnlyWhereToldTo() {
    assertEquals(
        "to [redacted:email:",
        new Redactor(KEY, true).text("to someone@example.com now").substring(0, 19));
  }

  @Property
  void doesNothingTheSecondTime(@ForAll String noise) {
    String once = redactor.text(noise + " password=hunter2 " + noise);
    assertFalse(once.contains("hunter2"));
    assertEquals(once, redactor.text(once));
  }

  @Property
  void brokenJsonIsText(@ForAll String noise) {
    String redacted = redactor.json("{" + noise + " token=hunter2hunter2");
    assertFalse(redacted.contains("hunter2hunter2"), redacted);
  }
}
