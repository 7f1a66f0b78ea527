package dev.gatehouse.audit.redact;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.safere.Pattern;

/**
 * A kind of secret that can be told by its shape. The shapes are those the providers document, as
 * gitleaks and detect-secrets have them.
 *
 * @param kind what stands in the record instead
 * @param hints in small letters; without one of them the pattern cannot match
 * @param pattern its first group that took part is the secret, else the whole
 * @param real tells a secret from what only looks like one
 */
record SecretShape(String kind, List<String> hints, Pattern pattern, Predicate<String> real) {
  private static final String NAME =
      "(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|secret[_-]?key"
          + "|private[_-]?key|account[_-]?key|auth[_-]?key|signing[_-]?key|credentials?)";

  private static final List<String> NAME_HINTS =
      List.of("passw", "passph", "pwd", "secret", "token", "key", "credential");

  /** What stands after a name in code and prose where a secret would. */
  private static final Set<String> NO_SECRETS =
      Set.of(
          "str",
          "string",
          "text",
          "int",
          "bool",
          "bytes",
          "any",
          "none",
          "null",
          "nil",
          "true",
          "false",
          "undefined",
          "optional",
          "required",
          "self",
          "input",
          "getpass",
          "os",
          "process",
          "env",
          "config",
          "settings",
          "request",
          "req",
          "args",
          "await",
          "new",
          "this",
          "function",
          "the",
          "and",
          "not",
          "is",
          "const",
          "let",
          "var");

  /** In order: what an earlier one found a later one leaves alone. */
  static final List<SecretShape> ALL =
      List.of(
          shape(
              "private-key",
              "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?s:.*?)"
                  + "(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\\z)",
              "private key"),
          shape("jwt", "\\b(eyJ[\\w-]{8,}\\.[\\w-]{8,}\\.[\\w-]*(?:\\.[\\w-]+)*)", "eyj"),
          shape(
              "aws-key",
              "\\b((?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA)[A-Z0-9]{16})\\b",
              "akia",
              "asia",
              "aroa",
              "aida",
              "agpa",
              "anpa",
              "abia",
              "acca"),
          shape(
              "github-token",
              "\\b(gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\\w{20,255})",
              "ghp_",
              "gho_",
              "ghu_",
              "ghs_",
              "ghr_",
              "github_pat_"),
          shape(
              "slack-token",
              "\\b(xox[abeoprs](?:\\.xox[abp])?-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}"
                  + "|https://hooks\\.slack\\.com/[A-Za-z0-9/_-]{16,})",
              "xox",
              "xapp-",
              "hooks.slack.com"),
          shape(
              "gcp-key",
              "\\b(AIza[\\w-]{35}|ya29\\.[\\w-]{20,}|GOCSPX-[\\w-]{20,})",
              "aiza",
              "ya29.",
              "gocspx-"),
          shape(
              "stripe-key",
              "\\b((?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9]{16,})",
              "k_live_",
              "k_test_",
              "whsec_"),
          shape("api-key", "\\b(sk-[\\w-]{16,})", SecretShape::hasDigit, "sk-"),
          shape(
              "api-key",
              "\\b(gl(?:pat|rt|dt|ptt|ft|soat|cbt|agent|oas|imt|ffct)-[\\w-]{20,}|npm_[A-Za-z0-9]{36}|pypi-[\\w-]{16,}|hf_[A-Za-z0-9]{30,}"
                  + "|SG\\.[\\w-]{16,}\\.[\\w-]{16,}|do[opr]_v1_[a-f0-9]{32,}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"
                  + "|dapi[a-f0-9]{32}|xai-[A-Za-z0-9]{32,}|gsk_[A-Za-z0-9]{32,}"
                  + "|\\d{8,10}:AA[\\w-]{33})",
              "glpat-",
              "glrt-",
              "gldt-",
              "glptt-",
              "glft-",
              "glsoat-",
              "glcbt-",
              "glagent-",
              "gloas-",
              "glimt-",
              "glffct-",
              "npm_",
              "pypi-",
              "hf_",
              "sg.",
              "_v1_",
              "shp",
              "dapi",
              "xai-",
              "gsk_",
              ":aa"),
          shape(
              "api-key",
              "\\b(hv[sbr]\\.[\\w-]{24,}|dckr_[po]at_[\\w-]{20,}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"
                  + "|glc_[A-Za-z0-9+/]{32,400}={0,2}|SK[0-9a-f]{32}\\b|lin_api_[A-Za-z0-9]{32,}"
                  + "|dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{40,}|pscale_(?:tkn|pw|oauth)_[\\w.=-]{32,}"
                  + "|pul-[a-f0-9]{40}|NRAK-[A-Z0-9]{27}|sntry[su]_[\\w+/=.-]{32,}|PMAK-[a-f0-9]{24}-[a-f0-9]{34}"
                  + "|rubygems_[a-f0-9]{48}|ATATT3[\\w=-]{64,}|sbp_[a-f0-9]{40}|r8_[A-Za-z0-9]{37}"
                  + "|LTAI[A-Za-z0-9]{17,21}\\b|AGE-SECRET-KEY-1[A-Z0-9]{58}|[A-Za-z0-9]{14}\\.atlasv1\\.[\\w=-]{60,})",
              "hvs.",
              "hvb.",
              "hvr.",
              "dckr_",
              "glsa_",
              "glc_",
              "sk",
              "lin_api_",
              "dp.",
              "pscale_",
              "pul-",
              "nrak-",
              "sntry",
              "pmak-",
              "rubygems_",
              "atatt3",
              "sbp_",
              "r8_",
              "ltai",
              "age-secret-key-1",
              ".atlasv1."),
          shape(
              "bearer",
              "(?i)\\b(?:bearer|basic)[ \\t]+([\\w.~+/=-]{8,})",
              value -> value.length() >= 24 || hasDigit(value),
              "bearer",
              "basic"),
          shape(
              "password",
              "(?i)\\b[a-z][a-z0-9+.-]{1,20}://[^\\s/:@\"'<>]{0,256}:([^\\s/\"'<>]{1,256})@",
              "://"),
          shape(
              "assignment",
              "(?i)"
                  + NAME
                  + "[\"'\\\\]{0,3}\\s{0,3}(?::=|=>|[:=])\\s{0,3}"
                  + "(?:\\\\?\"([^\"\\\\\\n]{1,512})|'([^'\\n]{1,512})"
                  + "|([^\\s\"'\\\\,;&|<>(){}\\[\\]$]{3,512}))",
              SecretShape::mayBeSecret,
              NAME_HINTS),
          shape(
              "option",
              "(?i)--?[a-z-]{0,30}" + NAME + "[ \\t]+[\"']?([^\\s\"'$|;&-][^\\s\"'|;&]{2,512})",
              SecretShape::mayBeSecret,
              NAME_HINTS),
          shape(
              "password",
              "(?:\\s-u|--user)[ =]?[\"']?[^\\s:\"'/]{1,128}:([^\\s\"'/]{1,256})",
              value -> !value.chars().allMatch(Character::isDigit),
              " -u",
              "--user"),
          shape("password", "sshpass\\s+-p\\s*[\"']?([^\\s\"']+)", "sshpass"),
          shape("password", "\\bmysql\\w*[^\\n|;]{0,200}?\\s-p([^\\s\"']{3,256})", "mysql"),
          shape(
              "cookie",
              "(?i)\\b(?:set-)?cookie[\"']?\\s?:\\s?[\"']?([^\\n\"']{4,1000})",
              "cookie"));

  static final SecretShape EMAIL =
      shape("email", "\\b([\\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63})+)", "@");

  private static SecretShape shape(String kind, String pattern, String... hints) {
    return shape(kind, pattern, value -> true, hints);
  }

  private static SecretShape shape(
      String kind, String pattern, Predicate<String> real, String... hints) {
    return shape(kind, pattern, real, List.of(hints));
  }

  private static SecretShape shape(
      String kind, String pattern, Predicate<String> real, List<String> hints) {
    return new SecretShape(kind, hints, Pattern.compile(pattern), real);
  }

  private static boolean hasDigit(String value) {
    return value.chars().anyMatch(Character::isDigit);
  }

  private static boolean mayBeSecret(String value) {
    int word = 0;
    while (word < value.length() && Character.isLetter(value.charAt(word))) {
      word++;
    }
    return !value.startsWith("[redacted:")
        && !value.startsWith("$")
        && !NO_SECRETS.contains(value.substring(0, word).toLowerCase(java.util.Locale.ROOT));
  }
}
